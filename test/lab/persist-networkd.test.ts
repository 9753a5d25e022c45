/** What the backends networkd and netplan write, judged by the real ones: a reboot brings the same state. */

import { afterEach, describe, expect, it, test } from 'vitest';
import { stringify } from 'yaml';
import type { Backend } from '../../src/persist/backend.js';
import { netplan } from '../../src/persist/netplan.js';
import { bondWord } from '../../src/persist/netplan-bond.js';
import { networkd } from '../../src/persist/networkd.js';
import type { Entry } from '../../src/persist/record.js';
import { newLink } from '../../src/resources/links/new-link.js';
import { type BondSettings, withBond } from '../../src/snapshot/bond.js';
import { type Kept, keptKey } from '../../src/snapshot/kept.js';
import { type KindName, withSettings } from '../../src/snapshot/kinds/kinds.js';
import type { Values } from '../../src/snapshot/kinds/setting.js';
import { applyIn } from '../support/apply.js';
import { cameBetween, readState, stateText } from '../support/kept-state.js';
import { type Booted, bootNetworkd, NETPLAN_BASE, NETWORKD_BASE } from '../support/networkd.js';
import { NETPLAN_CASES, NETWORKD_CASES, type RebootCase } from '../support/networkd-cases.js';
import { sampleCases } from '../support/sample.js';

const open: Booted[] = [];

async function boot(files: Readonly<Record<string, string>>): Promise<Booted> {
  const host = await bootNetworkd(files);
  open.push(host);
  return host;
}

sampleCases(2);
afterEach(() => {
  for (const host of open.splice(0)) host.close();
});

/** Lines by which networkd and netplan say that they did not take something. */
const COMPLAINT = /ignor|unknown|invalid|fail|could not|drop|conflict|warning|error/i;
/** This namespace has no bus, no Wi-Fi, and names its own processes. */
const BUS = /wireless|runtime directory|sd-bus|DBus|hostname|udev|PID 1|product UUID|SELinux/i;
/** What netplan 0.106 writes of its own for a route of IPv6 without a gateway, and networkd rightly leaves out. */
const NETPLANS_OWN = 'Scope= is specified for IPv6 route.';

interface Rebooted {
  before: string;
  after: string;
  complaints: string[];
  left: string[];
}

function settingOf([dev, text]: readonly [string, string]): Kept {
  const words = text.split(' ');
  const name = words[0] === 'type' ? `port ${words[2]}` : (words[0] ?? '');
  return { kind: 'setting', dev, name, words };
}

/** Gives a host something by hand, writes down what came, and starts another one over these files. */
async function reboots(
  base: Readonly<Record<string, string>>,
  { manages, write }: Backend,
  { commands, settings = [] }: RebootCase,
): Promise<Rebooted> {
  const first = await boot(base);
  const empty = readState(first.netns);
  expect(manages('eth1', empty)).toBeDefined();
  first.netns.must(`set -e\n${commands}`);
  const state = readState(first.netns);
  const came = [...cameBetween(empty, state), ...settings.map(settingOf)];
  expect(came).not.toEqual([]);
  const { files, left } = write(
    came.map((kept): Entry => ({ key: keptKey(kept), by: 'auto', kept })),
    state,
  );
  const texts = files.flatMap(({ path, file }) => (file === null ? [] : [[path, file.content] as const]));
  const second = await boot({ ...base, ...Object.fromEntries(texts) });
  return {
    before: stateText(state),
    after: stateText(readState(second.netns)),
    complaints: second
      .log()
      .filter((line) => COMPLAINT.test(line) && !BUS.test(line) && !line.includes(NETPLANS_OWN)),
    left: left.map(({ why }) => why),
  };
}

describe('a reboot with systemd-networkd', () => {
  for (const one of NETWORKD_CASES)
    it(`brings back: ${one.name}`, async () => {
      const { before, after, complaints, left } = await reboots(NETWORKD_BASE, networkd, one);
      expect(left).toEqual([]);
      expect(complaints).toEqual([]);
      expect(after).toBe(before);
    }, 60_000);
});

describe('a reboot with netplan', () => {
  for (const one of NETPLAN_CASES)
    it(`brings back: ${one.name}`, async () => {
      const { before, after, complaints, left } = await reboots(NETPLAN_BASE, netplan, one);
      expect(left).toEqual([]);
      expect(complaints).toEqual([]);
      expect(after).toBe(before);
    }, 60_000);
});

test('a file that netplan refuses never takes its place, and leaves nothing behind', async () => {
  const { netns } = await boot(NETPLAN_BASE);
  const state = readState(netns);
  const [address] = state.addresses.filter(({ dev }) => dev === 'eth1');
  if (address === undefined) throw new Error('eth1 has no address');
  const item = { ...address, local: '10.0.0.9' };
  const of = (each: Kept): Entry => ({ key: keptKey(each), by: 'auto', kept: each });
  const [file] = netplan.write([of({ kind: 'address', item })], state).files;
  const good = file?.first ?? [];
  expect(applyIn(netns, good)).toEqual([]);
  const bad = good.map((step) =>
    step.kind === 'write' ? { ...step, content: 'network: {ethernets: {eth1: {mtu: x}}}\n' } : step,
  );
  expect(applyIn(netns, bad)).not.toEqual([]);
  expect(netns.must('ls /run; ls /etc/netplan')).not.toMatch(/netplay/);
});

