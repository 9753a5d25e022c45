/** Ports and forwarding tables as text, as JSON and as /sys tells them, on the same real state. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PORT_WORDS, portSetting } from '../../src/resources/links/port-options.js';
import type { FdbEntry } from '../../src/snapshot/bridge.js';
import { fdbText } from '../../src/snapshot/identity.js';
import type { Link, Read } from '../../src/snapshot/model.js';
import { parseSysfs } from '../../src/snapshot/parse-sysfs.js';
import { readSnapshot } from '../support/facts.js';
import { createNetns, type Netns } from '../support/netns.js';

type Json = Readonly<Record<string, unknown>>;

const READS: readonly Read[] = [{ kind: 'links' }, { kind: 'fdb' }, { kind: 'bridge_vlans' }];
const STATE = `set -e
ip link add br0 address 52:54:00:00:00:aa type bridge; ip link set br0 up
for n in 1 2; do
  ip link add eth$n address 52:54:00:00:00:0$n type veth peer name p$n
  ip link set p$n up; ip link set eth$n up; ip link set eth$n master br0
done
ip link set eth1 type bridge_slave cost 77 priority 5 hairpin on guard on root_block on learning off flood off mcast_router 2 mcast_flood off bcast_flood off mcast_to_unicast on neigh_suppress on vlan_tunnel on isolated on locked on proxy_arp on proxy_arp_wifi on group_fwd_mask 16 backup_port eth2
bridge fdb add 02:00:00:00:00:99 dev eth1 master static
bridge fdb add 02:00:00:00:00:98 dev eth1 master static sticky
bridge fdb add 02:00:00:00:00:97 dev eth1 master permanent
bridge fdb add 02:00:00:00:00:96 dev eth1 master extern_learn
bridge fdb add 02:00:00:00:00:95 dev eth1 self
bridge fdb add 02:00:00:00:00:94 dev br0 self
bridge fdb add 02:00:00:00:00:93 dev eth2 master dynamic`;

let netns: Netns;
beforeEach(async () => {
  netns = await createNetns();
  netns.must(STATE);
});
afterEach(() => netns.close());

function entryOf(json: Json): FdbEntry {
  const flags = (json.flags as string[]) ?? [];
  const dev = String(json.ifname);
  const state = String(json.state);
  return {
    lladdr: String(json.mac),
    dev,
    self: flags.includes('self') || json.master === dev,
    vlan: json.vlan === undefined ? null : Number(json.vlan),
    nud: state === 'permanent' || state === 'static' ? state : null,
    flags: flags.filter((flag) => flag !== 'self'),
    ...{ dst: null, port: null, vni: null, via: null, srcVni: null },
  };
}

test('entries: those that were set, and all that JSON tells of them', () => {
  const json = (JSON.parse(netns.must('bridge -j fdb show')) as Json[]).map(entryOf);
  const set = json.filter(({ lladdr }) => /^02:00:00:00:00:9[4-9]$/.test(lladdr));
  const own = readSnapshot(netns, READS).fdb ?? [];
  expect(own.map(fdbText).sort()).toEqual(set.map(fdbText).sort());
  expect(set).toHaveLength(6);
});

const JSON_WORDS: Readonly<Record<string, string>> = { mcast_router: 'multicast_router' };

test.each(['eth1', 'eth2'])('the port %s', (dev) => {
  const link = readSnapshot(netns, READS).links.get(dev);
  const [json = {}] = JSON.parse(netns.must(`ip -d -j link show ${dev}`)) as Json[];
  const data = (json.linkinfo as Json).info_slave_data as Json;
  const told = (word: string): string => {
    const value = data[JSON_WORDS[word] ?? word] ?? '';
    if (typeof value === 'boolean') return value ? 'on' : 'off';
    return String(value).startsWith('0x') ? String(Number(value)) : String(value);
  };
  expect(settingsOf(link, [])).toEqual(Object.fromEntries(PORT_WORDS.map((word) => [word, told(word)])));
});

/** `ip` is the tool that tells; where it is too old, /sys has the same but for what came last. */
const NOT_IN_SYSFS = ['vlan_tunnel', 'locked'];

test.each(['eth1', 'eth2'])('the port %s as /sys has it', (dev) => {
  const lines = netns.must(`grep -s '' /sys/class/net/*/brport/* || true`).split('\n');
  const files = new Map(
    lines.map((line): [string, string] => [
      line.slice(0, line.indexOf(':')),
      line.slice(line.indexOf(':') + 1),
    ]),
  );
  const link = readSnapshot(netns, READS).links.get(dev);
  const old = link && { ...link, port: parseSysfs(files).get(dev)?.port ?? [] };
  expect(settingsOf(old, NOT_IN_SYSFS)).toEqual(settingsOf(link, NOT_IN_SYSFS));
  expect(old?.port.length).toBeGreaterThan(20);
});

function settingsOf(link: Link | undefined, without: readonly string[]): Record<string, string | undefined> {
  if (link === undefined) throw new Error('no such port');
  const words = PORT_WORDS.filter((word) => !without.includes(word));
  return Object.fromEntries(words.map((word) => [word, portSetting(link, word)]));
}
