/** What is refused of made-up links, with its place, and what is planned where the lab's kernel can't show it. */
import { describe, expect, test } from 'vitest';
import { resources } from '../../../src/resources/registry.js';
import type { PlanResult, Resource } from '../../../src/resources/resource.js';
import type { Link, Snapshot } from '../../../src/snapshot/model.js';
import { parseLinks } from '../../../src/snapshot/parse-link.js';
import { resolverOf } from '../../support/names.js';
import { snapshotOf } from '../../support/snapshots.js';

const ETH = (name: string, flags = 'UP,LOWER_UP', rest = ''): string =>
  `${name}: <BROADCAST,MULTICAST,${flags}> mtu 1500 qdisc noop state UP qlen 1000\\    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0 minmtu 68 maxmtu 9000 ${rest}`;
const LINKS = [
  'lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN qlen 1000\\    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00 promiscuity 0 ',
  ETH('eth0'),
  ETH('eth1', 'M-DOWN'),
  ETH('eth0.5@eth0', 'UP', '\\    vlan protocol 802.1Q id 5 <REORDER_HDR> '),
  ETH('mv0@eth1', 'UP', '\\    macvlan mode bridge bcqueuelen 1000 '),
  ETH('iv0@eth0.5', 'UP', '\\    ipvlan mode l3 bridge '),
  ETH('vx5', 'UP', '\\    vxlan id 5 remote 10.0.0.2 srcport 0 0 dstport 4789 ttl auto ageing 300 udpcsum '),
  ETH('gre1@NONE', 'UP', '\\    gre remote 10.0.0.2 local 10.0.0.1 ttl inherit '),
  ETH('out@if7', 'UP', 'link-netnsid 0 \\    veth '),
  ETH('br0', 'UP', '\\    bridge forward_delay 1500 '),
  ETH('port', 'UP').replace('qdisc noop', 'qdisc noop master br0'),
  ETH('blue', 'UP', '\\    vrf table 10 '),
];

function host(more: Partial<Snapshot> = {}): Snapshot {
  const text = LINKS.map((line, index) => `${index + 1}: ${line}`).join('\n');
  const links: ReadonlyMap<string, Link> = parseLinks(text, new Map(), resolverOf());
  return { ...snapshotOf({ directories: { '/run/netns': ['green'] } }), links, ...more };
}

function planned(task: Readonly<Record<string, unknown>>, snapshot = host()): PlanResult {
  const [[name, params] = ['', {}]] = Object.entries(task);
  const resource = resources.find((known) => known.name === name) as Resource<unknown>;
  return resource.plan(params, snapshot);
}

