/** What is written for ifupdown: exact files, what is left to others, and what is not said twice. */
import { describe, expect, test } from 'vitest';
import { ifupdown } from '../../../src/persist/ifupdown.js';
import type { Kept } from '../../../src/snapshot/kept.js';
import { addressOn, type HostState, nic } from '../../support/host-state.js';
import { keeper, keptEntry, madeLink, routeFrom, ruleFrom, textOf } from '../../support/kept.js';

const MAIN = '/etc/network/interfaces';
const OWN = '/etc/network/interfaces.d/netplay';
const MADE = '# Made by netplay from /etc/netplay/persistent.jsonl: what is changed here is lost.\n';
const ETH1 = 'auto eth1\niface eth1 inet static\n    address 10.0.0.5/24\n';

function host(files: Readonly<Record<string, string>>, more: Partial<HostState> = {}, facts = ['tool ifup']) {
  const links = [nic('lo'), nic('eth1'), nic('eth2')];
  return keeper(facts, { links, addresses: [addressOn('eth1', '10.0.0.5/24')], files, ...more });
}

const ROUTE = keptEntry({
  kind: 'route',
  item: routeFrom('default via 10.0.0.1 dev eth1 table 100 proto 201'),
});
const RULE = keptEntry({ kind: 'rule', item: ruleFrom('1000: from 10.0.0.5 lookup 100') });

test('a stanza for a route and a rule, in a file of its own', () => {
  const { files, left, warnings } = ifupdown.write(
    [RULE, ROUTE],
    host({ [MAIN]: `${ETH1}source /etc/network/interfaces.d/*\n` }),
  );
  expect(left).toEqual([]);
  expect(warnings).toEqual([]);
  expect(files).toEqual([
    {
      path: OWN,
      first: expect.anything(),
      keys: [ROUTE.key, RULE.key],
      file: {
        mode: '644',
        content: `${MADE}
iface eth1 inet manual
    up ip -4 route replace default via 10.0.0.1 dev eth1 table 100 proto 201
    up ip -4 rule del from 10.0.0.5 priority 1000 table 100 2>/dev/null; ip -4 rule add from 10.0.0.5 priority 1000 table 100
    down ip -4 rule del from 10.0.0.5 priority 1000 table 100 2>/dev/null || true
    down ip -4 route del default via 10.0.0.1 dev eth1 table 100 proto 201 scope 0 2>/dev/null || true
`,
      },
    },
  ]);
});

