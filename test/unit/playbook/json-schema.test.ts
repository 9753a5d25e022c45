/** The schema for editors beside the loader, which has the last word. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { actions } from '../../../src/actions/registry.js';
import { engineActions } from '../../../src/playbook/engine-actions.js';
import { playbookSchema } from '../../../src/playbook/json-schema.js';
import { PLAY_KEYWORDS, TASK_KEYWORDS } from '../../../src/playbook/keywords.js';
import { formats } from '../../../src/resources/formats.js';
import { resources } from '../../../src/resources/registry.js';
import { isMap } from '../../../src/shared/is-map.js';
import { readYaml, toPlain } from '../../../src/shared/yaml.js';
import { readPlaybookText } from '../../support/playbook-text.js';

const PLAYBOOKS = join(import.meta.dirname, '../../../playbooks');
const schema = playbookSchema(resources, actions);
const ajv = new Ajv({
  allErrors: true,
  strictRequired: false,
  allowUnionTypes: true,
  strictTypes: false,
  formats: Object.fromEntries(Object.entries(formats).map(([name, format]) => [name, format.test])),
});
const validate = ajv.compile(schema);

/** Where the schema finds faults; empty where it finds none. */
function faults(value: unknown): string[] {
  return validate(value) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message}`);
}

async function loaderFaults(text: string): Promise<string[]> {
  return (await readPlaybookText(text, 'site.yml', resources, { actions })).errors.map(
    (error) => error.message,
  );
}

const plain = (text: string): unknown =>
  toPlain(readYaml(text, 'x.yml', 'playbook').source.document.contents);
const play = (task: string): string => `- hosts: all\n  tasks:\n    - ${task}\n`;

describe('the schema takes', () => {
  test.each(readdirSync(PLAYBOOKS).filter((file) => file.endsWith('.yml')))('playbooks/%s', (file) => {
    expect(faults(plain(readFileSync(join(PLAYBOOKS, file), 'utf8')))).toEqual([]);
  });

  const examples = resources.flatMap((resource) =>
    resource.examples.map((example) => [resource, example] as const),
  );

  test.each(examples.map(([, example]) => [example]))('the example %j', (example) => {
    expect(faults([{ hosts: 'all', tasks: [example] }])).toEqual([]);
  });

  test('the examples as items of the plural, in a list and by their key', () => {
    const tasks = examples.flatMap(([{ name, plural, mapKey }, example]) => {
      const { [mapKey]: key, ...rest } = isMap(example[name]) ? example[name] : {};
      return [
        { [plural]: [example[name]] },
        ...(key === undefined ? [] : [{ [plural]: { [String(key)]: rest } }]),
      ];
    });
    expect(tasks.length).toBeGreaterThan(examples.length);
    expect(faults([{ hosts: 'all', tasks }])).toEqual([]);
  });

  test('a template in the place of any value', () => {
    const anyPlaces = fc.tuple(fc.constantFrom(...examples), fc.infiniteStream(fc.boolean()));
    fc.assert(
      fc.property(anyPlaces, ([[, example], choices]) => {
        const templated = Object.fromEntries(
          Object.entries(example).map(([key, params]) => [key, withTemplates(params, choices)]),
        );
        expect(faults([{ hosts: 'all', tasks: [templated] }])).toEqual([]);
      }),
    );
  });

  const right = [
    play('route: "{{ r }}"'),
    play('routes: "{{ rs }}"'),
    play('routes: ["{{ a }}", {dst: default, via: 10.0.0.1}]'),
    play('sysctls: {net.ipv4.ip_forward: "{{ f }}", a.b: {value: "1"}}'),
    play('rt_tables: {a: 100, b: "101", c: {id: 102}, d: {state: absent}}'),
    play('links: {eth0: null, eth1: {mtu: "1400", arp: no}}'),
    play('sysctl: {name: a.b, state: "{{ wanted }}"}'),
    play('rp_filter: {mode: strict, sources: {eth1: "{{ networks }}", eth2: ["{{ network }}"]}}'),
    play('bridge: {name: br0, stp: yes, up: Off}'),
    play('link: {name: eth0, alias: 5}'),
    play(
      '{route: {dst: 10/8, type: blackhole}, when: [a is defined, true], loop: "{{ l }}", loop_control: {label: x}}',
    ),
    play(
      '{route: {dst: 10/8, type: blackhole}, when: false, with_items: [1], tags: "a,b", vars: null, become: "{{ b }}"}',
    ),
    '- {hosts: all, serial: 1, transaction: batch}\n',
    '- {hosts: all, serial: [1, "30%", "{{ n }}"], transaction: play, probes: null, verify: []}\n',
    '- {hosts: all, serial: "{{ n }}", probes: [{ping: "{{ gw }}", name: 1}]}\n',
    '- hosts: all\n  verify: [{ping: {dest: gw, count: "3"}, from: mon, name: x}, {tcp_connect: "gw:22"}, {command: true}]\n',
    `- hosts: all
  roles: null
  pre_tasks:
    - {command: ls, args: {chdir: /x}, register: out, until: out.rc == 0, retries: 2, changed_when: false, notify: h}
    - {ansible.builtin.copy: src=a dest=b, with_items: [1], delegate_to: x, environment: {A: 1}}
    - {action: command ls, no_log: yes, loop: [1], loop_control: {pause: 1, extended: yes, label: {a: 1}}}
    - {block: [{debug: null}], rescue: [{fail: {msg: x}}], always: [{meta: noop}], when: a, tags: b}
  handlers: [{name: h, service: {name: x, state: restarted}, listen: [a, b]}]
  vars_files: [a.yml, [b.yml, c.yml]]
  vars_prompt: [{name: x, private: no}]
  strategy: free
  module_defaults: {copy: {mode: "0644"}}
