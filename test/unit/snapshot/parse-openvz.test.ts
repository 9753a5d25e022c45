/** What an OpenVZ node's files and tools say, as section 8 of the reference on Linux networking has it. */
import { describe, expect, test } from 'vitest';
import type { OpenVz } from '../../../src/snapshot/openvz.js';
import { parseProbe } from '../../../src/snapshot/parse.js';
import { parseOpenVz } from '../../../src/snapshot/parse-openvz.js';
import { buildProbe } from '../../../src/snapshot/probe.js';

const UUID = '5b01ac1d-4a4b-4d2a-8a0e-1f5a3c7d9e11';
const OTHER_UUID = '9f3c0b52-77aa-4f0e-9a55-0c1d2e3f4a5b';

const FILES = `102
101
999
/etc/vz/conf/102.conf:ONBOOT="no"
/etc/vz/conf/102.conf:IP_ADDRESS=""
/etc/vz/conf/101.conf:ONBOOT="yes"
/etc/vz/conf/101.conf:HOSTNAME="web.example"
/etc/vz/conf/101.conf:NAME="web one"
/etc/vz/conf/101.conf:NAMESERVER="192.168.18.1 inherit"
/etc/vz/conf/101.conf:SEARCHDOMAIN="example.org example.net"
/etc/vz/conf/101.conf:IP_ADDRESS="192.168.18.101 192.168.18.111/24 2001:DB8::0101/64"
/etc/vz/conf/999.conf:IP_ADDRESS="1.2.3.4"
`;
const JSON_LIST = `json
[
  {
    "ctid": 101,
    "status": "running",
    "ip": ["192.168.18.111", "192.168.18.101", "192.168.18.113"]
  },
  {
    "ctid": 102,
    "status": "stopped",
    "ip": []
  }
]
`;
const TEXT_LIST = `text
       101 running   192.168.18.111 192.168.18.101 192.168.18.113
       102 stopped   -
`;
const STATUS_LIST = `status
CTID 102 exist unmounted down
CTID 101 exist mounted running
CTID 999 deleted unmounted down
`;

function parse(more: Partial<Parameters<typeof parseOpenVz>[0]> = {}): OpenVz {
  return parseOpenVz({ conf: '', files: FILES, list: JSON_LIST, prlctl: false, ...more });
}

const WEB = {
  id: '101',
  name: 'web one',
  hostname: 'web.example',
  running: true,
  addresses: ['192.168.18.111', '192.168.18.101', '192.168.18.113'],
  configured: ['192.168.18.101', '192.168.18.111', '2001:db8::101'],
  written: ['192.168.18.101', '192.168.18.111/24', '2001:DB8::0101/64'],
  netifs: [],
  nameservers: ['192.168.18.1', 'inherit'],
  searchdomains: ['example.org', 'example.net'],
  onboot: true,
};
const EMPTY = {
  id: '102',
  ...{ name: null, hostname: null, running: false, addresses: [], configured: [], written: [] },
  ...{ netifs: [], nameservers: [], searchdomains: [], onboot: false },
};

