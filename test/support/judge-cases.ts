/** Playbooks that ansible-core and netplay must run alike: small ones, each about one thing. */
export interface JudgeCase {
  name: string;
  /** The playbook's text. */
  play: string;
  /** Further files beside it, by their names. */
  files?: Readonly<Record<string, string>>;
  args?: readonly string[];
  /** Where netplay differs on purpose in its exit code. */
  code?: { ansible: number; netplay: number };
}

const onAll = (tasks: string, more = ''): string =>
  `- hosts: all\n  gather_facts: false\n${more}  tasks:\n${tasks.replace(/^/gm, '    ').trimEnd()}\n`;

export const JUDGE_CASES: readonly JudgeCase[] = [
  {
    name: 'precedence of variables, one level over the next',
    files: {
      'group_vars/all.yml': 'a: group_all\nb: group_all\nc: group_all\nd: group_all\n',
      'host_vars/h1.yml': 'b: host\nc: host\nd: host\n',
      'vars.yml': 'd: file\ne: file\n',
    },
    args: ['-e', 'z=extra'],
    play: `- hosts: all
  gather_facts: false
  vars: { c: play, d: play, e: play, f: play, z: play }
  vars_files: [vars.yml]
  tasks:
    - debug: { msg: "{{ a }} {{ b }} {{ c }} {{ d }} {{ e }} {{ f }} {{ z }}" }
      vars: { f: task, z: task }
    - block:
        - debug: { msg: "{{ f }} {{ g }}" }
          vars: { g: task }
      vars: { f: block, g: block }
    - set_fact: { f: fact, c: fact }
    - debug: { msg: "{{ f }} {{ c }} {{ z }}" }
      vars: { f: task, z: task }
`,
  },
  {
    name: 'when: lists, skipped tasks and what register keeps of them',
    play: onAll(`- command: echo one
  register: one
  when: [inventory_hostname == 'h1', true]
- debug: { msg: "{{ one is skipped }} {{ one.changed }} {{ one.stdout | default('none') }}" }
- debug: { msg: never }
  when: one.stdout is defined and one.stdout == 'two'
`),
  },
  {
    name: 'loop: items, index, label and results',
    play: onAll(`- command: "echo {{ item }} {{ i }}"
  loop: [a, b, "{{ inventory_hostname }}"]
  loop_control: { index_var: i, label: "{{ item }}" }
  register: said
- debug: { msg: "{{ said.results | map(attribute='stdout') | list }}" }
- debug: { msg: "{{ said.results[1].item }} {{ said.results | length }} {{ said.changed }}" }
- debug: { msg: "{{ item.0 }}-{{ item.1 }}" }
  loop: "{{ [1, 2] | product(['x', 'y']) | list }}"
`),
  },
  {
    name: 'set_fact and register in a loop, as the next item sees them',
    play: onAll(
      `- set_fact: { list: "{{ list | default([]) + [item * 2] }}", grown: "{{ grown + [item] }}" }
  loop: [1, 2, 3]
- debug: { msg: "{{ list }} {{ grown }}" }
- command: "echo {{ before.stdout | default('none') }}{{ item }}"
  loop: [a, b, c]
  register: before
- debug: { msg: "{{ before.results | map(attribute='stdout') | list }}" }
- set_fact: { by_name: "{{ by_name | default({}) | combine({item.name: item.dev}) }}" }
  loop: [{ name: x, dev: eth0 }, { name: y, dev: eth1 }]
  when: item.name != 'z'
- debug: { msg: "{{ by_name.y }}{{ by_name.x }}" }
`,
      '  vars: { grown: [0] }\n',
    ),
  },
  {
    name: 'a loop whose condition leaves items out',
    play: onAll(`- command: "echo {{ item }}"
  loop: [1, 2, 3, 4]
  when: item % 2 == 0
  register: even
- debug: { msg: "{{ even.results | map(attribute='skipped', default=false) | list }}" }
- command: "echo {{ item }}"
  loop: [1, 2]
  when: item > 5
  register: nothing
- debug: { msg: "{{ nothing is skipped }}" }
- debug: { msg: x }
  loop: []
`),
  },
  {
    name: 'loop_control extended and an inner name',
    play: onAll(`- debug: { msg: "{{ thing }} {{ ansible_loop.index }} {{ ansible_loop.first }} {{ ansible_loop.last }} {{ ansible_loop.length }}" }
  loop: [a, b, c]
  loop_control: { loop_var: thing, extended: true }
`),
  },
  {
    name: 'with_items, with_dict, with_together, with_sequence, with_nested',
    play: onAll(`- debug: { msg: "{{ item }}" }
  with_items: [1, [2, 3], [[4]]]
- debug: { msg: "{{ item.key }}={{ item.value }}" }
  with_dict: { one: 1, two: 2 }
- debug: { msg: "{{ item.0 }}{{ item.1 }}" }
  with_together: [[a, b], [1, 2]]
- debug: { msg: "{{ item }}" }
  with_sequence: start=1 end=5 stride=2 format=n%02d
- debug: { msg: "{{ item[0] }}{{ item[1] }}" }
  with_nested: [[a, b], [1, 2]]
`),
  },
  {
    name: 'until, retries and attempts',
    play: onAll(`- shell: "echo x >> /tmp/netplay-tries; wc -l < /tmp/netplay-tries"
  register: tries
  until: tries.stdout | int >= 3
  retries: 5
  delay: 0
- debug: { msg: "{{ tries.attempts }} {{ tries.stdout | trim }}" }
- command: rm -f /tmp/netplay-tries
- command: "false"
  register: bad
  until: bad.rc == 0
  retries: 2
  delay: 0
  ignore_errors: true
- debug: { msg: "{{ bad.attempts }} {{ bad is failed }} {{ bad.rc }}" }
`),
  },
  {
    name: 'changed_when and failed_when',
    play: onAll(`- command: echo same
  register: out
  changed_when: "'other' in out.stdout"
- debug: { msg: "{{ out.changed }}" }
- command: echo bad
  register: out
  failed_when: [out.stdout == 'bad', inventory_hostname == 'h2']
- debug: { msg: after }
- command: "false"
  failed_when: false
  changed_when: [true, false]
`),
  },
  {
    name: 'ignore_errors, and a failure that ends a host',
    play: onAll(`- command: "false"
  ignore_errors: true
  register: bad
- debug: { msg: "{{ bad.rc }} {{ bad is failed }}" }
- fail: { msg: "{{ inventory_hostname }} goes" }
  when: inventory_hostname == 'h2'
- debug: { msg: left }
`),
  },
  {
    name: 'block, rescue and always',
    play: onAll(`- block:
    - debug: { msg: in }
    - name: breaks
      fail: { msg: because }
      when: inventory_hostname == 'h1'
    - debug: { msg: not on h1 }
  rescue:
    - debug: { msg: "{{ ansible_failed_task.name }}: {{ ansible_failed_result.msg }}" }
  always:
    - debug: { msg: always }
- debug: { msg: after }
`),
  },
  {
    name: 'a rescue that fails, with its always',
    play: onAll(`- block:
    - command: "false"
      name: first
  rescue:
    - command: "false"
      name: second
      when: inventory_hostname == 'h1'
  always:
    - debug: { msg: always }
- debug: { msg: after }
`),
  },
  {
    name: 'nested blocks with conditions and variables',
    play: onAll(`- block:
    - block:
        - debug: { msg: "{{ a }}{{ b }}" }
          when: inventory_hostname != 'h3'
      vars: { b: 2 }
      when: inventory_hostname != 'h2'
    - debug: { msg: "{{ a }}" }
  vars: { a: 1 }
`),
  },
  {
    name: 'handlers: once, in their order, listen, flush',
    play: `- hosts: all
  gather_facts: false
  handlers:
    - name: second
      debug: { msg: second }
    - name: first
      debug: { msg: first }
      listen: a topic
    - name: third
      debug: { msg: third }
  tasks:
    - command: echo
      notify: [first, second]
    - command: echo
      notify: a topic
      when: inventory_hostname == 'h1'
    - command: echo
      changed_when: false
      notify: third
    - meta: flush_handlers
    - debug: { msg: after }
    - command: echo
      notify: second
`,
  },
  {
    name: 'handlers that tell handlers, and a host that fails before they run',
    play: `- hosts: all
  gather_facts: false
  handlers:
    - name: one
      command: echo one
      notify: two
    - name: two
      debug: { msg: two }
  tasks:
    - command: echo
      notify: one
    - fail: { msg: gone }
      when: inventory_hostname == 'h2'
`,
  },
  {
    name: 'force_handlers',
    play: `- hosts: all
  gather_facts: false
  force_handlers: true
  handlers:
    - name: one
      debug: { msg: one }
  tasks:
    - command: echo
      notify: one
    - fail: { msg: gone }
      when: inventory_hostname == 'h2'
`,
  },
  {
    name: 'pre_tasks, roles, tasks, post_tasks, with a role’s parts',
    files: {
      'roles/base/defaults/main.yml': 'level: default\nother: default\n',
      'roles/base/vars/main.yml': 'own: role\n',
      'roles/base/tasks/main.yml':
        '- debug: { msg: "{{ level }} {{ other }} {{ own }} {{ role_name }}" }\n- command: echo\n  notify: of the role\n- import_tasks: more.yml\n',
      'roles/base/tasks/more.yml': '- debug: { msg: more }\n',
      'roles/base/handlers/main.yml': '- name: of the role\n  debug: { msg: handled }\n',
      'roles/top/meta/main.yml': 'dependencies:\n  - role: base\n    vars: { level: dependency }\n',
      'roles/top/tasks/main.yml': '- debug: { msg: top }\n',
    },
    play: `- hosts: all
  gather_facts: false
  pre_tasks:
    - debug: { msg: pre }
  roles:
    - top
    - { role: base, level: given, tags: [based] }
  tasks:
    - debug: { msg: "{{ other }} {{ own }}" }
  post_tasks:
    - debug: { msg: post }
`,
  },
  {
    name: 'tags',
    args: ['--tags', 'one,three'],
    play: onAll(`- debug: { msg: 1 }
  tags: one
- debug: { msg: 2 }
  tags: [two]
- block:
    - debug: { msg: 3 }
    - debug: { msg: 4 }
      tags: never
  tags: three
- debug: { msg: 5 }
  tags: always
- debug: { msg: 6 }
`),
  },
  {
    name: 'skipped tags',
    args: ['--skip-tags', 'two,always'],
    play: onAll(`- debug: { msg: 1 }
  tags: one
- debug: { msg: 2 }
  tags: [two, one]
- debug: { msg: 5 }
  tags: always
- debug: { msg: 6 }
`),
  },
  {
    name: 'include_tasks with a loop and variables, by host',
    files: {
      'for-h1.yml': '- debug: { msg: "h1 {{ x }}" }\n',
      'for-h2.yml': '- debug: { msg: "h2 {{ x }}" }\n- debug: { msg: more }\n',
      'for-h3.yml': '- debug: { msg: "h3 {{ x }}" }\n',
      'item.yml': '- debug: { msg: "{{ item }} {{ x }}" }\n',
    },
    play: onAll(`- include_tasks: "for-{{ inventory_hostname }}.yml"
  vars: { x: given }
- include_tasks: item.yml
  loop: [1, 2]
  vars: { x: in a loop }
  when: inventory_hostname != 'h3'
`),
  },
  {
    name: 'import_tasks with a condition',
    files: { 'part.yml': '- command: echo\n  register: r\n- debug: { msg: "{{ r.changed }}" }\n' },
    play: onAll(`- import_tasks: part.yml
  when: inventory_hostname == 'h1'
- debug: { msg: after }
`),
  },
  {
    name: 'include_role and what it leaves behind',
    files: {
      'roles/inner/tasks/main.yml': '- debug: { msg: "{{ v }} {{ d }}" }\n',
      'roles/inner/tasks/other.yml': '- debug: { msg: "other {{ d }}" }\n',
      'roles/inner/defaults/main.yml': 'd: default\nv: default\n',
    },
    play: onAll(`- include_role: { name: inner }
  vars: { v: given }
- include_role: { name: inner, tasks_from: other }
- import_role: { name: inner, tasks_from: other.yml }
- debug: { msg: "{{ d | default('not seen') }}" }
`),
  },
  {
    name: 'include_vars and set_fact over play variables',
    files: { 'more.yml': 'a: included\nb: included\n' },
    play: onAll(
      `- include_vars: more.yml
  when: inventory_hostname == 'h1'
- debug: { msg: "{{ a }} {{ b | default('none') }}" }
- set_fact: { a: "{{ a }} and set", n: 5, l: [1, 2] }
- debug: { msg: "{{ a }} {{ n + 1 }} {{ l + [3] }}" }
`,
      '  vars: { a: play }\n',
    ),
  },
  {
    name: 'serial: a canary, then the rest; a batch that fails ends it',
    play: `- hosts: all
  gather_facts: false
  serial: [1, 2]
  tasks:
    - debug: { msg: "{{ ansible_play_batch }} of {{ ansible_play_hosts_all }}" }
- hosts: all
  gather_facts: false
  serial: 1
  tasks:
    - fail: { msg: gone }
      when: inventory_hostname == 'h2'
    - debug: { msg: after }
- hosts: all
  gather_facts: false
  tasks:
    - debug: { msg: never }
`,
  },
  {
    name: 'max_fail_percentage',
    play: `- hosts: all
  gather_facts: false
  serial: 2
  max_fail_percentage: 40
  tasks:
    - fail: { msg: gone }
      when: inventory_hostname == 'h1'
    - debug: { msg: after }
`,
  },
  {
    name: 'any_errors_fatal',
    play: onAll(
      `- debug: { msg: before }
- fail: { msg: gone }
  when: inventory_hostname == 'h3'
- debug: { msg: after }
`,
      '  any_errors_fatal: true\n',
    ),
  },
  {
    name: 'run_once: its result is everybody’s',
    play: onAll(`- command: "echo {{ inventory_hostname }}"
  run_once: true
  register: once
- debug: { msg: "{{ once.stdout }}" }
`),
  },
  {
    name: 'delegate_to another host and to the machine itself',
    play: onAll(`- command: hostname
  delegate_to: h1
  register: there
- debug: { msg: "{{ there.stdout | length > 0 }} {{ inventory_hostname }}" }
- set_fact: { given: "{{ inventory_hostname }}" }
  delegate_to: h2
  delegate_facts: true
  when: inventory_hostname == 'h1'
- debug: { msg: "{{ given | default('none') }} {{ hostvars['h2'].given }}" }
- local_action: command echo here
  register: local
- debug: { msg: "{{ local.stdout }}" }
`),
  },
  {
    name: 'hostvars of others, groups and magic names',
    play: onAll(`- set_fact: { mine: "value of {{ inventory_hostname }}" }
- debug: { msg: "{{ groups['all'] | map('extract', hostvars, 'mine') | list }}" }
- debug: { msg: "{{ group_names }} {{ groups.first }} {{ inventory_hostname_short }} {{ ansible_check_mode }}" }
- debug: { msg: "{{ ansible_play_hosts | length }} {{ play_hosts | length }} {{ playbook_dir | basename | length > 0 }}" }
`),
  },
  {
    name: 'templates: filters, tests and native types',
    play: onAll(
      `- debug: { msg: "{{ nets | map(attribute='dev') | sort | join(',') }}" }
- debug: { msg: "{{ nets | selectattr('mtu', 'defined') | list | length }}" }
- debug: { msg: "{{ {'a': 1} | combine({'b': {'c': 2}}, recursive=true) | dict2items }}" }
- debug: { msg: "{{ '10.1.2.3' | regex_replace('^(\\\\d+)\\\\..*$', '\\\\1') }} {{ [3, 1, 2] | sort | first }}" }
- debug: { msg: "{% for n in nets %}{{ n.dev }}{% if not loop.last %},{% endif %}{% endfor %}" }
- debug: { msg: "{{ missing | default('fallback') }} {{ '5' | int + 1 }} {{ true | ternary('y', 'n') }}" }
`,
      '  vars: { nets: [{ dev: eth1, mtu: 1500 }, { dev: eth0 }] }\n',
    ),
  },
  {
    name: 'an undefined variable fails the task on its host',
    play: onAll(`- debug: { msg: "{{ nothing_of_that_name }}" }
  when: inventory_hostname == 'h1'
- debug: { msg: after }
`),
  },
  {
    name: 'assert with its messages',
    play: onAll(`- assert:
    that: [1 == 1, "inventory_hostname != 'h2'"]
    fail_msg: not on h2
    success_msg: fine
  register: asserted
  ignore_errors: true
- debug: { msg: "{{ asserted.msg }} {{ asserted is failed }}" }
`),
  },
  {
    name: 'end_host and end_play',
    play: `${onAll(`- meta: end_host
  when: inventory_hostname == 'h1'
- debug: { msg: "on {{ inventory_hostname }}" }
- meta: end_play
- debug: { msg: never }
`)}${onAll('- debug: { msg: next play }\n')}`,
  },
  {
    name: 'add_host and group_by make hosts of later plays',
    play: `${onAll(`- group_by: { key: "kind_{{ 'odd' if inventory_hostname in ['h1', 'h3'] else 'even' }}" }
- add_host: { name: h4, groups: added, ansible_connection: local, who: new }
`)}- hosts: kind_odd
  gather_facts: false
  tasks:
    - debug: { msg: "{{ group_names }}" }
- hosts: added
  gather_facts: false
  tasks:
    - debug: { msg: "{{ who }}" }
`,
  },
  {
    name: 'order and limit',
    args: ['--limit', 'h1:h3'],
    play: `- hosts: all
  gather_facts: false
  order: reverse_sorted
  serial: 1
  tasks:
    - debug: { msg: "{{ ansible_play_hosts_all }}" }
`,
  },
  {
    name: 'environment, from the play to the task',
    play: onAll(
      `- shell: echo "$A $B"
  environment: { B: task }
  register: out
- debug: { msg: "{{ out.stdout }}" }
`,
      '  environment: { A: play, B: play }\n',
    ),
  },
  {
    name: 'check_mode of a task, and the run’s',
    args: ['--check'],
    play: onAll(`- command: echo really
  check_mode: false
  register: out
- debug: { msg: "{{ out.stdout }} {{ ansible_check_mode }}" }
`),
  },
];
