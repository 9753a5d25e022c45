/**
 * docs/persistence.md says what each backend has words for: found out here, by asking each for every resource. What the
 * real tools make of such files, test/lab/persist-*.test.ts and test/vm/persist show.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planTasks } from '../../../src/engine/plan.js';
import type { BackendName } from '../../../src/persist/mode.js';
import { type Entry, RECORD, readRecord, recordText, settled } from '../../../src/persist/record.js';
import { backends } from '../../../src/persist/registry.js';
import { resources } from '../../../src/resources/registry.js';
import { ethtoolKey } from '../../../src/snapshot/ethtool.js';
import { keptKey } from '../../../src/snapshot/kept.js';
import type { HostFile, Snapshot } from '../../../src/snapshot/model.js';
import type { Wish } from '../../support/apply.js';
import { snapshotOf } from '../../support/snapshots.js';

/** By resource: tasks on a host with eth0, eth1 and eth2, of which the last one is asked about. */
const SAMPLES: Readonly<Record<string, readonly Wish[]>> = {
  address: [{ address: { dev: 'eth1', address: '10.5.0.1/24' } }],
  bond: [{ bond: { name: 'bond0', mode: 'active-backup', ports: ['eth2'], miimon: 100 } }],
  bridge: [{ bridge: { name: 'br0', ports: ['eth2'], mac: '52:54:00:12:34:56', stp: false } }],
  bridge_port: [
    { bridge: { name: 'br0', ports: ['eth2'], mac: '52:54:00:12:34:56' } },
    { bridge_port: { dev: 'eth2', cost: 7, hairpin: true } },
  ],
  class: [
    { qdisc: { dev: 'eth1', kind: 'htb', handle: '1:', default: '10' } },
    { class: { dev: 'eth1', classid: '1:10', rate: '10mbit' } },
  ],
  dummy: [{ dummy: { name: 'dum0' } }],
  ethtool: [{ ethtool: { dev: 'eth1', features: { gro: false } } }],
  fdb: [
    { bridge: { name: 'br0', ports: ['eth2'], mac: '52:54:00:12:34:56' } },
    { fdb: { lladdr: '02:00:00:00:00:99', dev: 'eth2', nud: 'static' } },
  ],
  filter: [
    { qdisc: { dev: 'eth1', kind: 'ingress' } },
    {
      filter: {
        dev: 'eth1',
        parent: 'ingress',
        prio: 1,
        kind: 'u32',
        action: { kind: 'mirred', redirect: 'eth2' },
      },
    },
  ],
  gre: [{ gre: { name: 'gre1', remote: '10.1.0.2', local: '10.1.0.1' } }],
  gretap: [{ gretap: { name: 'gt1', remote: '10.1.0.2', local: '10.1.0.1' } }],
  ifb: [{ ifb: { name: 'ifb7' } }],
  ipip: [{ ipip: { name: 'tun1', remote: '10.1.0.2', local: '10.1.0.1' } }],
  link: [{ link: { name: 'eth1', mtu: 1400 } }],
  macvlan: [{ macvlan: { name: 'mv', link: 'eth1', mode: 'bridge' } }],
  neighbour: [{ neighbour: { dst: '10.1.0.7', dev: 'eth1', lladdr: '02:00:00:00:00:77' } }],
  qdisc: [{ qdisc: { dev: 'eth1', kind: 'tbf', rate: '10mbit', burst: '32k', latency: '50ms' } }],
  route: [{ route: { dst: '10.6.0.0/16', via: '10.1.0.254', dev: 'eth1' } }],
  rule: [{ rule: { from: '10.1.0.1', table: 100, priority: 1000 } }],
  tap: [{ tap: { name: 'tap0', owner: 0 } }],
  veth: [{ veth: { name: 'v0', peer: 'v1' } }],
  vlan: [{ vlan: { name: 'eth1.5', link: 'eth1', id: 5 } }],
  vrf: [{ vrf: { name: 'blue', table: 100 } }],
  vxlan: [{ vxlan: { name: 'vx', id: 7, dev: 'eth1', dstport: 4789 } }],
};

const NICS = ['eth0', 'eth1', 'eth2'];
const IFCFG = '/etc/sysconfig/network-scripts';
const NM = '/etc/NetworkManager/system-connections';

/** What makes eth0, eth1 and eth2 each backend's. */
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

