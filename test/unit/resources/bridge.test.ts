import { describe, expect, test } from 'vitest';
import { type BridgeParams, bridge } from '../../../src/resources/bridge.js';
import { NEW_BRIDGE } from '../../../src/resources/links/bridge-options.js';
import { bridgeMac } from '../../../src/resources/links/mac.js';
import { applyEffects } from '../../../src/snapshot/simulate.js';
import { addressOn, type HostState, hostState, nic, OLD_TOOLS } from '../../support/host-state.js';

const ETH1 = nic('eth1', { index: 2, mac: '52:54:00:00:00:01' });
const TAP0 = nic('tap0', { index: 3, mac: 'fe:54:00:00:00:02', kind: 'tun' });
const BR0 = nic('br0', {
  index: 4,
  kind: 'bridge',
  mac: '52:54:00:00:00:01',
  addrAssignType: 3,
  bridge: NEW_BRIDGE,
});

function host(state: HostState = {}) {
  return hostState({ links: [ETH1, TAP0, nic('br9', { kind: 'bridge' })], ...state });
}

describe('problems', () => {
  test.each<[string, BridgeParams, HostState, string]>([
    ['a port that is not there', { name: 'br0', ports: ['eth7'] }, {}, 'no device eth7'],
    [
      'pitfall 37: a port of another bridge',
      { name: 'br0', ports: ['eth1'] },
      { links: [{ ...ETH1, master: 'br9' }] },
      'eth1 is a port of br9',
    ],
    ['a bridge as port', { name: 'br0', ports: ['br9'] }, {}, "it can't be a port"],
    [
      'the loopback as port',
      { name: 'br0', ports: ['lo'] },
      { links: [nic('lo', { flags: ['LOOPBACK'] })] },
      "lo can't be a port",
    ],
    ['another kind of device of that name', { name: 'eth1' }, {}, 'not a bridge'],
    [
      'pitfall 38: hundredths of a second',
      { name: 'br0', forward_delay: 1500 },
      {},
      'forward_delay takes 0 to 30 seconds, not 1500',
    ],
    [
      'no forward_delay below 2 with stp',
      { name: 'br0', forward_delay: 0, stp: true },
      {},
      'forward_delay takes 2 to 30 seconds',
    ],
    ['a multicast MAC', { name: 'br0', mac: '03:00:00:00:00:01' }, {}, 'multicast address'],
    [
      'an old host without brctl',
      { name: 'br0' },
      { tools: { ...OLD_TOOLS, others: [] } },
      'there is no brctl',
    ],
    [
      'an old host and an option of later days',
      { name: 'br0', vlan_filtering: true },
      { tools: OLD_TOOLS },
      "can't set vlan_filtering",
    ],
  ])('%s', (_, params, state, message) => {
    const { changes, problems } = bridge.plan(params, host(state));
    expect(changes).toEqual([]);
    expect(problems?.map((problem) => problem.message).join()).toContain(message);
  });

  test('pitfall 38: the hint tells the seconds', () => {
    expect(bridge.plan({ name: 'br0', forward_delay: 1500 }, host()).problems?.[0]?.hint).toContain(
      'write 15.',
    );
  });
});

