import { describe, expect, test } from 'vitest';
import { type BridgePortParams, bridgePort } from '../../../src/resources/bridge_port.js';
import { NEW_BRIDGE } from '../../../src/resources/links/bridge-options.js';
import { vidRanges } from '../../../src/resources/links/vlan-args.js';
import type { Step } from '../../../src/shared/change.js';
import type { BridgeVlan } from '../../../src/snapshot/bridge.js';
import type { Snapshot, Tools } from '../../../src/snapshot/model.js';
import { applyEffects } from '../../../src/snapshot/simulate.js';
import { addressOn, hostState, nic, OLD_TOOLS, TOOLS } from '../../support/host-state.js';

const PORT = ['state', 'forwarding', 'priority', '32', 'cost', '4', 'hairpin', 'off', 'isolated', 'off'];
const LINKS = [
  nic('br0', {
    kind: 'bridge',
    mac: '52:54:00:00:00:aa',
    addrAssignType: 3,
    bridge: { ...NEW_BRIDGE, vlanFiltering: true },
  }),
  nic('eth1', { mac: '52:54:00:00:00:01', master: 'br0', port: PORT }),
  nic('eth2', { mac: '52:54:00:00:00:02' }),
];
const vlan = (vid: number, more: Partial<BridgeVlan> = {}): BridgeVlan => ({
  ...{ dev: 'eth1', vid, pvid: false, untagged: false },
  ...more,
});
const DEFAULT = vlan(1, { pvid: true, untagged: true });

function host(tools: Tools = TOOLS, bridgeVlans: readonly BridgeVlan[] | null = [DEFAULT]): Snapshot {
  return { ...hostState({ links: LINKS, tools }), bridgeVlans, fdb: [] };
}

const words = (steps: readonly Step[]): string[] =>
  steps.map((step) =>
    'argv' in step ? step.argv.join(' ') : 'args' in step ? step.args.join(' ') : step.kind,
  );

function planned(params: Partial<BridgePortParams>, state = host()) {
  const { changes, problems = [], warnings } = bridgePort.plan({ dev: 'eth1', ...params }, state);
  return {
    do: words(changes.flatMap((change) => change.do)),
    undo: words(changes.toReversed().flatMap((change) => change.undo)),
    problems: problems.map(({ message }) => message),
    warnings,
    after: applyEffects(
      state,
      changes.flatMap((change) => change.effects),
    ),
  };
}

describe('by what the host has', () => {
  const params = { cost: 9, priority: 3, hairpin: true, isolated: true };
  test.each<[string, Tools, string[]]>([
    [
      'ip of today',
      TOOLS,
      [
        'link set dev eth1 type bridge_slave cost 9',
        'link set dev eth1 type bridge_slave priority 3',
        'link set dev eth1 type bridge_slave hairpin on',
        'link set dev eth1 type bridge_slave isolated on',
      ],
    ],
    [
      'brctl and /sys',
      OLD_TOOLS,
      [
        'brctl setpathcost br0 eth1 9',
        'brctl setportprio br0 eth1 3',
        'brctl hairpin br0 eth1 on',
        `sh -c printf '%s\\n' "$1" > "$2" sh 1 /sys/class/net/eth1/brport/isolated`,
      ],
    ],
    [
      '/sys alone',
      { ...OLD_TOOLS, linkMaster: true, others: [] },
      [
        `sh -c printf '%s\\n' "$1" > "$2" sh 9 /sys/class/net/eth1/brport/path_cost`,
        `sh -c printf '%s\\n' "$1" > "$2" sh 3 /sys/class/net/eth1/brport/priority`,
        `sh -c printf '%s\\n' "$1" > "$2" sh 1 /sys/class/net/eth1/brport/hairpin_mode`,
        `sh -c printf '%s\\n' "$1" > "$2" sh 1 /sys/class/net/eth1/brport/isolated`,
      ],
    ],
  ])('%s', (_, tools, expected) => expect(planned(params, host(tools)).do).toEqual(expected));

  test('what it does not tell of a port is refused, and nothing is made', () => {
    const { do: steps, problems } = planned({ cost: 9, locked: true });
    expect([steps, problems]).toEqual([[], ['this host (iproute2-6.1.0) does not tell locked of a port']]);
  });

  test('without `bridge`, VLANs are refused in one line', () => {
    expect(planned({ vlans: [{ vid: 5 }] }, host(TOOLS, null)).problems).toEqual([
      'this host has no `bridge`, which sets the VLANs of ports: its iproute2 is too old',
    ]);
  });

  test('an `ip` without ranges gets each VLAN by itself', () => {
    const old = { ...TOOLS, iproute2: 'iproute2-ss130716' };
    expect(planned({ vlans: [{ vid: '5-7' }] }, host(old)).do).toEqual([
      'vlan add dev eth1 vid 5',
      'vlan add dev eth1 vid 6',
      'vlan add dev eth1 vid 7',
    ]);
  });
});