describe('containers', () => {
  test.each([
    ['JSON', JSON_LIST],
    ['text', TEXT_LIST],
  ])('%s: what runs and what it has; a file whose container is not there is left out', (_name, list) => {
    expect(parse({ list })).toEqual({
      version: 'legacy',
      prlctl: false,
      conf: new Map(),
      listed: true,
      ves: [WEB, EMPTY],
    });
  });

  test('without vzlist vzctl says what runs, and the files have the addresses', () => {
    const { listed, ves } = parse({ list: STATUS_LIST });
    expect(listed).toBe(false);
    expect(ves).toEqual([{ ...WEB, addresses: WEB.configured }, EMPTY]);
  });

  test.each([
    ['nothing at all', 'status\n'],
    ['JSON that is none', 'json\n[{ "ctid": 101'],
    ['JSON of another kind', 'json\n{"ctid": 101}'],
  ])('%s: the files alone', (_name, list) => {
    const { listed, ves } = parse({ list });
    expect(listed).toBe(false);
    expect(ves.map(({ id, running }) => [id, running])).toEqual([
      ['101', null],
      ['102', null],
      ['999', null],
    ]);
  });

  test('OpenVZ 7: UUIDs, VEID, addresses with masks, onboot by what it was', () => {
    const files = `${OTHER_UUID}
${UUID}
/etc/vz/conf/${UUID}.conf:ONBOOT="auto"
/etc/vz/conf/${UUID}.conf:IP_ADDRESS="192.168.18.101/255.255.255.0"
/etc/vz/conf/${OTHER_UUID}.conf:ONBOOT="no"
`;
    const list = `json\n[{"ctid": "${UUID}", "status": "running", "ip": ["192.168.18.101/24"]},{"ctid": "${OTHER_UUID}", "status": "suspended", "ip": []}]`;
    const { version, prlctl, ves } = parse({ files, list, prlctl: true });
    expect({ version, prlctl }).toEqual({ version: '7', prlctl: true });
    expect(ves.map(({ id, running, addresses, onboot }) => [id, running, addresses, onboot])).toEqual([
      [UUID, true, ['192.168.18.101'], true],
      [OTHER_UUID, false, [], false],
    ]);
    const status = parse({ files, list: `status\nVEID ${UUID} exist mounted running\n` });
    expect(status.ves.map(({ id, running }) => [id, running])).toEqual([[UUID, true]]);
  });

  test('the version of a node without containers is told by its tools', () => {
    expect(parse({ files: '', list: 'status\n', prlctl: true }).version).toBe('7');
    expect(parse({ files: '', list: 'status\n' })).toMatchObject({ version: 'legacy', ves: [] });
  });

  test('NETIF: pairs in order of their names, fields in any order, those without a name left out', () => {
    const netif =
      'ifname=eth1;bridge=x,mac=00:18:51:00:00:09;host_mac=FE-18-51-00-00-01,ifname=eth0,bridge=vmbr0,mac=00:18:51:AA:00:01,host_ifname=veth101.0,mac_filter=off';
    const { ves } = parse({ files: `101\n/etc/vz/conf/101.conf:NETIF="${netif}"\n`, list: TEXT_LIST });
    expect(ves[0]?.netifs).toEqual([
      {
        ...{ ifname: 'eth0', mac: '00:18:51:aa:00:01', hostIfname: 'veth101.0' },
        ...{ hostMac: 'fe:18:51:00:00:01', bridge: 'vmbr0', macFilter: 'off' },
      },
      { ifname: 'eth1', mac: null, hostIfname: null, hostMac: null, bridge: null },
    ]);
  });

  test('odd words: 0.0.0.0, what is no address, quotes of any kind, a key given twice', () => {
    const files = `101
/etc/vz/conf/101.conf:IP_ADDRESS='0.0.0.0 x 999.1.1.1 10.0.0.1'
/etc/vz/conf/101.conf:IP_ADDRESS="10.0.0.2"
/etc/vz/conf/101.conf:HOSTNAME=plain # of old
/etc/vz/conf/101.conf:  ONBOOT=yes
`;
    expect(parse({ files, list: STATUS_LIST }).ves).toEqual([
      expect.objectContaining({ configured: ['10.0.0.1'], hostname: 'plain', onboot: true }),
    ]);
  });

  test('a value that reads like another file’s line is a value', () => {
    const files = `101\n/etc/vz/conf/101.conf:HOSTNAME="x /etc/vz/conf/102.conf:NAME=y"\n`;
    expect(parse({ files, list: TEXT_LIST }).ves).toEqual([
      expect.objectContaining({ id: '101', hostname: 'x /etc/vz/conf/102.conf:NAME=y' }),
    ]);
  });
});

test('vz.conf: values without their quotes, the last of a key, as a shell would have it', () => {
  const conf = `VE_ROUTE_SRC_DEV="eth0"
NEIGHBOUR_DEVS=all
NEIGHBOUR_DEVS='list:eth3 eth4'
SKIP_ARPDETECT=yes # fast
VE_PRIVATE=/vz/private/$VEID
`;
  expect(Object.fromEntries(parse({ conf }).conf)).toEqual({
    VE_ROUTE_SRC_DEV: 'eth0',
    NEIGHBOUR_DEVS: 'list:eth3 eth4',
    SKIP_ARPDETECT: 'yes',
    VE_PRIVATE: '/vz/private/$VEID',
  });
});

describe('in the probe', () => {
  const T = '0123456789abcdef0123456789abcdef';
  const section = (name: string, content: string, code = 0, errors = ''): string =>
    `\n${T} ${name}\n${content}\n${T} = ${code} ${errors}`;
  const answer = (...sections: string[]): string =>
    `netplay-probe ${T}\n${T} tools\nversion ip utility, iproute2-6.1.0\n${sections.join('')}\n${T} end\n`;
  const read = (...sections: string[]) => parseProbe(answer(...sections), [{ kind: 'openvz' }]).openvz;

  test('is asked for by its read alone', () => {
    expect(buildProbe([{ kind: 'openvz' }])).toContain('vzlist');
    expect(buildProbe([{ kind: 'links' }])).not.toContain('vzlist');
    expect('openvz' in parseProbe(answer(), [])).toBe(false);
  });

  test('null on a host that is no node', () => {
    expect(read()).toBeNull();
  });

  test('a node, with or without prlctl and settings', () => {
    const files = section('openvz-files', FILES);
    const list = section('openvz-list', TEXT_LIST);
    expect(read(section('openvz-conf', '', 1), files, list)).toMatchObject({ prlctl: false, listed: true });
    expect(read(section('openvz-conf', 'A=b'), files, list, `\n${T} openvz-prlctl\n`)).toMatchObject({
      prlctl: true,
      conf: new Map([['A', 'b']]),
    });
  });

  test('files that may not be read are no empty files', () => {
    const denied = 'grep: /etc/vz/conf/101.conf: Permission denied';
    expect(() =>
      read(section('openvz-conf', ''), section('openvz-files', '101', 1, denied), section('openvz-list', '')),
    ).toThrow(`Reading the containers' files failed: ${denied}`);
    expect(() => read(section('openvz-conf', '', 2, 'no'), section('openvz-files', ''))).toThrow(
      'Reading /etc/vz/vz.conf failed: no',
    );
  });
});
