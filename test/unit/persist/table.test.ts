/**
 * The table of docs/persistence.md: what machines that rebooted have shown (test/results/persistence), with the reason
 * of each backend where it has no words for something. Both must agree.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { planTasks } from '../../../src/engine/plan.js';
import type { BackendName } from '../../../src/persist/mode.js';
import { type Entry, RECORD, readRecord, recordText, settled } from '../../../src/persist/record.js';
import { backends } from '../../../src/persist/registry.js';
import { resources } from '../../../src/resources/registry.js';
import { ethtoolKey } from '../../../src/snapshot/ethtool.js';
import { keptKey } from '../../../src/snapshot/kept.js';
import type { HostFile, Snapshot } from '../../../src/snapshot/model.js';
import type { Ovs } from '../../../src/snapshot/ovs.js';
import { readResult, type Verdict } from '../../support/persist-results.js';
import { OVS_ROWS, ROWS, SCENARIO } from '../../support/persist-scenario.js';
import { snapshotOf } from '../../support/snapshots.js';

const NICS = ['eth0', 'eth1', 'eth2', 'eth3', 'eth4'];
const IFCFG = '/etc/sysconfig/network-scripts';
const NM = '/etc/NetworkManager/system-connections';

/** What makes the NICs each backend's. */
const HOSTS: Readonly<
  Record<BackendName, { facts?: Record<string, string>; files?: Record<string, string> }>
> = {
  netplan: {
    facts: {
      'tool netplan': '0.106',
      ...each((dev, index) => [
        `networkd ${index}`,
        `configured /run/systemd/network/10-netplan-${dev}.network`,
      ]),
    },
    files: {
      '/etc/netplan/50-own.yaml': `network:\n  version: 2\n  ethernets:\n${NICS.map((dev) => `    ${dev}: {}\n`).join('')}`,
    },
  },
  networkmanager: {
    facts: { 'nm version': '1.42.4', ...each((_, index) => [`nm ${index}`, `true uuid-${index}`]) },
    files: each((dev, index) => [
      `${NM}/${dev}.nmconnection`,
      `[connection]\nid=${dev}\nuuid=uuid-${index}\ntype=ethernet\ninterface-name=${dev}\n\n[ipv4]\nmethod=manual\naddress1=10.${index}.0.9/24\n`,
    ]),
  },
  networkd: {
    facts: each((dev, index) => [`networkd ${index}`, `configured /etc/systemd/network/10-${dev}.network`]),
  },
  ifupdown: {
    facts: { 'tool ifup': '' },
    files: {
      '/etc/network/interfaces': `${NICS.map((dev) => `auto ${dev}\niface ${dev} inet manual\n`).join('')}source /etc/network/interfaces.d/*\n`,
    },
  },
  'network-scripts': {
    facts: { 'tool network-scripts': '' },
    files: each((dev) => [`${IFCFG}/ifcfg-${dev}`, `DEVICE=${dev}\nONBOOT=yes\nBOOTPROTO=none\n`]),
  },
  boot: {},
};

function each(entry: (dev: string, index: number) => [string, string]): Record<string, string> {
  return Object.fromEntries(NICS.map((dev, at) => entry(dev, at + 1)));
}

/** Open vSwitch without a bridge, and how it spells the scenario's flow. */
const OVS: Ovs = {
  ...{ trouble: null, police: true },
  ...{ bridges: new Map(), ports: new Map(), interfaces: new Map(), qos: new Map(), strays: new Map() },
  flows: new Map(),
  spelled: new Map([
    [
      'ovs7 table=0,priority=100,in_port=veth8,ip,nw_dst=192.0.2.7,actions=drop',
      {
        ...{ bridge: 'ovs7', table: 0, priority: 100, match: 'in_port=veth8,ip,nw_dst=192.0.2.7' },
        ...{ actions: 'drop', cookie: '0x0', other: [] },
        raw: { match: 'in_port=veth8,ip,nw_dst=192.0.2.7', actions: 'drop' },
      },
    ],
  ]),
};

interface Scenario {
  entries: readonly Entry[];
  /** By row, the keys of what its task keeps. */
  own: ReadonlyMap<string, ReadonlySet<string>>;
  state: Snapshot;
}