describe('refused, with its place', () => {
  test.each([
    [
      { veth: { name: 'eth0', peer: 'b' } },
      'name',
      'eth0 is there already, and is a network device, not a veth',
    ],
    [
      { vlan: { name: 'gre1', link: 'eth0', id: 9 } },
      'name',
      'gre1 is there already, and is a gre, not a vlan',
    ],
    [
      { dummy: { name: 'eth0.5', state: 'absent' } },
      'name',
      'eth0.5 is there already, and is a vlan, not a dummy',
    ],
    [
      { gre: { name: 'gre0', remote: '10.0.0.9' } },
      'name',
      "gre0 is the kernel's own: it comes with the module, and stays",
    ],
    [{ ifb: { name: 'eth0' } }, 'name', 'eth0 is there already, and is a network device, not an ifb'],
    [{ macvlan: { name: 'm', link: 'lo' } }, 'link', 'no macvlan can be on lo, the loopback'],
    [{ vlan: { name: 'v', link: 'lo', id: 5 } }, 'link', 'no vlan can be on lo, the loopback'],
    [{ veth: { name: 'a', peer: 'a' } }, 'peer', "a can't be its own peer"],
    [{ veth: { name: 'a', peer: 'eth1' } }, 'peer', 'eth1 is there already, and is not the other end of a'],
    [
      { veth: { name: 'a', peer: 'b', peer_netns: 'gren' } },
      'peer_netns',
      'this host has no network namespace gren',
    ],
    [
      { veth: { name: 'a', peer: 'b', peer_netns: 'green', peer_up: true } },
      'peer_up',
      'whether b is up in green is for that namespace to say: it is not seen from here',
    ],
    [
      { veth: { name: 'a', peer: 'b', peer_mac: '01:00:00:00:00:01' } },
      'peer_mac',
      '01:00:00:00:00:01 is a multicast address (its first byte is odd): no device can have it',
    ],
    [
      { veth: { name: 'out', state: 'absent' } },
      'name',
      "the other end of out is in another network namespace, and its name can't be told",
    ],
    [
      { vlan: { name: 'v', link: 'eth9', id: 5 } },
      'link',
      'there is no device eth9 on this host; did you mean eth0?',
    ],
    [{ vlan: { name: 'v', link: 'eth0', id: 5 } }, 'id', 'eth0 has VLAN 5 already: eth0.5'],
    [
      { vlan: { name: 'v', link: 'eth0', id: 6, mtu: 2000 } },
      'mtu',
      'mtu 2000 is more than that of eth0, which is 1500',
    ],
    [{ vlan: { name: 'v', link: 'eth1', id: 6 } }, 'up', "eth1 is down, and v can't be up without it"],
    [
      { vlan: { name: 'eth0.5', link: 'eth0', id: 6 } },
      'name',
      "iv0 (ipvlan) stands on eth0.5, would go with it, and can't be made again",
    ],
    [
      { vlan: { name: 'eth0.5', state: 'absent' } },
      'name',
      "iv0 (ipvlan) stands on eth0.5, would go with it, and can't be made again",
    ],
    [{ macvlan: { name: 'm', link: 'mv0' } }, 'link', 'mv0 is a macvlan itself: name the device below it'],
    [
      { macvlan: { name: 'm', link: 'eth1', mode: 'passthru' } },
      'mode',
      'eth1 has mv0 on it: passthru takes it whole',
    ],
    [{ macvlan: { name: 'm', link: 'port' } }, 'link', 'port is a port of br0: no macvlan can be on it'],
    [
      { link: { name: 'eth1', master: 'br0' } },
      'master',
      "eth1 can't be a port of br0 while mv0 (macvlan) is on it",
    ],
    [
      { macvlan: { name: 'm', link: 'eth0', nopromisc: true } },
      'nopromisc',
      'nopromisc is for mode passthru',
    ],
    [
      { macvlan: { name: 'm', link: 'eth0', macaddr: ['02:00:00:00:00:02'] } },
      'macaddr',
      'macaddr is for mode source',
    ],
    [{ vxlan: { name: 'v' } }, 'id', 'id is missing'],
    [
      { vxlan: { name: 'v', id: 6, dev: 'eth0', mtu: 1500 } },
      'mtu',
      'mtu 1500 is more than fits into eth0, whose 1500 bytes leave 1450',
    ],
    [
      { vxlan: { name: 'v', id: 5, dstport: 4789, remote: '10.0.0.3' } },
      'id',
      'vx5 has id 5 at port 4789 already',
    ],
    [
      { vxlan: { name: 'v', id: 6, group: '239.1.1.1' } },
      'group',
      'group 239.1.1.1 needs dev: the device where the group is',
    ],
    [
      { vxlan: { name: 'v', id: 6, group: '10.0.0.3', dev: 'eth0' } },
      'group',
      '10.0.0.3 is the address of one host',
    ],
    [
      { vxlan: { name: 'v', id: 6, remote: '239.1.1.1', dev: 'eth0' } },
      'remote',
      '239.1.1.1 is the address of a group',
    ],
    [
      { vxlan: { name: 'v', id: 6, remote: '10.0.0.3', local: '2001:db8::1' } },
      'local',
      'local 2001:db8::1 and the other end are of two families',
    ],
    [{ vxlan: { name: 'v', id: 6, flowlabel: 7 } }, 'flowlabel', 'flowlabel is for IPv6'],
    [
      { gre: { name: 'g', remote: '10.0.0.2', local: '10.0.0.1' } },
      'name',
      'gre1 is a gre with the same ends already',
    ],
    [
      { gre: { name: 'g', remote: '10.0.0.3', key: 5, ikey: 6 } },
      'ikey',
      'ikey is given twice: once for both directions',
    ],
    [
      { gretap: { name: 'g', remote: '10.0.0.3', ignore_df: true } },
      'ignore_df',
      'ignore_df needs pmtudisc: false',
    ],
    [
      { gre: { name: 'g', external: true, key: 5 } },
      'key',
      'with external: true, each packet says what key it has',
    ],
    [
      { ipip: { name: 'i', remote: '10.0.0.3', ttl: 5, pmtudisc: false } },
      'pmtudisc',
      'ttl 5 needs pmtudisc',
    ],
    [{ vrf: { name: 'red', table: 10 } }, 'table', 'table 10 is that of blue already'],
    [{ vrf: { name: 'red', table: 11, master: 'eth0' } }, 'master', "a VRF can't be a port of eth0"],
    [{ dummy: { name: 'd', master: 'd' } }, 'master', "d can't be its own master"],
  ])('%j', (task, place, message) => {
    const { changes, problems = [] } = planned(task);
    expect(changes).toEqual([]);
    expect(problems.map((problem) => [problem.path?.[0], problem.message])).toEqual([[place, message]]);
  });

  test('a kind that the kernel is known to lack; where that is not known, the run finds out', () => {
    const task = { dummy: { name: 'd' } };
    const lacking = planned(task, host({ linkKinds: new Map([['dummy', false]]) }));
    expect(lacking.problems?.[0]?.message).toBe("this host's kernel knows no links of the kind dummy");
    expect(planned(task, host({ linkKinds: new Map() })).problems).toEqual([]);
  });
});

