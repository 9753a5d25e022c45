import { describe, expect, test } from 'vitest';
import { type BondParams, bond } from '../../../src/resources/bond.js';
import { newBond, settingWords, wantedSettings } from '../../../src/resources/links/bond-options.js';
import {
  activeSlave,
  type BondSettings,
  bondSettings,
  ownMac,
  withSetting,
} from '../../../src/snapshot/bond.js';
import { parseLinks } from '../../../src/snapshot/parse-link.js';
import { addressOn, type HostState, hostState, nic, OLD_TOOLS } from '../../support/host-state.js';

const ETH1 = nic('eth1', { index: 2, mac: '52:54:00:00:00:01' });
const ETH2 = nic('eth2', { index: 3, mac: '52:54:00:00:00:02' });

function host(state: HostState = {}) {
  return hostState({ links: [ETH1, ETH2, nic('br9', { kind: 'bridge' })], ...state });
}

const read = (listing: string) => parseLinks(listing, new Map(), (_, value) => Number(value) || 0);

describe('a bond as `ip -d link` prints it', () => {
  test('iproute2 6.1, in mode 802.3ad with what LACP found out', () => {
    const links = read(
      String.raw`8: bond0: <BROADCAST,MULTICAST,MASTER,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000\    link/ether 52:54:00:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0  allmulti 0 minmtu 68 maxmtu 65535 \    bond mode 802.3ad miimon 100 updelay 0 downdelay 0 peer_notify_delay 0 use_carrier 1 arp_interval 0 arp_missed_max 2 arp_validate none lacp_active on lacp_rate fast ad_select stable ad_aggregator 1 ad_num_ports 1 ad_actor_key 15 ad_partner_key 1 ad_partner_mac 00:00:00:00:00:00 ad_actor_sys_prio 65535 ad_user_port_key 0 ad_actor_system 00:00:00:00:00:00 tlb_dynamic_lb 1 addrgenmode eui64 numtxqueues 16
3: eth1: <BROADCAST,MULTICAST,SLAVE,UP,LOWER_UP> mtu 1500 qdisc noqueue master bond0 state UP mode DEFAULT group default qlen 1000\    link/ether 52:54:00:00:00:01 brd ff:ff:ff:ff:ff:ff \    veth \    bond_slave state ACTIVE mii_status UP link_failure_count 0 perm_hwaddr 52:54:00:00:00:07 queue_id 0 prio 0 ad_aggregator_id 1 addrgenmode eui64`,
    );
    const found = links.get('bond0');
    expect(found && bondSettings(found)).toMatchObject({
      ...{ mode: '802.3ad', miimon: '100', lacp_rate: 'fast', use_carrier: '1' },
      ad_actor_system: '00:00:00:00:00:00',
    });
    expect(Object.keys((found && bondSettings(found)) ?? {})).not.toContain('ad_aggregator');
    const port = links.get('eth1');
    expect(port && ownMac(port)).toBe('52:54:00:00:00:07');
  });

  test('older ones say less, later ones spell switches out', () => {
    const links = read(
      String.raw`4: bond0: <BROADCAST,MULTICAST,MASTER> mtu 1500 qdisc noop state DOWN mode DEFAULT group default \    link/ether 52:54:00:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0 \    bond mode active-backup active_slave eth1 miimon 0 updelay 0 downdelay 0 use_carrier 1 arp_interval 0 primary eth1 all_slaves_active 0 addrgenmode eui64
5: bond1: <BROADCAST,MULTICAST,MASTER> mtu 1500 qdisc noop state DOWN \    link/ether 52:54:00:00:00:02 brd ff:ff:ff:ff:ff:ff \    bond mode balance-rr use_carrier off all_slaves_active delivered tlb_dynamic_lb on
6: bond2: <BROADCAST,MULTICAST,MASTER> mtu 1500 qdisc noop state DOWN \    link/ether 52:54:00:00:00:03 brd ff:ff:ff:ff:ff:ff \    bond`,
    );
    const [first, second, third] = [...links.values()];
    expect(first && bondSettings(first)?.primary).toBe('eth1');
    expect(first && activeSlave(first)).toBe('eth1');
    expect(second && bondSettings(second)).toEqual({
      ...{ mode: 'balance-rr', use_carrier: '0', all_slaves_active: '1', tlb_dynamic_lb: '1' },
    });
    expect(third && bondSettings(third)).toBeUndefined();
  });
});

/** As the words are carried out one after another, each with what the kernel changes along. */
function carriedOut(from: BondSettings, to: BondSettings): BondSettings {
  return settingWords(from, to).reduce((now, [word, value]) => withSetting(now, word, value), from);
}