describe('where it is written', () => {
  const places: readonly [name: string, main: string, at: string, facts?: string[]][] = [
    ['the folder is read after', `${ETH1}source ${MAIN}.d/*\n`, OWN],
    ['the folder is read before', `source ${MAIN}.d/*\n${ETH1}`, MAIN],
    ['a folder of plain names', `${ETH1}source-directory interfaces.d\n`, OWN],
    [
      'ifupdown2 knows no source-directory',
      `${ETH1}source-directory ${MAIN}.d\n`,
      MAIN,
      ['tool ifup', 'tool ifreload'],
    ],
    ['names with an ending', `${ETH1}source interfaces.d/*.cfg\n`, `${OWN}.cfg`],
    ['a remark is no statement', `${ETH1}# source ${MAIN}.d/*\n`, MAIN],
    ['a file by its name', `${ETH1}source ${MAIN}.d/eth7\n`, MAIN],
    ['a line that goes on', `${ETH1}source \\\n  ${MAIN}.d/*\n`, OWN],
  ];
  test.each(places)('%s', (_, main, at, facts) => {
    const { files } = ifupdown.write([ROUTE], host({ [MAIN]: main }, {}, facts));
    expect(files.map(({ path }) => path)).toEqual([at]);
    const [file] = files;
    if (at === MAIN) expect(file?.file?.content).toMatch(/^# netplay: begin\n[\s\S]*^# netplay: end\n$/m);
    if (at === MAIN) expect(file?.file?.content.startsWith(main)).toBe(true);
  });

  test("somebody else's file of that name is left alone", () => {
    const files = { [MAIN]: `${ETH1}source ${MAIN}.d/*\n`, [OWN]: 'iface eth2 inet manual\n' };
    expect(Object.keys(textOf(ifupdown.write([ROUTE], host(files))))).toEqual([MAIN]);
  });
});

test('what is withdrawn is removed: the own file, the part of another', () => {
  const own = { [MAIN]: `${ETH1}source ${MAIN}.d/*\n`, [OWN]: `${MADE}\niface eth1 inet manual\n    up x\n` };
  expect(textOf(ifupdown.write([], host(own)))).toEqual({ [OWN]: null });
  const part = { [MAIN]: `${ETH1}# netplay: begin\nup x\n# netplay: end\n# last\n` };
  expect(textOf(ifupdown.write([], host(part)))).toEqual({ [MAIN]: `${ETH1}# last\n` });
});

test('the same input gives the same text, whatever is there already', () => {
  const main = `${ETH1}source ${MAIN}.d/*\n`;
  const first = textOf(ifupdown.write([ROUTE, RULE], host({ [MAIN]: main })));
  const second = textOf(ifupdown.write([ROUTE, RULE], host({ [MAIN]: main, [OWN]: first[OWN] ?? '' })));
  expect(second).toEqual(first);
});

test.each([
  [
    'an address',
    { kind: 'address', item: addressOn('eth1', '10.0.0.5/24', { broadcast: '10.0.0.255' }) },
    ETH1,
  ],
  [
    'an address with a mask',
    { kind: 'address', item: addressOn('eth1', '10.0.0.5/24') },
    'auto eth1\niface eth1 inet static\n    address 10.0.0.5\n    netmask 255.255.255.0\n',
  ],
  ['a route', ROUTE.kept, `${ETH1}    up ip route add default via 10.0.0.1 dev eth1 tab 100 || true\n`],
  ['a rule', RULE.kept, `${ETH1}    post-up /sbin/ip rule add from 10.0.0.5 lookup 100 pref 1000\n`],
] as const)('%s that the administrator wrote down is not written again', (_, kept, main) => {
  expect(ifupdown.write([keptEntry(kept)], host({ [MAIN]: main }))).toEqual({
    files: [],
    left: [],
    warnings: [],
  });
});

test('a line that says something else is none that says it', () => {
  const main = `${ETH1}    up ip route add default via 10.0.0.2 dev eth1 table 100\n`;
  expect(textOf(ifupdown.write([ROUTE], host({ [MAIN]: main })))[MAIN]).toContain(
    'route replace default via 10.0.0.1',
  );
});

test('a device that nobody brings up at boot is told of, and not brought up', () => {
  const { files, warnings } = ifupdown.write([ROUTE], host({ [MAIN]: 'iface eth1 inet manual\n' }));
  expect(warnings).toEqual([
    'eth1 is not brought up at boot (no auto or allow-hotplug in /etc/network/interfaces): what is kept for it is set with ifup eth1',
  ]);
  expect(files[0]?.file?.content).not.toMatch(/^auto/m);
  const started = ['allow-hotplug eth1', 'auto /eth*', 'auto eth0 eth1'];
  for (const line of started)
    expect(ifupdown.write([ROUTE], host({ [MAIN]: `${line}\niface eth1 inet manual\n` })).warnings).toEqual(
      [],
    );
});

test('who manages a device', () => {
  const snapshot = host({
    [MAIN]: `${ETH1}# netplay: begin\nauto br0\niface br0 inet manual\n# netplay: end\n`,
  });
  expect(ifupdown.manages('eth1', snapshot)).toBe('iface eth1 in /etc/network/interfaces');
  expect(ifupdown.manages('eth2', snapshot)).toBeUndefined();
  // netplay's own word is no evidence.
  expect(ifupdown.manages('br0', snapshot)).toBeUndefined();
  expect(ifupdown.manages('eth1', host({ [MAIN]: ETH1 }, {}, []))).toBeUndefined();
});

test('an odd name is left to others, and what is on a link that can not be made', () => {
  const odd = keptEntry(madeLink('br%0', 'bridge', { bridge: null }));
  const on = keptEntry({ kind: 'address', item: addressOn('br%0', '10.3.0.1/24') });
  const { left, files } = ifupdown.write([on, odd], host({ [MAIN]: ETH1 }));
  expect(files).toEqual([]);
  expect(left.map(({ entry, why }) => [entry.key, why])).toEqual([
    [odd.key, `${MAIN} can't hold the name br%0`],
    [on.key, `it needs br%0: ${MAIN} can't hold the name br%0`],
  ]);
});

test('what a bridge that ifupdown does not bring up knows of a port is left to others', () => {
  const join = {
    kind: 'setting',
    dev: 'eth1',
    name: 'master',
    words: ['master', 'br0'],
    needs: 'br0',
  } as const;
  const fdb: Kept = {
    kind: 'fdb',
    item: {
      ...{ dev: 'eth1', lladdr: '02:00:00:00:00:99', vlan: null, self: false, nud: 'static', flags: [] },
      ...{ dst: null, port: null, vni: null, srcVni: null, via: null },
    },
  };
  const why = 'it needs br0, which ifupdown does not bring up';
  const kept = [keptEntry(join), keptEntry(fdb)];
  const { left } = ifupdown.write(kept, host({ [MAIN]: ETH1 }));
  expect(left.map((one) => [one.entry.key, one.why])).toEqual(kept.map(({ key }) => [key, why]));
  expect(ifupdown.write(kept, host({ [MAIN]: `${ETH1}auto br0\niface br0 inet manual\n` })).left).toEqual([]);
});

test('that a device of Open vSwitch is up is left to others, which run after that', () => {
  const up = { kind: 'setting', dev: 'br0', name: 'state', words: ['up'], of: 'ovs' } as const;
  const { left } = ifupdown.write([keptEntry(up)], host({ [MAIN]: ETH1 }));
  expect(left.map(({ why }) => why)).toEqual(['Open vSwitch may start after ifupdown']);
});

test('a host without the main file keeps nothing by it', () => {
  expect(ifupdown.write([ROUTE], host({})).left).toEqual([{ entry: ROUTE, why: `there is no ${MAIN}` }]);
});

test('a word with blanks is one to the shell that runs the line', () => {
  const alias = {
    kind: 'setting',
    dev: 'eth1',
    name: 'alias',
    words: ['alias', "to the admin's lan"],
  } as const;
  const { files } = ifupdown.write([keptEntry(alias)], host({ [MAIN]: ETH1 }));
  expect(files[0]?.file?.content).toContain(`up ip link set dev eth1 alias 'to the admin'\\''s lan'\n`);
});
