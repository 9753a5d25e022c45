/** Playbooks of which ansible-core and netplay must list the same tasks and tags. */
const task = (name: string, more = ''): string =>
  `- {name: ${name}, debug: ${more === '' ? '' : `, ${more}`}}\n`;

/** Files below one folder; each of `PLAYBOOKS` is listed. */
export const LIST_FILES: Readonly<Record<string, string>> = {
  'sections.yml': `- name: sections
  hosts: all
  tags: [play]
  post_tasks: [{name: post, debug: }]
  tasks:
    - {name: main, debug: , tags: "a, b"}
    - debug:
    - {name: lined, debug: msg=x}
  pre_tasks: [{name: pre, debug: , tags: [pre]}]
  roles: [{role: web, tags: [w]}, base]
  handlers: [{name: h, debug: }]
`,
  'blocks.yml': `- hosts: all
  tasks:
    - name: outer
      tags: o
      block:
        - {name: one, debug: }
        - block:
            - {name: two, debug: , tags: t}
          tags: [i]
        - meta: noop
    - {name: never, debug: , tags: never}
    - {name: always, debug: , tags: always}
`,
  'imports.yml': `- hosts: all
  tasks:
    - import_tasks: more/first.yml
      tags: [i]
    - import_role: {name: web, tasks_from: other}
      tags: r
    - import_role: {name: web}
    - include_tasks: more/first.yml
      tags: inc
    - include_role: {name: base}
    - {name: included by name, include_role: {name: base}}
- import_playbook: sections.yml
  tags: imported
`,
  'twice.yml': `- hosts: all
  roles: [base, {role: base, tags: x}, {role: base, given: 1}, {role: base, vars: {given: 2}}, again, again]
`,
  'more/first.yml': `${task('first', 'tags: f')}- import_tasks: second.yml\n`,
  'more/second.yml': task('second'),
  'roles/web/meta/main.yml': 'dependencies: [base]\n',
  'roles/web/tasks/main.yml': `${task('web task', 'tags: own')}- import_tasks: other.yml\n`,
  'roles/web/tasks/other.yml': task('other'),
  'roles/web/handlers/main.yml': task('restart'),
  'roles/base/tasks/main.yml': task('base task'),
  'roles/again/meta/main.yml': 'allow_duplicates: true\n',
  'roles/again/tasks/main.yml': task('again task'),
};

export const PLAYBOOKS = ['sections.yml', 'blocks.yml', 'imports.yml', 'twice.yml'];

/** Further words of the command line. */
export const SELECTIONS: readonly (readonly string[])[] = [
  [],
  ['--tags', 'own,t,i'],
  ['--skip-tags', 'a,o,always'],
  ['--tags', 'never,untagged'],
];