function scenario(): Scenario {
  const plannable = SCENARIO.map(({ task }) => {
    const [[name, params] = ['', {}]] = Object.entries(task);
    const resource = resources.find((known) => known.name === name);
    if (resource === undefined) throw new Error(`no resource ${name}`);
    return { resource, items: [{ params, path: [] }] };
  });
  const { tasks, state } = planTasks(plannable, bareHost());
  expect(tasks.flatMap(({ problems }) => problems)).toEqual([]);
  const kept = tasks.map(({ parts }) =>
    parts.flatMap(({ resource, params }) => resource.kept?.(params, state) ?? []).map(settled),
  );
  const keys = SCENARIO.flatMap(({ row }, at) =>
    row === undefined ? [] : [[row, new Set(kept[at]?.map(keptKey))] as const],
  );
  const entries = kept.flat().map((each): Entry => ({ key: keptKey(each), by: 'auto', kept: each }));
  return { entries, own: new Map(keys), state };
}

function bareHost(): Snapshot {
  const bare = snapshotOf({
    links: NICS,
    addresses: ['eth0 10.0.2.15/24', 'eth1 10.9.1.15/24'],
    routes4: `unicast 10.0.2.0/24 dev eth0 table 254 proto kernel scope link src 10.0.2.15
unicast 10.9.1.0/24 dev eth1 table 254 proto kernel scope link src 10.9.1.15`,
    sysctls: {
      'net/ipv4/conf/all/arp_announce': '0',
      'net/ipv4/conf/default/rp_filter': '0',
      'net/ipv6/conf/default/disable_ipv6': '0',
    },
  });
  const features = {
    values: { 'generic-receive-offload': 'on' },
    fixed: [],
    held: [],
    groups: {},
    limits: {},
  };
  const nics = [...bare.links].map(([name, link]) => {
    const mac = `52:54:00:00:00:0${link.index}`;
    return [name, { ...link, mac, broadcast: 'ff:ff:ff:ff:ff:ff' }] as const;
  });
  return {
    ...bare,
    links: new Map(nics),
    bridgeVlans: [],
    fdb: [],
    ethtool: new Map([[ethtoolKey('eth1', 'features'), features]]),
    tc: { items: [], tables: new Set(), lacking: new Set(), hz: 1_000_000_000 },
    ovs: OVS,
  };
}

const { entries, own, state } = scenario();

/** Why a backend leaves what a row's task keeps, each reason once; and whether it keeps anything of it. */
function asked(name: BackendName): Map<string, { reasons: string[]; holds: boolean }> {
  const { facts = {}, files = {} } = HOSTS[name];
  const there = new Map<string, HostFile | null>(state.files);
  for (const [path, content] of Object.entries(files)) there.set(path, { content, mode: '600' });
  const boot = { init: 'systemd', facts: new Map(Object.entries(facts)) } as const;
  const snapshot: Snapshot = { ...state, files: there, boot };
  const backend = backends.find((known) => known.name === name);
  if (backend === undefined) throw new Error(`no backend ${name}`);
  if (name !== 'boot')
    for (const dev of NICS) expect(backend.manages(dev, snapshot), `${name} ${dev}`).toBeDefined();
  // The host's own files bring its NICs up.
  const isOwn = (key: string): boolean => /^link eth\d state$/.test(key);
  const { left: all, files: written } = backend.write(entries, snapshot);
  const left = all.filter(({ entry }) => !isOwn(entry.key));
  const held = new Set(written.flatMap(({ keys, file }) => (file === null ? [] : keys)));
  const nowhere = entries.filter(
    ({ key }) => !isOwn(key) && !held.has(key) && !left.some(({ entry }) => entry.key === key),
  );
  expect(nowhere, name).toEqual([]);
  return new Map(
    [...own].map(([row, keys]) => [
      row,
      {
        reasons: [...new Set(left.flatMap(({ entry, why }) => (keys.has(entry.key) ? [why] : [])))],
        holds: [...keys].some((key) => held.has(key)),
      },
    ]),
  );
}

