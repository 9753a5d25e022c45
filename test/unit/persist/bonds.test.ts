/** A bond in the words of those that make it at boot. */
import { describe, expect, it } from 'vitest';
import { bondWord } from '../../../src/persist/netplan-bond.js';
import { bondSection, primaryOf } from '../../../src/persist/networkd-bond.js';
import { newLink } from '../../../src/resources/links/new-link.js';
import { type BondSettings, withBond } from '../../../src/snapshot/bond.js';
import type { Link } from '../../../src/snapshot/model.js';

const USUAL = { use_carrier: '1', resend_igmp: '1', num_grat_arp: '1', lacp_rate: 'slow', primary: '' };

function bond(settings: BondSettings): Link {
  const bare = newLink('bond0', { kind: 'bond', addrAssignType: 3, mac: '02:00:00:00:00:b0' });
  return withBond(bare, { ...settings, ...USUAL, ...settings });
}

const cases: [name: string, settings: BondSettings, networkd: string, netplan: unknown][] = [
  [
    'a preferred port, delays',
    { mode: 'active-backup', miimon: '100', updelay: '200', primary: 'eth1', all_slaves_active: '1' },
    'Mode=active-backup MIIMonitorSec=100ms UpDelaySec=200ms AllSlavesActive=yes',
    {
      mode: 'active-backup',
      'mii-monitor-interval': 100,
      'up-delay': 200,
      primary: 'lan',
      'all-slaves-active': true,
    },
  ],
  [
    'LACP',
    { mode: '802.3ad', miimon: '100', lacp_rate: 'fast', xmit_hash_policy: 'layer3+4', min_links: '1' },
    'Mode=802.3ad MIIMonitorSec=100ms LACPTransmitRate=fast TransmitHashPolicy=layer3+4 MinLinks=1',
    {
      mode: '802.3ad',
      'mii-monitor-interval': 100,
      'lacp-rate': 'fast',
      'transmit-hash-policy': 'layer3+4',
      'min-links': 1,
    },
  ],
  [
    'links watched by ARP',
    {
      mode: 'balance-rr',
      miimon: '0',
      arp_interval: '250',
      arp_ip_target: '10.0.0.1,10.0.0.2',
      lp_interval: '5',
    },
    'Mode=balance-rr ARPIntervalSec=250ms ARPIPTargets=10.0.0.1 10.0.0.2 LearnPacketIntervalSec=5s',
    {
      mode: 'balance-rr',
      'arp-interval': 250,
      'arp-ip-targets': ['10.0.0.1', '10.0.0.2'],
      'learn-packet-interval': 5,
    },
  ],
];

describe.each(cases)('%s', (_name, settings, networkd, netplan) => {
  it('as systemd-networkd has it', () => {
    const said = bondSection(bond(settings));
    expect(said).toEqual([{ name: 'Bond', lines: expect.anything() }]);
    expect(typeof said === 'string' ? said : said[0]?.lines.toSorted()).toEqual(
      networkd.match(/\w+=\S+(?: \d\S*)*/g)?.toSorted(),
    );
  });

  it('as netplan has it', () => {
    expect(bondWord(bond(settings), (dev) => (dev === 'eth1' ? 'lan' : undefined))).toEqual({
      value: { interfaces: [], parameters: netplan },
    });
  });
});

it("tells the preferred port of networkd's", () => {
  expect(primaryOf(bond({ mode: 'active-backup', primary: 'eth1' }))).toEqual({
    dev: 'eth1',
    sections: [{ name: 'Network', lines: ['PrimarySlave=yes'] }],
  });
  expect(primaryOf(bond({ mode: 'active-backup' }))).toBeUndefined();
});

describe('what they have no words for', () => {
  it.each<[BondSettings, string]>([
    [{ mode: 'active-backup', peer_notify_delay: '300' }, 'peer_notify_delay of a bond'],
    [{ mode: 'active-backup', arp_validate: 'filter' }, 'arp_validate filter of a bond'],
  ])('%j', (settings, why) => {
    expect(bondSection(bond(settings))).toBe(why);
    expect(bondWord(bond(settings), () => undefined)).toEqual({ why });
  });

  it('of netplan: a port that it does not know, and the MAC of a port', () => {
    const primary = bond({ mode: 'active-backup', primary: 'eth1' });
    expect(bondWord(primary, () => undefined)).toEqual({
      why: 'a bond whose primary, eth1, netplan does not know',
    });
    expect(bondWord({ ...primary, addrAssignType: null }, () => 'lan')).toEqual({
      why: 'a bond that has the MAC of a port',
    });
  });
});
