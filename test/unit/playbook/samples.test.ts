/** The real resources, templates and playbooks of this project, through the loader. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadPlaybook } from '../../../src/playbook/load.js';
import { resources } from '../../../src/resources/registry.js';
import { createTemplates } from '../../../src/template/templates.js';
import { readPlaybookText } from '../../support/playbook-text.js';

const PLAYBOOKS = join(import.meta.dirname, '../../../playbooks');
const templates = createTemplates();

/** The names of the tasks, or what is wrong with them. */
async function load(tasks: readonly string[]): Promise<readonly string[]> {
  const text = `- hosts: all\n  tasks:\n${tasks.map((task) => `    - ${task}\n`).join('')}`;
  const { plays, errors } = await readPlaybookText(text, 'site.yml', resources, { templates });
  if (errors.length > 0) return errors.map(({ place, message }) => `line ${place?.line}: ${message}`);
  return plays.flatMap(({ steps }) => steps.map((step) => ('name' in step ? String(step.name) : step.kind)));
}

const samples: [string, string][] = [
  ['rt_table: {id: 100, name: local100}', 'rt_table local100'],
  [
    'route: {dst: 192.168.1.0/24, dev: eth0, src: 192.168.1.1, table: local100}',
    'route 192.168.1.0/24 table local100',
  ],
  ['route: {dst: default, via: 192.168.1.254, dev: eth0, table: local100}', 'route default table local100'],
  ['rule: {from: 192.168.1.1, table: local100, priority: 100}', 'rule from 192.168.1.1 table local100'],
  ['sysctl: {name: net.ipv4.conf.all.arp_ignore, value: 1}', 'sysctl net.ipv4.conf.all.arp_ignore'],
  ['address: {dev: eth0, address: 192.168.1.1/24}', 'address 192.168.1.1/24 dev eth0'],
  ['link: {name: eth0, state: up, mtu: 1500}', 'link eth0'],
  ['bridge: {name: br0, ports: [eth1], mac: 52:54:00:12:34:56, stp: false}', 'bridge br0'],
  ['tap: {name: tap0, bridge: br0, owner: root, guest_mac: 52:54:00:84:e3:62}', 'tap tap0'],
  ['routes: "{{ uplinks }}"', 'routes {{ uplinks }}'],
  ['sysctls: {net.ipv4.ip_forward: 1}', 'sysctls net.ipv4.ip_forward'],
  ['link: {name: "{{ nic }}", mtu: "{{ mtu | default(1500) }}"}', 'link {{ nic }}'],
];

describe('the sample tasks', () => {
  test.each(samples)('%s', async (task, name) => {
    expect(await load([task])).toEqual([name]);
  });
});

test.each(
  resources.flatMap((resource) => resource.examples.map((example) => [resource.name, example] as const)),
)('an example of %s stands in a playbook as it is: %j', async (_, example) => {
  const { errors } = await readPlaybookText(
    JSON.stringify([{ hosts: 'all', tasks: [example] }]),
    'site.yml',
    resources,
    { templates },
  );
  expect(errors).toEqual([]);
});

test.each(readdirSync(PLAYBOOKS).filter((file) => file.endsWith('.yml')))(
  'playbooks/%s loads',
  async (file) => {
    const { plays } = await loadPlaybook(join(PLAYBOOKS, file), resources, { templates });
    expect(plays.length).toBeGreaterThan(0);
    expect(plays.every((play) => play.steps.length > 0)).toBe(true);
  },
);

describe('what is wrong with real resources', () => {
  const wrong: [string, string[]][] = [
    ['route: {dst: default, tabel: 1}', ["line 3: unknown parameter 'tabel'"]],
    [
      'route: {dst: default, via: 1.1.1.1, type: blackhol}',
      [
        "line 3: type: must be unicast, local, broadcast, anycast, multicast, blackhole, unreachable, prohibit or throw, not 'blackhol'",
      ],
    ],
    ['route: {dst: 10/8, metric: abc}', ["line 3: metric: must be a whole number, not 'abc'"]],
    ['sysctl: {name: net.ipv4.ip_forward}', ["line 3: missing parameter 'value'"]],
    [
      'link: {name: eth0/1}',
      [
        "line 3: name: must be the name of an interface (at most 15 characters, no blank, '/', ':' or '%', not all or default), such as eth0, not 'eth0/1'",
      ],
    ],
    [
      'bridge: {name: br%d}',
      [
        "line 3: name: must be the name of an interface (at most 15 characters, no blank, '/', ':' or '%', not all or default), such as eth0, not 'br%d'",
      ],
    ],
    ['link: {name: eth0, mtu: "{{ 1 + }}"}', ['line 3: expected a value, not the end, in "{{ 1 + }}"']],
  ];
  test.each(wrong)('%s', async (task, expected) => {
    expect(await load([task])).toEqual(expected);
  });
});
