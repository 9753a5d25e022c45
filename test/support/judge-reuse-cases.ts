/** Playbooks that ansible-core and netplay must run alike: blocks, handlers, `meta`, roles, includes and imports. */
import type { JudgeCase } from './judge-cases.js';

const onAll = (tasks: string, more = ''): string =>
  `- hosts: all\n  gather_facts: false\n${more}  tasks:\n${tasks.replace(/^/gm, '    ').trimEnd()}\n`;

const debug = (text: string): string => `- debug: { msg: "${text}" }\n`;

/** A role that says who brought it, and from where. */
const TELLS =
  "- debug: { msg: \"{{ role_name }} {{ ansible_role_name | default('') }} {{ role_path | basename }} {{ ansible_parent_role_names | default([]) }} {{ ansible_parent_role_paths | default([]) | map('basename') | list }}\" }\n";

export const REUSE_CASES: readonly JudgeCase[] = [
  {
    name: 'rescue: what failed, nested, and again behind it',
    play: onAll(`- block:
    - block:
        - command: /bin/false
          name: inner
          register: inner
      rescue:
        - debug: { msg: "{{ ansible_failed_task.name }} {{ ansible_failed_result.rc }} {{ inner is failed }}" }
        - fail: { msg: "again on {{ inventory_hostname }}" }
          name: second
          when: inventory_hostname != 'h3'
      always:
        - debug: { msg: inner always }
    - debug: { msg: only on h3 }
  rescue:
    - debug: { msg: "{{ ansible_failed_task.name }} {{ ansible_failed_result.msg }}" }
  always:
    - debug: { msg: outer always }
- debug: { msg: "{{ ansible_failed_task is defined }}" }
`),
  },
  {
    name: 'rescue of a loop, of an undefined name, and of what ignores errors',
    play: onAll(`- block:
    - command: "test {{ item }} = a"
      loop: [a, b, c]
      register: looped
  rescue:
    - debug: { msg: "{{ ansible_failed_result.results | map(attribute='rc') | list }} {{ looped.results | length }}" }
- block:
    - debug: { msg: "{{ no_such_name }}" }
  rescue:
    - debug: { msg: rescued }
- block:
    - fail: { msg: x }
      ignore_errors: true
    - debug: { msg: goes on }
  rescue:
    - debug: { msg: never }
- block:
    - fail: { msg: x }
  rescue: []
  always:
    - debug: { msg: always }
  ignore_errors: true
- debug: { msg: last }
`),
  },
  {
    name: 'a rescue clears the failure for any_errors_fatal and for max_fail_percentage',
    play: onAll(
      `- block:
    - fail: { msg: x }
      when: inventory_hostname == 'h1'
  rescue:
    - debug: { msg: rescued }
- debug: { msg: all go on }
`,
      '  any_errors_fatal: true\n',
    ),
  },
  {
    name: 'always where nothing failed, and where it ends the host',
    play: onAll(`- block:
    - debug: { msg: in }
  always:
    - debug: { msg: always }
- block:
    - fail: { msg: x }
  rescue:
    - debug: { msg: "rescued" }
  always:
    - meta: end_host
      when: inventory_hostname == 'h2'
    - debug: { msg: "not on h2" }
- debug: { msg: after }
`),
  },
  {
    name: 'handlers: conditions, loops, includes, and names of variables',
    files: { 'handled.yml': debug('handled one') + debug('handled two') },
    play: `- hosts: all
  gather_facts: false
  vars: { who: named }
  handlers:
    - name: "{{ who }} handler"
      debug: { msg: by its name }
    - name: looped
      debug: { msg: "{{ item }}" }
      loop: [1, 2]
    - name: conditional
      debug: { msg: not on h1 }
      when: inventory_hostname != 'h1'
    - name: included
      include_tasks: handled.yml
    - name: listens
      debug: { msg: listens }
      listen: [topic, other topic]
    - name: too
      debug: { msg: listens too }
      listen: topic
    - name: quiet
      debug: { msg: never told }
  tasks:
    - debug: { msg: told }
      changed_when: true
      notify: [named handler, looped]
    - debug: { msg: told }
      changed_when: true
      notify: conditional
    - debug: { msg: told }
      changed_when: true
      notify: [included, topic, other topic]
    - debug: { msg: looped }
      loop: [1, 2]
      changed_when: item == 2 and inventory_hostname == 'h2'
      notify: looped
`,
  },
  {
    name: 'handlers: of a block, of the same name, flushed in between, and told by a handler',
    play: `- hosts: all
  gather_facts: false
  handlers:
    - name: twin
      debug: { msg: first twin }
    - name: twin
      debug: { msg: second twin }
    - name: tells
      debug: { msg: tells }
      changed_when: true
      notify: [late, early]
    - name: late
      debug: { msg: late }
    - name: early
      debug: { msg: early }
  tasks:
    - block:
        - debug: { msg: told }
          changed_when: true
        - debug: { msg: unchanged }
      notify: twin
    - meta: flush_handlers
    - debug: { msg: told }
      changed_when: true
      notify: tells
    - meta: flush_handlers
      when: inventory_hostname == 'h1'
    - debug: { msg: between }
    - debug: { msg: told }
      changed_when: true
      notify: twin
  post_tasks:
    - debug: { msg: post }
`,
  },
  {
    name: 'a handler that fails, and what is still to run behind it',
    play: `- hosts: all
  gather_facts: false
  handlers:
    - name: fails
      fail: { msg: x }
      when: inventory_hostname == 'h1'
    - name: behind
      debug: { msg: behind }
  pre_tasks:
    - debug: { msg: told }
      changed_when: true
      notify: [fails, behind]
  tasks:
    - debug: { msg: task }
`,
  },
  {
    name: 'force_handlers of a block that fails on one host',
    play: `- hosts: all
  gather_facts: false
  force_handlers: true
  handlers:
    - name: told
      debug: { msg: told }
  tasks:
    - debug: { msg: told }
      changed_when: true
      notify: told
    - block:
        - fail: { msg: x }
          when: inventory_hostname == 'h1'
    - debug: { msg: after }
`,
  },
  {
    name: 'a role’s handlers by their long names, and those of the play before them',
    files: {
      'roles/r/tasks/main.yml':
        '- debug: { msg: told }\n  changed_when: true\n  notify: restart\n- debug: { msg: told }\n  changed_when: true\n  notify: "r : other"\n',
      'roles/r/handlers/main.yml':
        '- name: restart\n  debug: { msg: of the role }\n- name: other\n  debug: { msg: other }\n- name: far\n  debug: { msg: far }\n  listen: topic\n',
    },
    play: `- hosts: all
  gather_facts: false
  roles: [r]
  handlers:
    - name: restart
      debug: { msg: of the play }
  tasks:
    - debug: { msg: told }
      changed_when: true
      notify: [topic, "r : restart"]
`,
  },
  {
    name: 'meta: noop, clear_facts, clear_host_errors, end_host, end_batch and end_play',
    play: `- hosts: all
  gather_facts: false
  serial: 2
  tasks:
    - meta: noop
    - set_fact: { kept: 1, cacheable: true }
    - meta: clear_facts
    - debug: { msg: "{{ kept | default('gone') }}" }
    - meta: end_batch
      when: inventory_hostname == 'h1'
    - debug: { msg: "reached by {{ inventory_hostname }}" }
- hosts: all
  gather_facts: false
  tasks:
    - meta: clear_host_errors
    - meta: reset_connection
    - meta: refresh_inventory
    - debug: { msg: "{{ groups.all | length }}" }
    - meta: end_play
      when: inventory_hostname == 'h9'
    - debug: { msg: here }
- hosts: all
  gather_facts: false
  tasks:
    - meta: end_play
    - debug: { msg: never }
- hosts: first
  gather_facts: false
  tasks:
    - debug: { msg: next }
`,
  },
  {
    name: 'clear_host_errors',
    // ansible-core lets the host take part again from the next play on, and forgets that it failed.
    code: { ansible: 0, netplay: 2 },
    play: onAll(`- fail: { msg: x }
  when: inventory_hostname == 'h2'
- meta: clear_host_errors
- debug: { msg: all again }
`),
  },
  {
    name: 'roles: dependencies, parameters, and what stands twice',
    files: {
      'roles/low/defaults/main.yml': 'p: default\n',
      'roles/low/tasks/main.yml': `${debug('low {{ p }}')}${TELLS}`,
      'roles/mid/meta/main.yml': 'dependencies:\n  - { role: low, p: of mid }\n',
      'roles/mid/tasks/main.yml': `${debug("mid {{ p | default('none') }}")}${TELLS}`,
      'roles/top/meta/main.yml':
        'allow_duplicates: true\ndependencies:\n  - role: mid\n    tags: [midtag]\n  - low\n',
      'roles/top/tasks/main.yml': `${debug('top {{ q }}')}${TELLS}`,
    },
    play: `- hosts: all
  gather_facts: false
  roles:
    - { role: top, q: 1 }
    - { role: top, q: 1 }
    - role: low
      vars: { p: given }
    - role: low
      when: inventory_hostname == 'h1'
  tasks:
    - import_role: { name: low }
    - debug: { msg: "{{ p | default('none') }}" }
`,
  },
  {
    name: 'roles: vars/main and defaults/main as folders, and other files than main',
    files: {
      'roles/r/defaults/main/a.yml': 'a: default a\nz: default z\n',
      'roles/r/defaults/main/b.yml': 'b: default b\n',
      'roles/r/vars/main/one.yml': 'one: var one\nz: from one\n',
      'roles/r/vars/main/two.yaml': 'two: var two\nz: from two\n',
      'roles/r/vars/other.yml': 'one: other one\n',
      'roles/r/defaults/other.yml': 'a: other a\n',
      'roles/r/handlers/other.yml': '- name: from other\n  debug: { msg: handler of other }\n',
      'roles/r/tasks/main.yml': debug(
        "{{ a | default('-') }} {{ b | default('-') }} {{ one | default('-') }} {{ two | default('-') }} {{ z | default('-') }}",
      ),
      'roles/r/tasks/sub/more.yml': `${debug('more {{ a }} {{ one }}')}- debug: { msg: told }\n  changed_when: true\n  notify: from other\n`,
    },
    play: `- hosts: all
  gather_facts: false
  roles: [r]
  tasks:
    - include_role: { name: r, vars_from: other, defaults_from: other.yml }
    - include_role:
        name: r
        tasks_from: sub/more.yml
        handlers_from: other
    - include_role: { name: r, tasks_from: sub/more, vars_from: other.yml, defaults_from: other, handlers_from: other.yml }
`,
  },
  {
    name: 'include_role: public or not, in a loop, with apply, and what tells where it is',
    files: {
      'roles/inner/defaults/main.yml': 'd: default\n',
      'roles/inner/vars/main.yml': 'v: var\n',
      'roles/inner/tasks/main.yml': `${debug('{{ d }} {{ v }} {{ given | default(0) }} {{ item | default(0) }}')}${TELLS}`,
      'roles/outer/tasks/main.yml': `${TELLS}- include_role: { name: inner }\n- import_role: { name: inner }\n`,
    },
    play: onAll(`- include_role: { name: inner }
- debug: { msg: "{{ d | default('hidden') }} {{ v | default('hidden') }}" }
- include_role: { name: outer }
- include_role: { name: inner }
  vars: { given: "{{ item }}" }
  loop: [1, 2]
- include_role: { name: "{{ item }}" }
  loop: [inner, outer]
  when: inventory_hostname == 'h1'
- include_role:
    name: inner
    public: true
    apply: { vars: { given: applied } }
- debug: { msg: "{{ d | default('hidden') }} {{ v | default('hidden') }}" }
`),
  },
  {
    name: 'import_role shows its variables to what stands beside it',
    files: {
      'roles/r/defaults/main.yml': 'd: default\n',
      'roles/r/vars/main.yml': 'v: var\n',
      'roles/r/tasks/main.yml': debug('{{ d }} {{ v }}'),
    },
    play: onAll(`- debug: { msg: "{{ d | default('no') }} {{ v | default('no') }}" }
- import_role: { name: r }
  vars: { d: given }
- debug: { msg: "{{ d | default('no') }} {{ v | default('no') }}" }
`),
  },
  {
    name: 'tags of imports and includes',
    args: ['--tags', 'wanted'],
    files: {
      'part.yml': '- debug: { msg: plain }\n- debug: { msg: tagged }\n  tags: wanted\n',
      'roles/r/tasks/main.yml':
        '- debug: { msg: role plain }\n- debug: { msg: role tagged }\n  tags: wanted\n',
    },
    play: onAll(`- import_tasks: part.yml
  tags: wanted
- include_tasks: part.yml
  tags: wanted
- include_tasks: { file: part.yml, apply: { tags: wanted } }
  tags: wanted
- include_tasks: part.yml
- import_role: { name: r }
  tags: wanted
- include_role: { name: r }
  tags: wanted
- include_role: { name: r, apply: { tags: [wanted] } }
  tags: [wanted]
- import_role: { name: r }
- block:
    - include_tasks: part.yml
  tags: wanted
`),
  },
  {
    name: 'conditions of imports and includes: asked for each task, or once',
    files: {
      'sets.yml': '- set_fact: { go: false }\n- debug: { msg: behind }\n',
    },
    play: onAll(
      `- import_tasks: sets.yml
  when: go
- set_fact: { go: true }
- include_tasks: sets.yml
  when: go
- include_tasks: sets.yml
  when: go
- include_tasks: { file: sets.yml, apply: { when: "inventory_hostname == 'h1'" } }
`,
      '  vars: { go: true }\n',
    ),
  },
  {
    name: 'include_tasks: loops within loops, its own names, registered and failing',
    files: {
      'outer.yml':
        '- include_tasks: inner.yml\n  loop: [x, y]\n  loop_control: { loop_var: small }\n  when: item != 2\n',
      'inner.yml': '- debug: { msg: "{{ item }}{{ small }} {{ n | default(9) }}" }\n',
      'fails.yml':
        "- name: fails\n  fail: { msg: x }\n  when: inventory_hostname == 'h3'\n- debug: { msg: not on h3 }\n",
    },
    play: onAll(`- include_tasks: outer.yml
  loop: [1, 2, 3]
  loop_control: { index_var: n, label: "n{{ n }}" }
- block:
    - include_tasks: fails.yml
  rescue:
    - debug: { msg: "rescued {{ ansible_failed_task.name }}" }
- include_tasks:
    file: "{{ item }}"
  with_items: [fails.yml]
  when: inventory_hostname == 'h1'
- debug: { msg: last }
`),
  },
  {
    name: 'import_playbook with variables, tags and conditions',
    args: ['--skip-tags', 'left'],
    files: {
      'other.yml': onAll(`- debug: { msg: "other {{ a }} {{ b | default('none') }}" }
- debug: { msg: left out }
  tags: left
`),
      'sub/deep.yml': onAll(`- include_tasks: beside.yml
- debug: { msg: "{{ playbook_dir | basename }}" }
`),
      'sub/beside.yml': debug('beside deep'),
    },
    play: `- import_playbook: other.yml
  vars: { a: 1 }
- import_playbook: other.yml
  vars: { a: 2, b: 3 }
  when: inventory_hostname != 'h2'
- import_playbook: sub/deep.yml
  tags: deep
`,
  },
  {
    name: 'include_vars: a folder, its depth, patterns, endings, a name, and a hash',
    files: {
      'vars.d/a.yml': 'a: 1\nboth: a\n',
      'vars.d/b.yaml': 'b: 2\nboth: b\n',
      'vars.d/c.json': '{"c": 3}\n',
      'vars.d/d.txt': 'not: yaml: at all\n',
      'vars.d/deep/e.yml': 'e: 5\n',
      'vars.d/deep/er/f.yml': 'f: 6\n',
      'single.yml': 'a: single\n',
    },
    play: onAll(`- include_vars: { dir: vars.d, depth: 1, extensions: [yml, yaml, json], ignore_files: [d.txt], name: flat }
- debug: { msg: "{{ flat | dict2items | sort(attribute='key') }}" }
- include_vars: { dir: vars.d, depth: 2, ignore_files: [d.txt, b.yaml], name: two }
- debug: { msg: "{{ two | dict2items | sort(attribute='key') }}" }
- include_vars: { dir: vars.d, files_matching: "^[ae].*", extensions: [yml], name: some }
- debug: { msg: "{{ some | dict2items | sort(attribute='key') }}" }
- include_vars: { dir: vars.d, ignore_unknown_extensions: true, name: all }
- debug: { msg: "{{ all | dict2items | sort(attribute='key') }}" }
- include_vars: { file: single.yml }
- debug: { msg: "{{ a }}" }
- include_vars: single.yml
  register: got
- debug: { msg: "{{ got.ansible_facts }} {{ got.ansible_included_var_files | length }}" }
- include_vars: "{{ item }}"
  with_first_found: [none.yml, vars.d/c.json]
- debug: { msg: "{{ c }}" }
- block:
    - include_vars: { dir: vars.d }
  rescue:
    - debug: { msg: another ending }
`),
  },
  {
    name: 'files and templates of a role, of the play, and of an included file',
    files: {
      'roles/r/files/f': 'of the role\n',
      'roles/r/templates/t.j2': 'role {{ role_name }}\n',
      'roles/r/tasks/main.yml':
        "- debug: { msg: \"{{ lookup('file', 'f') }} {{ lookup('template', 't.j2') | trim }}\" }\n- include_tasks: more.yml\n",
      'roles/r/tasks/more.yml': "- debug: { msg: \"{{ lookup('file', 'g') }} {{ lookup('file', 'f') }}\" }\n",
      'files/g': 'of the play\n',
      'files/f': 'shadowed\n',
      'part/files/h': 'beside the file\n',
      'part/tasks.yml': "- debug: { msg: \"{{ lookup('file', 'h') }} {{ lookup('file', 'f') }}\" }\n",
    },
    play: `- hosts: all
  gather_facts: false
  roles: [r]
  tasks:
    - include_tasks: part/tasks.yml
    - import_tasks: part/tasks.yml
`,
  },
];