describe('pitfall 36: which MAC a bridge is pinned to', () => {
  const pinned = (params: BridgeParams, state: HostState = {}) => {
    const plan = bridge.plan(params, host(state));
    return applyEffects(
      host(state),
      plan.changes.flatMap((change) => change.effects),
    ).links.get('br0');
  };
  test.each<[string, BridgeParams, HostState, string]>([
    [
      'the one that is given',
      { name: 'br0', mac: '52-54-00-12-34-56', ports: ['eth1'] },
      {},
      '52:54:00:12:34:56',
    ],
    ["its first port's that is no tap", { name: 'br0', ports: ['tap0', 'eth1'] }, {}, '52:54:00:00:00:01'],
    [
      'its own, where it is pinned already',
      { name: 'br0' },
      { links: [{ ...BR0, mac: '02:11:22:33:44:55' }, ETH1] },
      '02:11:22:33:44:55',
    ],
    [
      "a port's that it has, before the first port's",
      { name: 'br0', ports: ['eth1', 'eth2'] },
      {
        links: [
          { ...BR0, addrAssignType: 1, mac: '52:00:00:00:00:09' },
          ETH1,
          nic('eth2', { mac: '52:00:00:00:00:09', master: 'br0' }),
        ],
      },
      '52:00:00:00:00:09',
    ],
    [
      "not a tap's that it took over",
      { name: 'br0', ports: ['eth1'] },
      { links: [{ ...BR0, addrAssignType: 1, mac: TAP0.mac }, { ...TAP0, master: 'br0' }, ETH1] },
      '52:54:00:00:00:01',
    ],
  ])('%s', (_, params, state, mac) => {
    expect(pinned(params, state)).toMatchObject({ mac, addrAssignType: 3 });
  });

  test('without ports it is made up: local, the same each time, another on another host', () => {
    const mac = bridgeMac('br0', [], host());
    expect(mac).toMatch(/^02(:[0-9a-f]{2}){5}$/);
    expect(bridgeMac('br0', [], host())).toBe(mac);
    expect(bridgeMac('br1', [], host())).not.toBe(mac);
    expect(bridgeMac('br0', [], hostState({ links: [nic('eth1', { mac: '52:54:00:00:00:99' })] }))).not.toBe(
      mac,
    );
  });

  test('the assign type counts, not the MAC alone', () => {
    const links = [
      { ...BR0, addrAssignType: 1 },
      { ...ETH1, master: 'br0' },
    ];
    const { changes } = bridge.plan({ name: 'br0', ports: ['eth1'] }, hostState({ links }));
    expect(changes.map((change) => change.do)).toEqual([
      [{ kind: 'ip', args: ['link', 'set', 'dev', 'br0', 'address', '52:54:00:00:00:01'] }],
    ]);
  });

  test('a kernel that does not tell the assign type is compared by its MAC', () => {
    const links = [
      { ...BR0, addrAssignType: null },
      { ...ETH1, master: 'br0' },
    ];
    expect(bridge.plan({ name: 'br0', ports: ['eth1'] }, hostState({ links })).changes).toEqual([]);
  });
});

test('other ports stay, unless exclusive is said', () => {
  const links = [BR0, { ...ETH1, master: 'br0' }, { ...TAP0, master: 'br0' }];
  expect(bridge.plan({ name: 'br0', ports: ['eth1'] }, hostState({ links })).changes).toEqual([]);
  const { changes } = bridge.plan({ name: 'br0', ports: ['eth1'], exclusive: true }, hostState({ links }));
  expect(changes.map((change) => change.address)).toEqual(['link tap0 master']);
});

test('pitfall 37: an address that stays on a port is warned of', () => {
  const plan = bridge.plan(
    { name: 'br0', ports: ['eth1'] },
    host({ addresses: [addressOn('eth1', '10.0.0.1/24')] }),
  );
  expect(plan.warnings?.join()).toContain('eth1 keeps 10.0.0.1/24');
});

test('pitfall 38: brctl gets seconds, ip gets hundredths', () => {
  const params: BridgeParams = {
    name: 'br0',
    forward_delay: 3,
    ageing_time: 300,
    stp: true,
    ports: ['eth1'],
  };
  const commands = (state: HostState) =>
    bridge
      .plan(params, host(state))
      .changes.flatMap((change) => change.do)
      .map((step) =>
        step.kind === 'run' ? step.argv.join(' ') : step.kind === 'ip' ? step.args.join(' ') : '',
      );
  expect(commands({})).toEqual([
    'link add name br0 address 52:54:00:00:00:01 type bridge forward_delay 300 stp_state 1',
    'link set dev eth1 master br0',
    'link set dev br0 up',
  ]);
  expect(commands({ tools: OLD_TOOLS })).toEqual([
    'brctl addbr br0',
    'link set dev br0 address 52:54:00:00:00:01',
    'brctl setfd br0 3',
    'brctl stp br0 on',
    'brctl addif br0 eth1',
    'link set dev br0 up',
  ]);
});