describe('from one state to another', () => {
  const modes = ['balance-rr', 'active-backup', '802.3ad', 'balance-tlb', 'balance-alb'];
  const states = modes.flatMap((mode) =>
    [{}, { miimon: 100, updelay: 300 }, { miimon: 50, lacp_rate: 'fast', min_links: 2 }]
      .concat(
        mode === 'active-backup' ? ([{ arp_interval: 200, arp_ip_target: ['192.0.2.1'] }] as object[]) : [],
      )
      .map((options) => wantedSettings(options, newBond(mode))),
  );
  test.each(states.map((state, at) => [at, state] as const))('state %d to every other one', (_, from) => {
    for (const to of states) {
      const after = carriedOut(from, to);
      // What only the other mode can change stays as it is.
      const { lacp_rate: _rate, ...rest } = after;
      const { lacp_rate: __rate, ...expected } = to;
      expect(rest).toEqual(expected);
    }
  });

  test('null is the default, in modes that must watch their links 100', () => {
    expect(wantedSettings({ miimon: null }, { ...newBond('802.3ad'), miimon: '50' }).miimon).toBe('100');
    expect(wantedSettings({ miimon: null }, { ...newBond('balance-rr'), miimon: '50' }).miimon).toBe('0');
    expect(wantedSettings({ lacp_rate: null }, newBond('balance-rr'))).toEqual(newBond('balance-rr'));
  });
});

describe('problems', () => {
  const bond9 = nic('bond9', { kind: 'bond', info: ['mode', 'balance-rr'] });
  test.each<[string, BondParams, HostState, string, readonly (string | number)[]]>([
    ['another kind of device of that name', { name: 'eth1' }, {}, 'not a bond', ['name']],
    ['a port that is not there', { name: 'b', ports: ['eth7'] }, {}, 'no device eth7', ['ports', 0]],
    ['the bond itself', { name: 'b', ports: ['eth1', 'b'] }, {}, "can't be a port of itself", ['ports', 1]],
    ['a bond', { name: 'b', ports: ['bond9'] }, { links: [bond9] }, 'bond9 is a bond', ['ports', 0]],
    [
      'the loopback',
      { name: 'b', ports: ['lo'] },
      { links: [nic('lo', { flags: ['LOOPBACK'] })] },
      "lo can't be a port",
      ['ports', 0],
    ],
    [
      'pitfall 37: a port of another master',
      { name: 'b', ports: ['eth1'] },
      { links: [{ ...ETH1, master: 'br9' }] },
      'eth1 is a port of br9',
      ['ports', 0],
    ],
    ['a multicast MAC', { name: 'b', mac: '01:00:00:00:00:01' }, {}, 'multicast', ['mac']],
    ['an MTU below that of IPv4', { name: 'b', mtu: 60 }, {}, 'IPv4 needs 68', ['mtu']],
    [
      'what is for another mode',
      { name: 'b', mode: 0, lacp_rate: 'fast' },
      {},
      'lacp_rate is not for mode balance-rr, but for 802.3ad',
      ['lacp_rate'],
    ],
    ['ARP in LACP', { name: 'b', mode: 4, arp_interval: 9 }, {}, 'not for mode 802.3ad', ['arp_interval']],
    ['two ways to watch', { name: 'b', miimon: 9, arp_interval: 9 }, {}, 'exclude', ['arp_interval']],
    [
      'a delay that the kernel would round',
      { name: 'b', miimon: 100, updelay: 250 },
      {},
      'not a multiple of miimon (100): the kernel would make it 200',
      ['updelay'],
    ],
    ['a delay without miimon', { name: 'b', downdelay: 250 }, {}, 'downdelay needs miimon', ['downdelay']],
    [
      'a primary that is no port',
      { name: 'b', mode: 1, ports: ['eth1'], primary: 'eth2' },
      {},
      'eth2 is no port of b',
      ['primary'],
    ],
    [
      'a primary where none is preferred',
      { name: 'b', mode: 2, ports: ['eth1'], active_slave: 'eth1' },
      {},
      'active_slave is not for mode balance-xor',
      ['active_slave'],
    ],
    ['old tools', { name: 'b' }, { tools: OLD_TOOLS }, 'knows nothing of bonds', []],
  ])('%s', (_, params, state, message, path) => {
    const { problems = [], changes } = bond.plan(params, host(state));
    expect(problems[0]?.message).toContain(message);
    expect(problems[0]?.path ?? []).toEqual(path);
    expect(changes).toEqual([]);
  });
});

describe('warnings', () => {
  test.each<[string, BondParams, HostState, string]>([
    ['nothing watches the links', { name: 'b', ports: ['eth1'] }, {}, 'give miimon'],
    ['nobody is asked', { name: 'b', arp_interval: 100 }, {}, 'without arp_ip_target'],
    [
      'an address that stays on a port',
      { name: 'b', ports: ['eth1'], miimon: 100 },
      { addresses: [addressOn('eth1', '10.0.0.1/24')] },
      'eth1 keeps 10.0.0.1/24',
    ],
  ])('%s', (_, params, state, message) => {
    expect(bond.plan(params, host(state)).warnings?.join('\n')).toContain(message);
  });
});
