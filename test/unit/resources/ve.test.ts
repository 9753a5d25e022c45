/** What `ve` plans: the words for vzctl and prlctl, their undo, and what is refused. */
import { describe, expect, test } from 'vitest';
import { planTasks } from '../../../src/engine/plan.js';
import { takeBack } from '../../../src/engine/take-back.js';
import { validateParams } from '../../../src/resources/validate.js';
import { type VeParams, ve } from '../../../src/resources/ve.js';
import type { Snapshot } from '../../../src/snapshot/model.js';
import type { OpenVz, Ve } from '../../../src/snapshot/openvz.js';
import { describeStep } from '../../../src/transaction/steps.js';
import { addressOn, hostState, nic, OLD_TOOLS } from '../../support/host-state.js';

const UUID = '5b01ac1d-4a4b-4d2a-8a0e-1f5a3c7d9e11';
const PAIR = {
  ...{ ifname: 'eth0', mac: '00:18:51:aa:00:01', hostIfname: 'veth101.0' },
  ...{ hostMac: '00:18:51:00:00:02', bridge: 'vmbr0' },
};

function container(id: string, more: Partial<Ve> = {}): Ve {
  const addresses = more.addresses ?? [];
  return {
    id,
    ...{ name: null, hostname: null, running: false, addresses, configured: addresses, netifs: [] },
    ...{ nameservers: [], searchdomains: [], onboot: false },
    ...more,
  };
}

interface Node extends Partial<OpenVz> {
  old?: boolean;
}

function node({ old = false, ...more }: Node = {}): Snapshot {
  const openvz: OpenVz = {
    ...{ version: 'legacy', prlctl: false, conf: new Map(), listed: true },
    ves: [
      container('101', {
        name: 'web',
        running: true,
        addresses: ['10.0.0.101', '10.0.0.111'],
        netifs: [PAIR],
      }),
      container('102', { addresses: ['10.0.0.102'], netifs: [{ ...PAIR, hostIfname: 'veth102.0' }] }),
      container('103', { running: null, addresses: ['10.0.0.103'] }),
    ],
    ...more,
  };
  const links = [
    ...['lo', 'eth0', 'eth3', 'venet0'].map((name, at) =>
      nic(name, { index: at + 1, mac: `52:54:00:00:00:0${at}` }),
    ),
    ...['vmbr0', 'vmbr1'].map((name) =>
      nic(name, { kind: 'bridge', mac: '52:54:00:00:00:ff', addrAssignType: 3 }),
    ),
    nic('veth101.0', { kind: 'veth', master: 'vmbr0', mac: PAIR.hostMac }),
  ];
  const addresses = [addressOn('eth0', '10.0.0.1/24'), addressOn('eth3', '10.0.0.3/24')];
  return { ...hostState({ links, addresses, ...(old && { tools: OLD_TOOLS }) }), openvz };
}

const texts = (steps: readonly Parameters<typeof describeStep>[0][]): string[] => steps.map(describeStep);
const ALL_IN_FILE = (id: string, key: string): string =>
  texts([
    {
      kind: 'run',
      argv: [
        ...['sh', '-c'],
        'f=$(readlink -f "$1") && sed -e "$2" "$f" >"$f.netplay-new" && cat "$f.netplay-new" >"$f"; rc=$?; rm -f "$f.netplay-new"; exit $rc',
        ...['edit', `/etc/vz/conf/${id}.conf`, key],
      ],
    },
  ])[0] ?? '';

interface Case {
  name: string;
  params: VeParams;
  on?: Node;
  do: readonly string[];
  undo: readonly string[];
  warnings?: readonly (string | RegExp)[];
}

