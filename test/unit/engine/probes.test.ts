/** A play's probes and its verify section before any host is touched: who asks what. */
import { describe, expect, test } from 'vitest';
import { type PreparedPlay, prepareRun } from '../../../src/engine/prepare.js';
import type { InventoryHost, Vars } from '../../../src/inventory/model.js';
import type { Probe } from '../../../src/probes/probe.js';
import { NetplayError, NetplayErrors } from '../../../src/shared/errors.js';
import { createTemplates } from '../../../src/template/templates.js';
import { readPlaybookText } from '../../support/playbook-text.js';

const place = { file: 'hosts.yml', line: 1, column: 1 };
const templates = createTemplates();

const VARS: Readonly<Record<string, Vars>> = {
  web1: { gateway: '10.0.1.254', check: { host: '10.0.1.1', port: '22' } },
  web2: { gateway: '10.0.2.254', check: 'gw:443' },
  mon1: { gateway: '10.9.0.254', ansible_port: 2222 },
  mon2: { gateway: 'not an address' },
};
const inventory = {
  hosts: new Map(
    Object.entries(VARS).map(([name, vars]): [string, InventoryHost] => [
      name,
      { name, groupNames: [], vars, place },
    ]),
  ),
  groups: new Map([
    ['all', Object.keys(VARS)],
    ['web', ['web1', 'web2']],
    ['mon', ['mon1', 'mon2']],
  ]),
  sources: ['hosts.yml'],
  tree: { groups: new Map(), hosts: new Map(), inventoryFolders: [], playbookFolders: [] },
};

/** A play of `hosts: web`, whose further lines begin with line 2. */
async function prepare(lines: string, limit?: string): Promise<PreparedPlay> {
  const text = `- hosts: web\n${lines.replaceAll(/^/gm, '  ')}`;
  const { plays: loaded, errors } = await readPlaybookText(text, 'site.yml', [], { templates });
  expect(errors).toEqual([]);
  const { plays } = await prepareRun({
    inventory,
    playbook: { file: 'site.yml', plays: loaded },
    registry: [],
    templates,
    transport: { open: () => Promise.reject(new Error('no host')), close: () => Promise.resolve() },
    forks: 5,
    extraVars: {},
    check: false,
    diff: false,
    exitCode: false,
    target: {},
    run: 'r',
    magic: {},
    verbosity: 0,
    by: 'me',
    from: 'here',
    confirmTimeout: 30,
    lockTimeout: 0,
    signal: new AbortController().signal,
    ...(limit !== undefined && { limit }),
  });
  const [play] = plays;
  if (play === undefined) throw new Error('no play');
  return play;
}

const labels = (probes: ReadonlyMap<string, Probe> | undefined): [string, string][] =>
  [...(probes ?? [])].map(([host, { label }]) => [host, label]);

test('each host asks its own probes, with its own variables', async () => {
  const { probes } = await prepare(`probes:
  - ping: "{{ gateway }}"
  - tcp_connect: "{{ check }}"
    name: the service of {{ inventory_hostname }}
`);
  expect([...probes].map(([host, list]) => [host, list.map(({ label }) => label)])).toEqual([
    ['web1', ['ping 10.0.1.254', 'the service of web1']],
    ['web2', ['ping 10.0.2.254', 'the service of web2']],
  ]);
});

describe('verify', () => {
  test('is asked by each host of the play, or by those that from names, each with its own variables', async () => {
    const { verify, targets } = await prepare(`vars: {watcher: mon1}
verify:
  - ping: "{{ gateway }}"
  - tcp_connect: 10.0.0.1:22
    from: "{{ watcher }}:web2"
  - ping: "{{ gateway }}"
    from: mon[0]
`);
    expect(verify.map(({ each, probes }) => [each, labels(probes)])).toEqual([
      [
        true,
        [
          ['web1', 'ping 10.0.1.254'],
          ['web2', 'ping 10.0.2.254'],
        ],
      ],
      [
        false,
        [
          ['mon1', 'tcp_connect 10.0.0.1:22'],
          ['web2', 'tcp_connect 10.0.0.1:22'],
        ],
      ],
      [false, [['mon1', 'ping 10.9.0.254']]],
    ]);
    expect(targets.get('mon1')?.port).toBe(2222);
    expect([...targets.keys()]).toEqual(['web1', 'web2', 'mon1']);
  });

  test('a limit leaves out hosts of the play, and none that from names', async () => {
    const { verify } = await prepare('verify:\n  - command: "true"\n  - ping: gw\n    from: mon1\n', 'web1');
    expect(verify.map(({ probes }) => [...probes.keys()])).toEqual([['web1'], ['mon1']]);
  });

  test('what needs no variables is made once', async () => {
    const [check] = (await prepare('verify: [{ping: 10.0.0.1}]')).verify;
    expect(check?.probes.get('web1')).toBe(check?.probes.get('web2'));
  });
});