const COLUMNS: readonly BackendName[] = [
  'netplan',
  'networkmanager',
  'networkd',
  'ifupdown',
  'network-scripts',
  'boot',
];

function cell(name: BackendName, verdict: Verdict, reasons: readonly string[]): string {
  if (verdict === 'lost') return 'not yet';
  if (verdict === 'works' || name === 'boot') return 'works';
  return `${verdict === 'part' ? 'works in part; ' : ''}by boot: ${reasons.join('; ') || 'for a device that comes later'}`;
}

function table(): string {
  const columns = COLUMNS.map((name) => {
    const { rows } = readResult(name);
    const why = asked(name);
    return ROWS.map((row) => cell(name, rows[row] ?? 'lost', why.get(row)?.reasons ?? []));
  });
  const lines = ROWS.map((row, at) => `| ${row} | ${columns.map((cells) => cells[at]).join(' | ')} |`);
  const head = `| | ${COLUMNS.map((name) => `\`${name}\``).join(' | ')} |\n|---|${COLUMNS.map(() => '---|').join('')}`;
  return `${head}\n${lines.join('\n')}\n`;
}

/** Whoever configures the rest: of a machine where nobody does. */
const OVS_CELLS: Readonly<Record<Verdict, string>> = {
  works: "works, by Open vSwitch's database",
  part: "works, by Open vSwitch's database; that its device is up, by boot",
  boot: 'by boot',
  lost: 'not yet',
};

function ovsTable(): string {
  const { rows } = readResult('boot');
  const lines = OVS_ROWS.map((row) => `| ${row} | ${OVS_CELLS[rows[row] ?? 'lost']} |\n`);
  return `| | with Open vSwitch |\n|---|---|\n${lines.join('')}`;
}

test('every resource that a reboot could lose has a row', () => {
  const named = SCENARIO.flatMap(({ row, task }) => (row === undefined ? [] : Object.keys(task)));
  const keeping = resources.filter((kind) => !('expand' in kind) && kind.kept !== undefined);
  expect(keeping.map(({ name }) => name).filter((name) => !named.includes(name))).toEqual([]);
});

test('what is kept is read from the record as it was written', () => {
  const files = new Map([[RECORD, { content: recordText(entries) ?? '', mode: '600' }]]);
  expect([...readRecord({ files }).keys()]).toEqual([...new Set(entries.map(({ key }) => key))]);
});

describe.each(COLUMNS)('%s', (name) => {
  test('a reboot showed what it says that it has words for', () => {
    const { rows } = readResult(name);
    if (name === 'boot') return expect(Object.keys(rows)).toEqual([...ROWS, ...OVS_ROWS]);
    expect(Object.keys(rows).filter((row) => !OVS_ROWS.includes(row))).toEqual(ROWS);
    // Some things keep themselves: no backend is asked.
    const asks = [...asked(name)].filter(([row]) => ROWS.includes(row) && own.get(row)?.size !== 0);
    const said = asks.map(([row, { reasons, holds }]): [string, Verdict] => [
      row,
      reasons.length === 0 ? 'works' : holds ? 'part' : 'boot',
    ]);
    expect(said).toEqual(asks.map(([row]) => [row, rows[row]]));
  });

  test('the report told each reason', () => {
    const told = readResult(name).reasons;
    const reasons = [...asked(name)].flatMap(([row, { reasons: some }]) =>
      row in readResult(name).rows ? some : [],
    );
    expect(reasons.filter((why) => !told.includes(why))).toEqual([]);
  });
});

test('docs/persistence.md has the table of what works', () => {
  const file = join(import.meta.dirname, '../../../docs/persistence.md');
  const [begin, end] = ['<!-- table: begin -->\n', '<!-- table: end -->'];
  const text = readFileSync(file, 'utf8');
  const from = text.indexOf(begin) + begin.length;
  const written = `${text.slice(0, from)}${table()}\n${ovsTable()}${text.slice(text.indexOf(end))}`;
  if (process.env.NETPLAY_WRITE_DOCS === '1') writeFileSync(file, written);
  else expect(text, 'NETPLAY_WRITE_DOCS=1 npx vitest run --project unit table writes it').toBe(written);
});