const CASES: readonly Case[] = [
  {
    name: 'addresses of a stopped container: what is missing',
    params: { ve: 102, addresses: ['10.0.0.122', '10.0.0.102', '10.0.0.122', '2001:DB8::0'] },
    do: ['vzctl set 102 --ipadd 10.0.0.122 --ipadd 2001:db8:: --save'],
    undo: ['vzctl set 102 --ipdel 10.0.0.122 --ipdel 2001:db8:: --save'],
  },
  {
    name: 'the undo has the words of the file, with their lengths and in their order',
    params: { ve: 102, addresses: ['10.0.0.8'], exclusive: true },
    on: {
      ves: [
        container('102', {
          addresses: ['10.0.0.7', '10.0.0.8', '10.0.0.9'],
          written: ['10.0.0.7', '10.0.0.8/24', '10.0.0.9/25'],
        }),
      ],
    },
    do: ['vzctl set 102 --ipdel 10.0.0.7 --ipdel 10.0.0.9 --save'],
    undo: ['vzctl set 102 --ipadd 10.0.0.7 --ipadd 10.0.0.8/24 --ipadd 10.0.0.9/25 --save'],
  },
  {
    name: 'nothing where all is there, in another order',
    params: {
      ve: 'web',
      addresses: ['10.0.0.111', '10.0.0.101'],
      exclusive: true,
      onboot: false,
      name: 'web',
    },
    do: [],
    undo: [],
  },
  {
    name: 'OpenVZ 7: prlctl where it is',
    params: { ve: UUID.toUpperCase(), addresses: ['10.0.0.5'], hostname: 'x', onboot: true, name: null },
    on: { version: '7', prlctl: true, ves: [container(UUID, { name: 'db', hostname: 'y' })] },
    do: [
      `prlctl set ${UUID} --ipadd 10.0.0.5`,
      `prlctl set ${UUID} --hostname x`,
      `vzctl set ${UUID} --name '' --save`,
      `prlctl set ${UUID} --onboot yes`,
    ],
    undo: [
      `prlctl set ${UUID} --ipdel 10.0.0.5`,
      `prlctl set ${UUID} --hostname y`,
      `prlctl set ${UUID} --name db`,
      `prlctl set ${UUID} --onboot no`,
    ],
  },
  {
    name: 'OpenVZ 7 without prlctl',
    params: { ve: UUID, hostname: 'x' },
    on: { version: '7', ves: [container(UUID)] },
    do: [`vzctl set ${UUID} --hostname x --save`],
    undo: [`vzctl set ${UUID} --hostname '' --save`],
  },
  {
    name: 'lists of words: exactly these, in this order; none is edited away, since vzctl has no word for it',
    params: { ve: 102, nameservers: ['2001:DB8::1', 'inherit'], searchdomains: [] },
    on: { ves: [container('102', { searchdomains: ['a.example', 'b.example'] })] },
    do: [
      'vzctl set 102 --nameserver 2001:db8::1 --nameserver inherit --save',
      ALL_IN_FILE('102', '/^[[:space:]]*SEARCHDOMAIN=/d'),
    ],
    undo: [
      ALL_IN_FILE('102', '/^[[:space:]]*NAMESERVER=/d'),
      'vzctl set 102 --searchdomain a.example --searchdomain b.example --save',
    ],
  },
  {
    name: 'a new pair: each word is given, so that vzctl makes none up',
    params: { ve: 102, netifs: [{ ifname: 'eth1', mac: '52-54-00-12-34-56', bridge: 'vmbr1' }] },
    do: ['vzctl set 102 --netif_add eth1,52:54:00:12:34:56,veth102.1,fe:54:00:12:34:56,vmbr1 --save'],
    undo: ['vzctl set 102 --netif_del eth1 --save'],
  },
  {
    name: 'a new pair without a MAC gets the same one in every run',
    params: { ve: 102, netifs: [{ ifname: 'lan' }] },
    do: ['vzctl set 102 --netif_add lan,02:b3:16:27:28:6e,veth102.0,fe:b3:16:27:28:6e, --save'],
    undo: ['vzctl set 102 --netif_del lan --save'],
    on: { ves: [container('102')] },
  },
  {
    name: 'a pair of one that runs: vzctl for the file, ip for its end on the node; the MAC inside has to wait',
    params: {
      ve: 101,
      netifs: [{ ifname: 'eth0', mac: '52:54:00:00:00:09', host_mac: 'fe:54:00:00:00:09', bridge: 'vmbr1' }],
    },
    do: [
      'vzctl set 101 --ifname eth0 --mac 52:54:00:00:00:09 --host_mac fe:54:00:00:00:09 --bridge vmbr1 --save',
      'ip link set dev veth101.0 address fe:54:00:00:00:09',
      'ip link set dev veth101.0 master vmbr1',
    ],
    undo: [
      'vzctl set 101 --ifname eth0 --mac 00:18:51:aa:00:01 --host_mac 00:18:51:00:00:02 --bridge vmbr0 --save',
      'ip link set dev veth101.0 address 00:18:51:00:00:02',
      'ip link set dev veth101.0 master vmbr0',
    ],
    warnings: ['container 101 keeps the MAC of its eth0 until it is started again'],
  },
  {
    name: 'the same on a host whose ip knows no master',
    params: { ve: 101, netifs: [{ ifname: 'eth0', bridge: 'vmbr1' }] },
    on: { old: true },
    do: [
      'vzctl set 101 --ifname eth0 --bridge vmbr1 --save',
      'brctl delif vmbr0 veth101.0',
      'brctl addif vmbr1 veth101.0',
    ],
    undo: [
      'vzctl set 101 --ifname eth0 --bridge vmbr0 --save',
      'brctl delif vmbr1 veth101.0',
      'brctl addif vmbr0 veth101.0',
    ],
  },
  {
    name: 'absent pairs; of one that runs, what is inside is lost',
    params: { ve: 101, netifs: [{ ifname: 'eth0' }, { ifname: 'eth9' }], state: 'absent' },
    do: ['vzctl set 101 --netif_del eth0 --save'],
    undo: [
      'vzctl set 101 --netif_add eth0,00:18:51:aa:00:01,veth101.0,00:18:51:00:00:02,vmbr0 --save',
      'ip link set dev veth101.0 master vmbr0',
    ],
    warnings: ['container 101 loses what it has on eth0: an undo brings it back bare'],
  },
  {
    name: 'a container of which nobody says whether it runs',
    params: { ve: 103, addresses: ['10.0.0.133'] },
    do: ['vzctl set 103 --ipadd 10.0.0.133 --save'],
    undo: ['vzctl set 103 --ipdel 10.0.0.133 --save'],
    warnings: ['whether container 103 runs is not known: neither vzlist nor vzctl says it'],
  },
  {
    name: 'an address of a stopped container may be in two files',
    params: { ve: 103, addresses: ['10.0.0.102'] },
    do: ['vzctl set 103 --ipadd 10.0.0.102 --save'],
    undo: ['vzctl set 103 --ipdel 10.0.0.102 --save'],
    warnings: [/^10\.0\.0\.102 is in the file of container 102 too/, /not known/],
  },
];