`,
    '- import_playbook: playbooks/site.yml\n  vars: {a: 1}\n  tags: [x]\n- {hosts: [a, b], name: null, gather_facts: no, tasks: null}\n',
  ];
  test.each(right)('%j', async (text) => {
    expect(await loaderFaults(text)).toEqual([]);
    expect(faults(plain(text))).toEqual([]);
  });
});

describe('the schema and the loader both refuse', () => {
  const wrong: [text: string, fault: string][] = [
    ['hosts: all\n', ' must be array'],
    ['[]\n', ' must NOT have fewer than 1 items'],
    ['- name: x\n', "/0 must have required property 'hosts'"],
    ['- {hosts: all, task: []}\n', '/0 must NOT have additional properties'],
    ['- {import_playbook: a.yml, hosts: all}\n', '/0 must NOT have additional properties'],
    ['- {hosts: all, become: perhaps}\n', '/0/become must be boolean'],
    ['- {hosts: all, vars: {a-b: 1}}\n', '/0/vars property name must be valid'],
    ['- {hosts: all, serial: 1.5}\n', '/0/serial must be integer'],
    ['- {hosts: all, serial: [half]}\n', '/0/serial/0 must be integer'],
    ['- {hosts: all, transaction: fleet}\n', '/0/transaction must be equal to one of the allowed values'],
    ['- {hosts: all, probes: [{ping: gw, from: mon}]}\n', '/0/probes/0 must NOT have additional properties'],
    ['- {hosts: all, verify: [{name: x}]}\n', '/0/verify/0 must match exactly one schema in oneOf'],
    ['- {hosts: all, verify: [{ping: {}}]}\n', "/0/verify/0/ping must have required property 'dest'"],
    [play('{rout: {dst: default}}'), '/0/tasks/0 must NOT have additional properties'],
    [play('{name: x}'), '/0/tasks/0 must match exactly one schema in oneOf'],
    [play('{link: {name: a}, tap: {name: b}}'), '/0/tasks/0 must match exactly one schema in oneOf'],
    [play('route: {via: 10.0.0.1}'), "/0/tasks/0/route must have required property 'dst'"],
    [play('route: {dst: default, tabel: 1}'), '/0/tasks/0/route must NOT have additional properties'],
    [play('route: {dst: default, via: 10.0.0.256}'), '/0/tasks/0/route/via must match format "ip-address"'],
    [
      play('route: {dst: 10/8, type: blackhol}'),
      '/0/tasks/0/route/type must be equal to one of the allowed values',
    ],
    [play('route: {dst: 10/8, metric: many}'), '/0/tasks/0/route/metric must be integer'],
    [play('route: {dst: 10/8, nexthops: [{weight: 0}]}'), '/0/tasks/0/route/nexthops/0/weight must be >= 1'],
    [play('routes: {10/8: {dst: 10/8}}'), '/0/tasks/0/routes/10~18 must NOT have additional properties'],
    [play('sysctl: {name: a.b}'), "/0/tasks/0/sysctl must have required property 'value'"],
    [play('sysctls: {a.b: null}'), '/0/tasks/0/sysctls/a.b must be object'],
    [play('rt_tables: {a: many}'), '/0/tasks/0/rt_tables/a must be integer'],
    [play('copy: {dest: /a, scr: b}'), '/0/tasks/0/copy must NOT have additional properties'],
    [play('{block: [], loop: [1]}'), '/0/tasks/0 must NOT have additional properties'],
    [play('{debug: null, listen: a}'), '/0/tasks/0 must NOT have additional properties'],
    ['- {hosts: all, strategy: fre}\n', '/0/strategy must be equal to one of the allowed values'],
    [play('{link: {name: a}, loop: word}'), '/0/tasks/0/loop must be array'],
    [
      play('{link: {name: a}, loop_control: {pauze: 1}}'),
      '/0/tasks/0/loop_control must NOT have additional properties',
    ],
  ];
  test.each(wrong)('%j', async (text, fault) => {
    expect(await loaderFaults(text)).not.toEqual([]);
    expect(faults(plain(text))).toContain(fault);
  });
});

test('the schema knows the keywords that the loader knows', () => {
  const { entry, task } = schema.definitions as Record<string, Record<string, Record<string, unknown>>>;
  expect(Object.keys(entry?.else?.properties ?? {}).toSorted()).toEqual(PLAY_KEYWORDS.toSorted());
  const ofActions = [...actions, ...engineActions].flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  const ofFiles = ['include_tasks', 'include_role', 'import_tasks', 'import_role'];
  const short = [...new Set([...ofActions, ...ofFiles])];
  const forms = [
    ...resources.flatMap(({ name, plural }) => [name, plural]),
    ...short,
    ...short.map((word) => `ansible.builtin.${word}`),
  ];
  expect(Object.keys(task?.properties ?? {}).toSorted()).toEqual([...TASK_KEYWORDS, ...forms].toSorted());
});

/** The same value with some of the plain ones, or whole lists and maps, replaced by a template. */
/** Each template is another one: a list whose items differ stays such a list. */
function withTemplates(value: unknown, choices: Iterator<boolean>, name = 'x'): unknown {
  if (choices.next().value) return `{{ ${name} }}`;
  if (Array.isArray(value)) return value.map((item, at) => withTemplates(item, choices, `${name}${at}`));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withTemplates(inner, choices, name)]),
  );
}