test('the end of a veth in another namespace is left alone, and made again by what the task says of it', () => {
  expect(planned({ veth: { name: 'out', peer: 'eth0', peer_netns: 'green' } }).changes).toEqual([]);
  const { changes } = planned({ veth: { name: 'out', peer: 'eth0', peer_netns: 'green', state: 'absent' } });
  expect(JSON.stringify(changes[0]?.undo)).toContain('"peer","name","eth0","netns","green"');
});

test('a veth whose other end is hidden is made anew only by what the task says of that, and with a warning', () => {
  const blind = planned({ veth: { name: 'out', peer: 'b', numtxqueues: 4 } });
  expect(blind.changes).toEqual([]);
  expect(blind.problems?.map(({ message }) => message)).toEqual([
    "the other end of out is in another network namespace, and its name can't be told",
  ]);
  const told = planned({ veth: { name: 'out', peer: 'b', peer_netns: 'green', numtxqueues: 4 } });
  expect(told.problems).toEqual([]);
  expect(JSON.stringify(told.changes[0]?.do)).toContain('"peer","name","b","netns","green"');
  expect(told.warnings?.join()).toContain('do not come back');
});

test('what a veth has on an end that is renamed does not come back, which is said', () => {
  const pair = `${ETH('va@vb', 'UP', '\\    veth ')}\n91: ${ETH('vb@va', 'UP', '\\    veth ')}`;
  const links = parseLinks(`90: ${pair}`, new Map(), resolverOf());
  const { addresses } = snapshotOf({ addresses: ['vb 10.7.0.1/24'] });
  const { warnings } = planned({ veth: { name: 'va', peer: 'vc' } }, host({ links, addresses }));
  expect(warnings).toEqual([
    'va must be made anew to change this',
    'vb goes for good: vc takes its place, without its addresses and routes (10.7.0.1/24)',
  ]);
});

test('a VLAN that goes down with the device below is named, so that nothing that needs it is put behind that', () => {
  const { changes } = planned({ link: { name: 'eth0', state: 'down' } });
  const touched = changes.flatMap(({ effects }) =>
    effects.flatMap((effect) => (effect.kind === 'link' && 'set' in effect ? [effect.set.name] : [])),
  );
  expect(touched).toEqual(['eth0', 'eth0.5']);
});