describe('plans', () => {
  test.each(CASES)('$name', ({ params, on, warnings = [], ...expected }) => {
    const before = node(on);
    const first = planTasks([{ resource: ve, items: [{ params, path: [] }] }], before);
    const {
      changes,
      problems,
      warnings: said,
    } = first.tasks[0] ?? { changes: [], problems: [], warnings: [] };
    expect(problems).toEqual([]);
    expect(texts(changes.flatMap((change) => change.do))).toEqual(expected.do);
    expect(texts(changes.flatMap((change) => change.undo))).toEqual(expected.undo);
    expect(said).toEqual(
      warnings.map((word) => (typeof word === 'string' ? word : expect.stringMatching(word))),
    );
    expect(ve.plan(params, first.state).changes).toEqual([]);
  });

  test('two tasks of one play: the second sees what the first makes', () => {
    const params: VeParams[] = [
      { ve: 102, addresses: ['10.0.0.122'], name: 'db' },
      { ve: 'db', addresses: ['10.0.0.122', '10.0.0.123'] },
      { ve: 102, addresses: null },
      { ve: 103, addresses: ['10.0.0.102'] },
    ];
    const { tasks } = planTasks(
      params.map((each) => ({ resource: ve, items: [{ params: each, path: [] }] })),
      node(),
    );
    // Taking all addresses away contradicts the first two, which is told as well.
    expect(tasks.map(({ problems }) => problems.map(({ message }) => message.split(':')[0]))).toEqual([
      ['another task of this play undoes this one'],
      ['another task of this play undoes this one'],
      [],
      [],
    ]);
    expect(tasks.flatMap(({ changes }) => texts(changes.flatMap((change) => change.do)))).toEqual([
      'vzctl set 102 --ipadd 10.0.0.122 --save',
      'vzctl set 102 --name db --save',
      'vzctl set 102 --ipadd 10.0.0.123 --save',
      'vzctl set 102 --ipdel 10.0.0.102 --ipdel 10.0.0.122 --ipdel 10.0.0.123 --save',
      'vzctl set 103 --ipadd 10.0.0.102 --save',
    ]);
  });

  const refused: [params: VeParams, message: string | RegExp, path: (string | number)[]][] = [
    [{ ve: 104, onboot: true }, /^there is no container 104 on this node; did you mean 10[123]\?$/, ['ve']],
    [{ ve: 0, onboot: true }, '0 is the node itself, not a container', ['ve']],
    [{ ve: 'nobody', onboot: true }, 'there is no container nobody on this node', ['ve']],
    [
      { ve: 101, addresses: ['10.0.0.5', '10.0.0.3'] },
      "10.0.0.3 is the node's own, on eth3",
      ['addresses', 1],
    ],
    [{ ve: 102, addresses: ['10.0.0.111'] }, "10.0.0.111 is container 101 (web)'s", ['addresses', 0]],
    [{ ve: 102, name: 'web' }, 'web is the name of container 101 already', ['name']],
    [{ ve: 102, state: 'absent' }, 'absent needs a list of addresses or netifs', ['state']],
    [
      { ve: 102, exclusive: true, onboot: true },
      'exclusive needs a list of addresses or netifs',
      ['exclusive'],
    ],
    [
      { ve: 102, addresses: [], state: 'absent', hostname: 'x' },
      'hostname means nothing with state: absent',
      ['hostname'],
    ],
    [{ ve: 102, netifs: [{ ifname: 'a' }, { ifname: 'a' }] }, 'a is given twice', ['netifs', 1, 'ifname']],
    [
      { ve: 102, netifs: [{ ifname: 'eth1', bridge: 'eth3' }] },
      'eth3 is a network device, not a bridge',
      ['netifs', 0, 'bridge'],
    ],
    [
      { ve: 102, netifs: [{ ifname: 'eth1', bridge: 'vmbr7' }] },
      /^there is no device vmbr7 on this host/,
      ['netifs', 0, 'bridge'],
    ],
    [
      { ve: 101, netifs: [{ ifname: 'eth0', host_ifname: 'other' }] },
      "vzctl can't rename veth101.0 while container 101 runs",
      ['netifs', 0, 'host_ifname'],
    ],
    [
      { ve: 102, netifs: [{ ifname: 'eth1', host_ifname: 'eth3' }] },
      'there is a device eth3 on the node already',
      ['netifs', 0, 'host_ifname'],
    ],
    [
      { ve: 102, netifs: [{ ifname: 'eth0', host_mac: '00:18:51:AA:00:01', mac: '00:18:51:aa:00:01' }] },
      /^00:18:51:aa:00:01 can't be the MAC of both ends/,
      ['netifs', 0, 'mac'],
    ],
  ];
  test.each(refused)('refuses %j', (params, message, path) => {
    const { changes, problems } = ve.plan(params, node());
    const words = typeof message === 'string' ? message : expect.stringMatching(message);
    expect(problems).toEqual([expect.objectContaining({ message: words, path })]);
    if (params.ve === 104) expect(changes).toEqual([]);
  });

  test('refuses an address whose route could get no source', () => {
    const conf = new Map([['VE_ROUTE_SRC_DEV', 'eth9']]);
    const problems = (id: number) => ve.plan({ ve: id, addresses: ['10.0.0.5'] }, node({ conf })).problems;
    expect(problems(101)).toEqual([
      expect.objectContaining({ message: expect.stringContaining('VE_ROUTE_SRC_DEV') }),
    ]);
    expect(problems(102)).toEqual([]);
  });

  test('refuses a host that is no node, or was not read as one', () => {
    const { openvz: _, ...plain } = node();
    for (const snapshot of [plain, { ...plain, openvz: null }])
      expect(ve.plan({ ve: 101, onboot: true }, snapshot).problems).toEqual([
        expect.objectContaining({ message: expect.stringContaining('no OpenVZ node') }),
      ]);
  });
});

