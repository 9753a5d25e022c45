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
    name: 'async: waited for, and asked for later',
    play: onAll(`- command: sh -c "sleep 1; echo {{ inventory_hostname }}"
  async: 30
  poll: 1
  register: out
- debug: { msg: "{{ out.finished }} {{ out.started }} {{ out.ansible_job_id is defined }}" }
- command: sh -c "sleep 1; echo {{ item }}"
  loop: [a, b]
  async: 30
  poll: 0
  register: jobs
- debug: { msg: "{{ jobs.results | map(attribute='finished') | list }} {{ jobs.changed }}" }
- async_status: { jid: "{{ item.ansible_job_id }}" }
  loop: "{{ jobs.results }}"
  register: ends
  until: ends is finished
  retries: 20
  delay: 1
- debug: { msg: "{{ ends.results | map(attribute='stdout') | list }} {{ ends.results[0].rc }}" }
- async_status: { jid: "{{ jobs.results[0].ansible_job_id }}", mode: cleanup }
- async_status: { jid: "{{ jobs.results[0].ansible_job_id }}" }
  register: gone
  ignore_errors: true
- debug: { msg: "{{ gone.failed }} {{ gone.finished }}" }
- command: sleep 30
  async: 1
  poll: 1
`),
  },
  {
    name: 'facts of another host, and whose they become',
    play: `- hosts: h1
  gather_facts: false
  tasks:
    - setup: { gather_subset: min }
      delegate_to: h2
      delegate_facts: true
    - debug: { msg: "{{ hostvars.h2.ansible_facts.hostname | default('none') }} {{ ansible_facts.hostname | default('none') }}" }
    - setup: { gather_subset: min, filter: ansible_hostname }
      delegate_to: h3
    - debug: { msg: "{{ ansible_facts.hostname }}" }
    - set_fact: { a: "{{ inventory_hostname }}" }
      delegate_to: "{{ item }}"
      delegate_facts: true
      loop: [h2, h3]
    - debug: { msg: "{{ hostvars.h2.a }} {{ hostvars.h3.a }} {{ a | default('none') }}" }
`,
  },
  {
    name: 'module_defaults: layers, and a template that gives them',
    play: onAll(
      `- command: pwd
- block:
    - command: pwd
    - debug: { }
    - shell: pwd
  module_defaults:
    command: { creates: /no/such }
    debug: { msg: "from {{ inventory_hostname }}" }
- command: cat
  module_defaults: { command: "{{ given }}" }
  vars: { given: { stdin: said } }
- command: pwd chdir=/usr
`,
      '  module_defaults: [{ command: { chdir: /etc } }, { ansible.builtin.shell: { chdir: /usr } }]\n',
    ),
  },
  {
    name: 'precedence, each level against the next',
    args: ['-i', '{folder}/inv/hosts.ini', '-e', '{p21: 22}', '--limit', 'h1'],
    files: {
      'inv/hosts.ini': '[g]\nh1 p7=8 p8=8\n[g:vars]\np2=3\np3=3\n[all:vars]\np1=2\np2=2\n',
      'inv/group_vars/all.yml': 'p3: 4\np4: 4\n',
      'group_vars/all.yml': 'p4: 5\np5: 5\n',
      'inv/group_vars/g.yml': 'p5: 6\np6: 6\n',
      'group_vars/g.yml': 'p6: 7\np7: 7\n',
      'inv/host_vars/h1.yml': 'p8: 9\np9: 9\n',
      'host_vars/h1.yml': 'p9: 10\nansible_hostname: "10"\n',
      'one.yml': 'p13: 14\np14: 14\n',
      'included.yml': 'p17: 18\np18: 18\n',
      'tasks.yml': `- debug: { msg: "include params {{ p20 }} {{ p21 }}" }
`,
      'roles/r/defaults/main.yml': 'p1: 1\n',
      'roles/r/vars/main.yml': 'p14: 15\np15: 15\n',
      'roles/r/tasks/main.yml': `- debug: { msg: "{{ p1 }} {{ p2 }} {{ p3 }} {{ p4 }} {{ p5 }} {{ p6 }} {{ p7 }} {{ p8 }} {{ p9 }}" }
- debug: { msg: "{{ ansible_hostname }} {{ ansible_kernel }} {{ p12 }} {{ p13 }} {{ p14 }}" }
- block:
    - debug: { msg: "block {{ p15 }} {{ p16 }}" }
      vars: { p16: 17, p17: 17 }
    - include_vars: { file: "{{ playbook_dir }}/included.yml" }
    - debug: { msg: "task {{ p17 }}" }
      vars: { p17: 17 }
    - set_fact: { p18: 19, p19: 19 }
    - debug: { msg: "set {{ p18 }} {{ p19 }}" }
    - include_tasks: { file: "{{ playbook_dir }}/tasks.yml" }
      vars: { p20: 21, p21: 21 }
  vars: { p15: 16, p16: 16 }
`,
    },
    play: `- hosts: h1
  gather_facts: false
  vars: { ansible_kernel: "12", p12: 12 }
  vars_prompt: [{ name: p12, prompt: x, default: "13" }, { name: p13, prompt: x, default: "13" }]
  vars_files: [one.yml]
  pre_tasks:
    - setup: { gather_subset: min }
  roles: [{ role: r, p19: 20, p20: 20 }]
`,
  },
  {
    name: 'vars_files: the first that is there, and names of variables in names',
    files: { 'second.yml': 'a: second\n', 'of_h1.yml': 'b: one\n', 'of_other.yml': 'b: other\n' },
    play: `- hosts: all
  gather_facts: false
  vars_files:
    - [first.yml, second.yml]
    - ["of_{{ inventory_hostname }}.yml", of_other.yml]
  tasks:
    - debug: { msg: "{{ a }} {{ b }}" }
`,
  },
  {
    name: 'throttle lets hosts in one after another',
    play: onAll(`- shell: mkdir /tmp/np-throttle && sleep 0.2 && rmdir /tmp/np-throttle
  delegate_to: h1
  throttle: "{{ 1 }}"
`),
  },
  {
    name: 'any_errors_fatal and blocks: a rescue makes it good, and fails',
    play: onAll(
      `- block:
    - command: "false"
      when: inventory_hostname == 'h2'
  rescue:
    - debug: { msg: good again }
- debug: { msg: all }
- block:
    - command: "false"
      run_once: true
    - debug: { msg: the others go on }
  rescue:
    - command: "false"
- debug: { msg: never }
`,
      '  any_errors_fatal: true\n',
    ),
  },
  {
    name: 'environment as a list, with templates, over blocks',
    play: onAll(
      `- block:
    - shell: echo $A $B $C
      environment: [{ A: task }, "{{ more }}"]
    - shell: echo $A $B $C
  environment: { B: block }
`,
      '  vars: { more: { C: var } }\n  environment: { A: play, B: play }\n',
    ),
  },
  {
    name: 'run_once with a loop, with conditions, with delegation, and a failure of it',
    play: onAll(`- command: "echo {{ item }} {{ inventory_hostname }}"
  loop: [a, b]
  run_once: true
  register: out
- debug: { msg: "{{ out.results | map(attribute='stdout') | list }}" }
- command: echo never
  run_once: true
  when: inventory_hostname == 'h2'
  register: left
- debug: { msg: "{{ left is skipped }}" }
- command: hostname
  run_once: true
  delegate_to: h3
- command: "false"
  run_once: true
- debug: { msg: never }
`),
  },
  {
    name: 'ignore_unreachable lets a host go on',
    play: `- hosts: h1
  gather_facts: false
  tasks:
    - add_host: { name: dead, groups: gone, ansible_host: 127.0.0.1, ansible_port: 1 }
- hosts: gone
  gather_facts: false
  ignore_unreachable: true
  tasks:
    - command: echo a
      register: out
    - debug: { msg: "{{ out.unreachable }}" }
    - command: echo b
      ignore_unreachable: false
    - debug: { msg: never }
`,
  },
  {
    name: 'meta: end_batch, noop',
    play: onAll(
      `- meta: noop
- meta: end_batch
  when: inventory_hostname == 'h1'
- debug: { msg: not h1 }
`,
      '  serial: [2, 1]\n',
    ),
  },
  {
    name: 'clear_host_errors lets a host take part in later plays',
    code: { ansible: 0, netplay: 2 },
    play: `- hosts: all
  gather_facts: false
  tasks:
    - command: "false"
      when: inventory_hostname == 'h1'
    - meta: clear_host_errors
    - debug: { msg: not h1 }
- hosts: all
  gather_facts: false
  tasks:
    - debug: { msg: all }
`,
  },
  {
    name: 'connection of a task, and arguments in their longer forms',
    play: onAll(`- shell: echo \${SSH_CONNECTION:+ssh}
- shell: echo \${SSH_CONNECTION:+ssh}local
  connection: local
- action: command pwd
  args: { chdir: "{{ '/etc' }}" }
- local_action: { module: shell, cmd: "echo \${SSH_CONNECTION:+ssh}here" }
- action: { module: command, argv: [echo, "a b"] }
`),
  },
  {
    name: 'roles with conditions, tags, variables; import_role twice',
    args: ['--skip-tags', 'left'],
    files: {
      'roles/a/defaults/main.yml': 'x: default\n',
      'roles/a/tasks/main.yml': '- debug: { msg: "a {{ x }}" }\n- debug: { msg: never }\n  tags: left\n',
      'roles/a/tasks/other.yml': '- debug: { msg: "other {{ x }} {{ role_name }}" }\n',
      'roles/b/meta/main.yml': 'dependencies: [{ role: a, x: dependency }]\n',
      'roles/b/tasks/main.yml': '- debug: { msg: "b {{ x | default(1) }}" }\n',
    },
    play: `- hosts: all
  gather_facts: false
  roles:
    - { role: a, when: "inventory_hostname == 'h1'" }
    - { role: b, vars: { x: beside } }
    - { role: a, tags: [left] }
  tasks:
    - import_role: { name: a, tasks_from: other }
      vars: { x: task }
    - import_role: { name: a }
      when: inventory_hostname != 'h3'
    - debug: { msg: "{{ x }}" }
`,
  },
  {
    name: 'timeout of a task',
    play: onAll(`- command: sleep 20
  timeout: 1
  register: out
  ignore_errors: true
- debug: { msg: "{{ out.msg }}" }
- command: echo in time
  timeout: 20
`),
  },
  {
    name: 'become: by su, by sudo, with flags, nearer keywords over farther ones',
    play: onAll(
      `- command: id -un
- command: id -un
  become_method: sudo
- block:
    - command: id -un
      become: false
    - command: id -un
      become_user: root
  become_user: bin
- command: sh -c 'echo $HOME'
  become_method: su
  become_flags: -l -s /bin/sh
- command: id -un
  vars: { ansible_become_user: sys }
`,
      '  become: true\n  become_user: daemon\n  become_method: su\n  become_flags: -s /bin/sh\n',
    ).replace('become_method: sudo', 'become_method: sudo\n      become_flags: -H'),
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