describe('VLANs', () => {
  test('a new pvid: the old one loses it, and the undo gives it back', () => {
    const { do: steps, undo, after } = planned({ vlans: [{ vid: 10, pvid: true, untagged: true }] });
    expect(steps).toEqual(['vlan add dev eth1 vid 10 pvid untagged']);
    expect(undo).toEqual(['vlan del dev eth1 vid 10', 'vlan add dev eth1 vid 1 pvid untagged']);
    expect(after.bridgeVlans).toEqual([
      { ...DEFAULT, pvid: false },
      vlan(10, { pvid: true, untagged: true }),
    ]);
  });

  test('the new one comes before the old one goes', () => {
    expect(planned({ vlans: [{ vid: 10, pvid: true }], exclusive_vlans: true }).do).toEqual([
      'vlan add dev eth1 vid 10 pvid',
      'vlan del dev eth1 vid 1',
    ]);
  });

  test('what is there already, and flags that are not said, are no difference', () => {
    expect(planned({ vlans: [{ vid: 1 }] }).do).toEqual([]);
  });

  test('neighbours are one range', () => {
    expect(vidRanges([7, 5, 6, 20, 9])).toEqual([
      [5, 7],
      [9, 9],
      [20, 20],
    ]);
  });

  test('of a bridge that does not look at them, that is told', () => {
    const links = LINKS.map((link) => (link.bridge === null ? link : { ...link, bridge: NEW_BRIDGE }));
    const state = { ...host(), links: new Map(links.map((link) => [link.name, link])) };
    expect(planned({ vlans: [{ vid: 5 }] }, state).warnings?.join()).toContain('br0 does not look at VLANs');
  });
});

test('a port that leaves loses its settings, VLANs and entries, and the undo brings back what is not as on a new one', () => {
  const state: Snapshot = {
    ...host(TOOLS, [vlan(5, { pvid: true, untagged: true }), vlan(20), vlan(21)]),
    links: new Map(
      LINKS.map((link) => [
        link.name,
        link.name === 'eth1'
          ? { ...link, port: [...PORT.slice(0, 4), 'cost', '77', 'isolated', 'on'] }
          : link,
      ]),
    ),
    fdb: [
      {
        ...{ lladdr: '02:00:00:00:00:99', dev: 'eth1', self: false, vlan: 20, nud: 'static', flags: [] },
        ...{ dst: null, port: null, vni: null, via: null, srcVni: null },
      },
    ],
  };
  const { do: steps, undo, after } = planned({ state: 'absent' }, state);
  expect(steps).toEqual(['link set dev eth1 nomaster']);
  expect([after.bridgeVlans, after.fdb]).toEqual([[], []]);
  expect(undo).toEqual([
    'link set dev eth1 master br0',
    'link set dev eth1 type bridge_slave cost 77',
    'link set dev eth1 type bridge_slave isolated on',
    'vlan del dev eth1 vid 1',
    'vlan add dev eth1 vid 20-21',
    'vlan add dev eth1 vid 5 pvid untagged',
    'fdb replace 02:00:00:00:00:99 dev eth1 master vlan 20 static',
  ]);
});

test('a cost that the kernel gives by itself is left to it', () => {
  expect(planned({ state: 'absent' }).undo).toEqual(['link set dev eth1 master br0']);
});

test('pitfall 37: an address that stays on a port is warned of', () => {
  const state = { ...host(), addresses: [addressOn('eth2', '10.0.0.1/24')] };
  const { warnings } = bridgePort.plan({ dev: 'eth2', bridge: 'br0' }, state);
  expect(warnings?.join()).toContain('eth2 keeps 10.0.0.1/24');
});