describe('hostile strings', () => {
  const bad: Record<string, unknown>[] = [
    ...['-1', '--save', 'a\nb', 'a;b', '$(x)', 'a/b', '..', '.', ' a', 'a ', '{101}', '', 'a"b', -1, 0.5].map(
      (word) => ({
        ve: word,
      }),
    ),
    ...['1', '--x', 'a"b', 'a$b', 'a\nb', '../x', 'a`b', '..'].map((name) => ({ ve: 101, name })),
    ...['-x', 'a b', 'a"b', 'a\nb', '$x', "a'b", ''].map((hostname) => ({ ve: 101, hostname })),
    ...['a,mac=x', 'a;b', 'a b', 'a"b', '-x', 'a=b', '../x', 'a'.repeat(16)].flatMap((word) => [
      { ve: 101, netifs: [{ ifname: word }] },
      { ve: 101, netifs: [{ ifname: 'eth0', bridge: word }] },
      { ve: 101, netifs: [{ ifname: 'eth0', host_ifname: word }] },
    ]),
    ...['all', '10.0.0.1/24', '10.0.0.1 10.0.0.2', '--ipdel', '10.1'].map((word) => ({
      ve: 101,
      addresses: [word],
    })),
    ...['8.8.8.8 x', '"', '-x', 'Inherit'].map((word) => ({ ve: 101, nameservers: [word] })),
    ...['a b', '"', '-x'].map((word) => ({ ve: 101, searchdomains: [word] })),
    { ve: 101, netifs: [{ mac: '00:18:51:aa:00:01' }] },
    { ve: 101, onboot: null },
    {},
  ];
  test.each(bad)('the schema refuses %j', (params) => {
    expect(validateParams(ve, params, { templates: false })).not.toEqual([]);
  });

  test.each([
    { ve: 'web one+1.x-y_z', name: 'db 2' },
    { ve: `{${UUID}}`, hostname: 'a.b-c_d' },
    { ve: '101', netifs: [{ ifname: 'eth0.5', bridge: 'br_0-1' }] },
  ])('and takes %j', (params) => {
    expect(validateParams(ve, params, { templates: false })).toEqual([]);
  });

  test('a dot in a name is a dot to sed', () => {
    const ves = [container('102', { netifs: [{ ...PAIR, ifname: 'eth0.5', bridge: null }] })];
    const { changes } = ve.plan({ ve: 102, netifs: [{ ifname: 'eth0.5', bridge: 'vmbr1' }] }, node({ ves }));
    expect(texts(changes.flatMap(({ undo }) => undo))).toEqual([
      ALL_IN_FILE('102', '/^NETIF=/s/\\(ifname=eth0\\.5\\(,[^;"]*\\)\\{0,1\\}\\),bridge=vmbr1/\\1/'),
    ]);
  });
});

test('taking back what somebody has changed since is refused, whatever else has changed is not', () => {
  const [, before] = node().openvz?.ves ?? [];
  if (before === undefined) throw new Error('no container');
  const after = { ...before, hostname: 'new' };
  const entry = { id: 'x', changes: [], differences: [] };
  const plan = (now: Ve) =>
    takeBack.plan(
      { kind: 'take', entry: entry as never, differences: [{ kind: 'openvz', before, after }] },
      node({ ves: [now] }),
    );
  expect(plan({ ...after, hostname: 'third' }).problems?.[0]?.message).toBe('ve 102 has another hostname');
  expect(plan({ ...after, onboot: true, running: true }).problems ?? []).toEqual([]);
  expect(plan(before).reason).toBe('all is as it was before x');
});