function entriesFor(tasks: readonly Wish[]): { entries: Entry[]; own: Set<string>; state: Snapshot } {
  const bare = snapshotOf({
    links: NICS,
    addresses: ['eth0 10.0.0.1/24', 'eth1 10.1.0.1/24'],
    routes4: NICS.slice(0, 2)
      .map(
        (dev, at) => `unicast 10.${at}.0.0/24 dev ${dev} table 254 proto kernel scope link src 10.${at}.0.1`,
      )
      .join('\n'),
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
  const host: Snapshot = {
    ...bare,
    links: new Map(nics),
    bridgeVlans: [],
    fdb: [],
    ethtool: new Map([[ethtoolKey('eth1', 'features'), features]]),
    tc: { items: [], tables: new Set(), lacking: new Set(), hz: 1_000_000_000 },
  };
  const plannable = tasks.map((task) => {
    const [[name, params] = ['', {}]] = Object.entries(task);
    const resource = resources.find((known) => known.name === name);
    if (resource === undefined) throw new Error(`no resource ${name}`);
    return { resource, items: [{ params, path: [] }] };
  });
  const { tasks: planned, state } = planTasks(plannable, host);
  expect(planned.flatMap(({ problems }) => problems)).toEqual([]);
  const keys = planned.map(({ parts }) =>
    parts.flatMap(({ resource, params }) => resource.kept?.(params, state) ?? []).map(settled),
  );
  const entries = keys.flat().map((kept): Entry => ({ key: keptKey(kept), by: 'auto', kept }));
  return { entries, own: new Set(keys.at(-1)?.map(keptKey)), state };
}

/** `works`, `by boot: REASON`, or both where a part of it is left. */
function cell(name: BackendName, tasks: readonly Wish[]): string {
  const { entries, own, state } = entriesFor(tasks);
  expect(own.size, JSON.stringify(tasks)).toBeGreaterThan(0);
  const { facts = {}, files = {} } = HOSTS[name];
  const all = new Map<string, HostFile | null>(state.files);
  for (const [path, content] of Object.entries(files)) all.set(path, { content, mode: '600' });
  const boot = { init: 'systemd', facts: new Map(Object.entries(facts)) } as const;
  const snapshot: Snapshot = { ...state, files: all, boot };
  const backend = backends.find((known) => known.name === name);
  if (backend === undefined) throw new Error(`no backend ${name}`);
  if (name !== 'boot')
    for (const dev of NICS) expect(backend.manages(dev, snapshot), `${name} ${dev}`).toBeDefined();
  const { left, files: written } = backend.write(entries, snapshot);
  const held = new Set(written.flatMap(({ keys, file }) => (file === null ? [] : keys)));
  const reasons = [...new Set(left.flatMap(({ entry, why }) => (own.has(entry.key) ? [why] : [])))];
  const works = [...own].some((key) => held.has(key));
  // What the host's own files say already is not said twice: these bring their devices up.
  const asked = [...own].filter((key) => !/^link eth\d state$/.test(key));
  const neither = asked.filter((key) => !held.has(key) && !left.some(({ entry }) => entry.key === key));
  expect(neither, name).toEqual([]);
  if (reasons.length === 0) return 'works';
  return `${works ? 'works in part; ' : ''}by boot: ${reasons.join('; ')}`;
}

const COLUMNS: readonly BackendName[] = [
  'netplan',
  'networkmanager',
  'networkd',
  'ifupdown',
  'network-scripts',
  'boot',
];
/** The intents come by the plain tasks that they stand for. */
const THEMSELVES = resources
  .filter((kind) => !('expand' in kind) && kind.kept === undefined)
  .map(({ name }) => name);

function table(): string {
  const rows = Object.entries(SAMPLES).map(
    ([resource, tasks]) => `| \`${resource}\` | ${COLUMNS.map((name) => cell(name, tasks)).join(' | ')} |`,
  );
  const note = `These keep themselves, in files or databases of their own: ${THEMSELVES.map((name) => `\`${name}\``).join(', ')}.`;
  const head = `| | ${COLUMNS.map((name) => `\`${name}\``).join(' | ')} |\n|---|${COLUMNS.map(() => '---|').join('')}`;
  return `${head}\n${rows.join('\n')}\n\n${note}\n`;
}

test('every resource that has something to keep is asked about', () => {
  const keeping = resources.filter((kind) => !('expand' in kind) && kind.kept !== undefined);
  expect(Object.keys(SAMPLES).sort()).toEqual(keeping.map(({ name }) => name).sort());
});

test.each(Object.entries(SAMPLES))(
  'what is kept of %s is read from the record as it was written',
  (_, tasks) => {
    const { entries } = entriesFor(tasks);
    const files = new Map([[RECORD, { content: recordText(entries) ?? '', mode: '600' }]]);
    expect([...readRecord({ files }).keys()]).toEqual([...new Set(entries.map(({ key }) => key))]);
  },
);

test('docs/persistence.md has the table of what works', () => {
  const file = join(import.meta.dirname, '../../../docs/persistence.md');
  const [begin, end] = ['<!-- table: begin -->\n', '<!-- table: end -->'];
  const text = readFileSync(file, 'utf8');
  const from = text.indexOf(begin) + begin.length;
  const written = `${text.slice(0, from)}${table()}${text.slice(text.indexOf(end))}`;
  if (process.env.NETPLAY_WRITE_DOCS === '1') writeFileSync(file, written);
  else expect(text, 'NETPLAY_WRITE_DOCS=1 npx vitest run --project unit table writes it').toBe(written);
});