/** Kinds that this kernel may lack, each with settings that are not as they are by themselves. */
const MADE: readonly (readonly [KindName, Values])[] = [
  [
    'vlan',
    { link: 'eth1', id: '5', protocol: '802.1ad', reorder_hdr: 'off', gvrp: 'on', loose_binding: 'on' },
  ],
  ['macvlan', { link: 'eth1', mode: 'bridge', bcqueuelen: '2000' }],
  ['vxlan', { id: '42', remote: '10.0.0.9', local: '10.0.0.5', dstport: '4789', ttl: '64', dev: 'eth1' }],
  [
    'vxlan',
    { id: '43', dstport: '8472', learning: 'off', proxy: 'on', ageing: '60', udpcsum: 'off', gbp: 'on' },
  ],
  ['gre', { remote: '10.0.0.9', local: '10.0.0.5', ttl: 'inherit', ikey: '5', okey: '6' }],
  ['gretap', { remote: '10.0.0.9', local: '10.0.0.5', ttl: '64', pmtudisc: 'off' }],
  ['ipip', { mode: 'ipip', remote: '10.0.0.9', local: '10.0.0.5', ttl: '64', dev: 'eth1' }],
  ['vrf', { table: '500' }],
  ['dummy', {}],
  ['ifb', {}],
];
const BONDS: readonly BondSettings[] = [
  {
    ...{ mode: 'active-backup', miimon: '100', updelay: '200', downdelay: '300', primary: 'eth1' },
    ...{ primary_reselect: 'better', fail_over_mac: 'active', num_grat_arp: '3', resend_igmp: '2' },
    all_slaves_active: '1',
  },
  {
    ...{ mode: '802.3ad', miimon: '50', lacp_rate: 'fast', xmit_hash_policy: 'encap3+4', min_links: '1' },
    ...{ ad_select: 'bandwidth', ad_actor_sys_prio: '7', ad_user_port_key: '9' },
    ad_actor_system: '02:00:00:00:00:07',
  },
  {
    ...{ mode: 'balance-rr', arp_interval: '250', arp_ip_target: '10.0.0.1,10.0.0.2' },
    ...{ arp_validate: 'all', arp_all_targets: 'all', packets_per_slave: '2' },
  },
  { mode: 'balance-tlb', miimon: '100', tlb_dynamic_lb: '0', lp_interval: '5' },
];

test('every line of a link that this kernel may lack is one that networkd knows', async () => {
  const { netns } = await boot(NETWORKD_BASE);
  const state = readState(netns);
  const bare = state.links.get('eth2');
  if (bare === undefined) throw new Error('no eth2');
  const plain = (at: number) => ({ ...bare, name: `n${at}`, lower: null, addrAssignType: 1, details: {} });
  const links = [
    ...MADE.map(([kind, values], at) => withSettings(plain(at), kind, values)),
    ...BONDS.map((settings, at) => withBond({ ...plain(MADE.length + at), kind: 'bond' }, settings)),
  ];
  const entries = links.map((item): Entry => {
    const kept: Kept = { kind: 'link', item };
    return { key: keptKey(kept), by: 'auto', kept };
  });
  const { files, left } = networkd.write(entries, state);
  expect(left).toEqual([]);
  const texts = files.flatMap(({ path, file }) => (file === null ? [] : [[path, file.content] as const]));
  expect(texts.length).toBe(2 * links.length + 1);
  const { log } = await boot({ ...NETWORKD_BASE, ...Object.fromEntries(texts) });
  expect(
    log().filter((line) => line.startsWith('/etc/systemd/') || /netplay-n\d.*(ignor|drop)/i.test(line)),
  ).toEqual([]);
});

test('every parameter of a bond is one that netplan knows, and hands on to networkd', async () => {
  const { netns } = await boot(NETPLAN_BASE);
  const bare = newLink('bond', { kind: 'bond', addrAssignType: 3, mac: '02:00:00:00:00:b0' });
  const words = BONDS.map((settings) => {
    // Those it has none for; see bonds.test.ts.
    const known = Object.entries(settings).filter(([word]) => !/^(ad_(actor|user)_|tlb_)/.test(word));
    return bondWord(withBond(bare, Object.fromEntries(known)), (dev) => dev);
  });
  const bonds = Object.fromEntries(
    words.map((word, at) => {
      if ('why' in word) throw new Error(word.why);
      const ports = at === 0 ? ['eth1'] : [];
      return [`n${at}`, { ...(word.value as object), interfaces: ports }];
    }),
  );
  const text = stringify({ network: { version: 2, renderer: 'networkd', ethernets: { eth1: {} }, bonds } });
  netns.must('mkdir -p /run/try/etc/netplan');
  netns.must(['sh', '-c', 'umask 077; cat > /run/try/etc/netplan/a.yaml'], text);
  expect(netns.must('netplan generate --root-dir /run/try 2>&1')).toBe('');
  const made = netns.must('cat /run/try/run/systemd/network/*.net*');
  expect(
    made
      .match(/^(Mode|MIIMonitorSec|UpDelaySec|LACPTransmitRate|ARPIPTargets|AdSelect|PrimarySlave)=.*$/gm)
      ?.sort(),
  ).toMatchInlineSnapshot(`
    [
      "ARPIPTargets=10.0.0.1 10.0.0.2",
      "AdSelect=bandwidth",
      "LACPTransmitRate=fast",
      "MIIMonitorSec=100ms",
      "MIIMonitorSec=100ms",
      "MIIMonitorSec=50ms",
      "Mode=802.3ad",
      "Mode=active-backup",
      "Mode=balance-rr",
      "Mode=balance-tlb",
      "PrimarySlave=true",
      "UpDelaySec=200ms",
    ]
  `);
});
