/** VLANs, tunnels and others whose settings are words with values, as sections of a `.netdev` file (systemd 252). */
import { isGroup } from '../snapshot/kinds/kinds.js';
import type { Values } from '../snapshot/kinds/setting.js';
import type { Said } from './networkd-routing.js';

export function yesNo(value: string): string {
  if (value === 'on') return 'yes';
  return value === 'off' ? 'no' : value;
}

/** A kind's settings: the key of each, with what it is by itself; a setting without a key must be as it is by itself. */
interface Table {
  section: string;
  keys: Readonly<Record<string, readonly [key: string, usual: string | null]>>;
}

const TUNNELLED: Table['keys'] = {
  external: ['', 'off'],
  remote: ['Remote', null],
  local: ['Local', null],
  ttl: ['TTL', null],
  tos: ['', '0x0'],
  pmtudisc: ['DiscoverPathMTU', 'on'],
  fwmark: ['', '0x0'],
  encap: ['', 'none'],
};

const GRE: Table = {
  section: 'Tunnel',
  keys: {
    ...TUNNELLED,
    ikey: ['InputKey', null],
    okey: ['OutputKey', null],
    iseq: ['', 'off'],
    oseq: ['', 'off'],
    icsum: ['', 'off'],
    ocsum: ['', 'off'],
    ignore_df: ['', 'off'],
  },
};

const TABLED: Readonly<Record<string, Table>> = {
  vlan: {
    section: 'VLAN',
    keys: {
      id: ['Id', null],
      protocol: ['Protocol', '802.1Q'],
      reorder_hdr: ['ReorderHeader', 'on'],
      gvrp: ['GVRP', 'off'],
      mvrp: ['MVRP', 'off'],
      loose_binding: ['LooseBinding', 'off'],
      bridge_binding: ['', 'off'],
      ingress_qos_map: ['', null],
      egress_qos_map: ['', null],
    },
  },
  macvlan: {
    section: 'MACVLAN',
    keys: {
      mode: ['Mode', null],
      nopromisc: ['', 'off'],
      bcqueuelen: ['BroadcastMulticastQueueLength', '1000'],
      macaddr: ['', null],
    },
  },
  vrf: { section: 'VRF', keys: { table: ['Table', null] } },
  gre: GRE,
  gretap: GRE,
  ipip: {
    section: 'Tunnel',
    keys: { ...TUNNELLED, mode: ['', 'ipip'] },
  },
  vxlan: {
    section: 'VXLAN',
    keys: {
      id: ['VNI', null],
      external: ['', 'off'],
      remote: ['Remote', null],
      local: ['Local', null],
      srcport: ['', '0-0'],
      dstport: ['DestinationPort', null],
      ttl: ['TTL', 'auto'],
      tos: ['', '0x0'],
      df: ['', 'unset'],
      flowlabel: ['', '0x0'],
      learning: ['MacLearning', null],
      proxy: ['ReduceARPProxy', 'off'],
      rsc: ['RouteShortCircuit', 'off'],
      l2miss: ['L2MissNotification', 'off'],
      l3miss: ['L3MissNotification', 'off'],
      ageing: ['FDBAgeingSec', '300'],
      maxaddress: ['MaximumFDBEntries', '0'],
      udpcsum: ['UDPChecksum', null],
      udp6zerocsumtx: ['UDP6ZeroChecksumTx', 'off'],
      udp6zerocsumrx: ['UDP6ZeroChecksumRx', 'off'],
      gbp: ['GroupPolicyExtension', 'off'],
    },
  },
};

export function tabledSection(kind: string, values: Values): Said {
  const table = TABLED[kind];
  if (table === undefined) return `a link of the kind ${kind}`;
  const apart = 'dev' in values && values.dev == null;
  const lines: string[] = apart ? ['Independent=yes'] : [];
  for (const [name, [key, usual]] of Object.entries(table.keys)) {
    const value = values[name];
    if (value == null || value === usual) continue;
    if (key === '') return `${name} of a ${kind}`;
    if (name === 'remote' && isGroup(value)) return `a group of a ${kind}`;
    lines.push(`${key}=${value === 'inherit' ? 0 : yesNo(value)}`);
  }
  return [{ name: table.section, lines }];
}