test('who has a part in a probe can be reached, whatever --limit leaves', async () => {
  const { targets, verify } = await prepare('verify: [{throughput: {dest: 10.9.0.1, to: mon1}}]', 'web1');
  expect([...targets.keys()]).toEqual(['web1', 'mon1']);
  expect(labels(verify[0]?.probes)).toEqual([['web1', 'throughput to mon1 (10.9.0.1)']]);
});

test('a play without them has none, and is one batch', async () => {
  const { serial, verify, probes } = await prepare('tasks: []');
  expect([serial, verify, [...probes.values()].flat()]).toEqual([[], [], []]);
});

test('serial is rendered with the variables of the play', async () => {
  const { serial } = await prepare('vars: {n: 30}\nserial: [1, "{{ n }}%"]');
  expect(serial).toEqual([{ hosts: 1 }, { percent: 30 }]);
});

const HOST = 'must be the address or name of a host, such as 192.168.1.1, 2001:db8::1 or gw.example.org';
const wrong: [what: string, lines: string, expected: string[]][] = [
  [
    'a value that a template gives',
    'verify:\n  - ping: {count: 1, dest: "{{ gateway }}"}\n    from: mon',
    [`3:30 dest: ${HOST}, not 'not an address' (mon2)`],
  ],
  [
    'a template that fails, on all hosts at once',
    'probes:\n  - ping: "{{ nosuch }}"',
    [expect.stringMatching(/^3:17 .*nosuch.* \(web1 and 1 more\)$/)],
  ],
  [
    'hosts that are none',
    'verify:\n  - ping: gw\n    from: moon',
    ['4:13 No host or group of the inventory is named or matches "moon" | Did you mean "mon"?'],
  ],
  [
    'another host among probes',
    'probes:\n  - throughput: {dest: 10.0.0.1, to: mon1}',
    [
      '3:40 throughput takes another host: that is for verify: (web1 and 1 more) | probes: are asked in one go with the changes, on the host alone.',
    ],
  ],
  [
    'another host that is none',
    'verify:\n  - throughput: {dest: 10.0.0.1, to: "{{ \'mon\' }}3"}',
    ["3:40 to: no host of the inventory is named 'mon3' (web1 and 1 more) | Did you mean mon1?"],
  ],
  [
    'another host that is the same',
    'verify:\n  - symmetric: {address: 10.0.0.1, dev: eth0, peer: 10.0.0.2, client: web2}',
    [
      "3:73 client: 'web2' is the host that asks (web2) | Name another one, or leave it out of those that ask, by the pattern '…:!web2'.",
    ],
  ],
  ['no hosts', 'verify:\n  - ping: gw\n    from: mon:!mon', ["4:13 from: 'mon:!mon' names no host"]],
  [
    'a serial that comes to nothing',
    'vars: {n: half}\nserial: "{{ n }}"\nverify:\n  - ping: "10.0.0.{{ 256 }}"',
    [
      '3:11 serial: must be a number of hosts, a percentage such as "30%", or a list of these, not "half"',
      `5:13 dest: ${HOST}, not '10.0.0.256' (web1 and 1 more)`,
    ],
  ],
];
test.each(wrong)('%s: told with its place, before any host is touched', async (_what, lines, expected) => {
  let errors: readonly NetplayError[] = [];
  try {
    await prepare(lines);
  } catch (error) {
    errors = error instanceof NetplayErrors ? error.errors : error instanceof NetplayError ? [error] : [];
  }
  const told = errors.map(({ place: at, message, hint, host }) =>
    [
      `${at?.line}:${at?.column} ${message}${host === undefined ? '' : ` (${host})`}`,
      ...(hint ? [hint] : []),
    ].join(' | '),
  );
  expect(told.toSorted()).toEqual(expected);
});
