/** VLANs, tunnels and other links on top of others as NetworkManager's profiles spell them. */
import { settingsOf } from '../../snapshot/kinds/kinds.js';
import type { Value } from '../../snapshot/kinds/setting.js';
import type { Link } from '../../snapshot/model.js';
import { isPlain, type Said } from './ip.js';
import type { Line } from './part.js';

/** Bits of `flags=` (NMVlanFlags). */
const VLAN_FLAGS = { reorder_hdr: 1, gvrp: 2, loose_binding: 4, mvrp: 8 } as const;

export function vlanLines(link: Link): Said {
  const values = settingsOf(link);
  if (values.bridge_binding === 'on') return 'it has no word for bridge_binding';
  const flags = Object.entries(VLAN_FLAGS).reduce(
    (sum, [name, bit]) => sum + (values[name] === 'on' ? bit : 0),
    0,
  );
  const map = (value: Value | undefined): string =>
    (value ?? '')
      .split(' ')
      .map((pair) => `${pair};`)
      .join('');
  return lower(values.link, [
    { section: 'vlan', key: 'id', value: values.id ?? '' },
    { section: 'vlan', key: 'flags', value: String(flags) },
    ...(values.protocol === '802.1Q'
      ? []
      : [{ section: 'vlan', key: 'protocol', value: values.protocol ?? '', since: 42 }]),
    ...(values.ingress_qos_map == null
      ? []
      : [{ section: 'vlan', key: 'ingress-priority-map', value: map(values.ingress_qos_map) }]),
    ...(values.egress_qos_map == null
      ? []
      : [{ section: 'vlan', key: 'egress-priority-map', value: map(values.egress_qos_map) }]),
  ]);
}

/** The lines with the device that the link stands on. */
function lower(dev: Value | undefined, lines: readonly Line[]): Said {
  if (dev == null) return 'the device that it stands on is not on this host';
  if (!isPlain(dev)) return `the name ${dev} does not fit its profiles`;
  return [...lines, { section: lines[0]?.section ?? '', key: 'parent', value: dev }];
}

const MACVLAN_MODES: Readonly<Record<string, string>> = {
  vepa: '1',
  bridge: '2',
  private: '3',
  passthru: '4',
};

export function macvlanLines(link: Link): Said {
  const values = settingsOf(link);
  const mode = MACVLAN_MODES[values.mode ?? ''];
  if (mode === undefined) return `it has no macvlan of mode ${values.mode}`;
  if (values.bcqueuelen !== undefined && values.bcqueuelen !== '1000') return 'it has no word for bcqueuelen';
  return lower(values.link, [
    { section: 'macvlan', key: 'mode', value: mode },
    ...(values.nopromisc === 'on' ? [{ section: 'macvlan', key: 'promiscuous', value: 'false' }] : []),
  ]);
}

/** By netplay's name: NetworkManager's key, and what a link has where nothing is said. */
const VXLAN_KEYS: Readonly<Record<string, readonly [key: string, usual: string]>> = {
  remote: ['remote', ''],
  local: ['local', ''],
  dstport: ['destination-port', '8472'],
  learning: ['learning', 'on'],
  proxy: ['proxy', 'off'],
  rsc: ['rsc', 'off'],
  l2miss: ['l2-miss', 'off'],
  l3miss: ['l3-miss', 'off'],
  ageing: ['ageing', '300'],
  maxaddress: ['limit', '0'],
};
/** What NetworkManager has no key for, or one that the kernel takes otherwise, with what a new link has. */
const VXLAN_OTHERS: Readonly<Record<string, string>> = {
  ...{ external: 'off', df: 'unset', flowlabel: '0x0', udpcsum: 'on', udp6zerocsumtx: 'off' },
  ...{ udp6zerocsumrx: 'off', gbp: 'off', srcport: '0-0', ttl: 'auto', tos: '0x0' },
};

export function vxlanLines(link: Link): Said {
  const values = settingsOf(link);
  const odd = Object.entries(VXLAN_OTHERS).find(([name, usual]) => (values[name] ?? usual) !== usual);
  if (odd !== undefined) return `it has no word for ${odd[0]} of a VXLAN`;
  const lines = Object.entries(VXLAN_KEYS).flatMap(([name, [key, usual]]): Line[] => {
    const value = values[name] ?? usual;
    if (value === usual) return [];
    return [{ section: 'vxlan', key, value: value === 'on' ? 'true' : value === 'off' ? 'false' : value }];
  });
  const all = [{ section: 'vxlan', key: 'id', value: values.id ?? '' }, ...lines];
  return values.dev == null ? all : lower(values.dev, all);
}

/** NMIPTunnelMode. */
const TUNNEL_MODES: Readonly<Record<string, string>> = { ipip: '1', gre: '2', gretap: '10' };

export function tunnelLines(link: Link): Said {
  const values = settingsOf(link);
  const kind = link.kind ?? '';
  const section = 'ip-tunnel';
  const usual: Readonly<Record<string, string | null>> = {
    ...{ external: 'off', fwmark: '0x0', iseq: 'off', oseq: 'off', icsum: 'off', ocsum: 'off' },
    ...{ ignore_df: 'off', encap: 'none', mode: kind === 'ipip' ? 'ipip' : null },
  };
  const odd = Object.entries(usual).find(([name, value]) => (values[name] ?? value) !== value);
  if (odd !== undefined) return `it has no word for ${odd[0]} ${values[odd[0]]} of a tunnel`;
  if (values.remote == null && kind !== 'gre') return 'it has no tunnels without a remote end';
  if (values.tos === 'inherit') return 'it has no word for tos inherit of a tunnel';
  if (link.addrAssignType === 3 && kind === 'gretap') return 'it has no MAC of a tunnel';
  const line = (key: string, value: Value | undefined, none: string): Line[] =>
    value == null || value === none ? [] : [{ section, key, value }];
  const lines = [
    ...line('mode', TUNNEL_MODES[kind], ''),
    ...line('remote', values.remote, ''),
    ...line('local', values.local, ''),
    ...line('ttl', values.ttl, 'inherit'),
    ...line('tos', values.tos === undefined ? null : String(Number(values.tos)), '0'),
    ...(values.pmtudisc === 'off' ? line('path-mtu-discovery', 'false', '') : []),
    ...line('input-key', values.ikey, ''),
    ...line('output-key', values.okey, ''),
    ...line('mtu', String(link.mtu), '0'),
  ];
  return values.dev == null ? lines : lower(values.dev, lines);
}

export function tunLines({ tun }: Link): Said {
  if (tun === null || !tun.persistent) return 'it lasts no longer than the program that uses it';
  const line = (key: string, value: string | null): Line[] =>
    value === null ? [] : [{ section: 'tun', key, value }];
  return [
    ...line('mode', tun.mode === 'tap' ? '2' : '1'),
    ...line('owner', tun.owner === null ? null : String(tun.owner)),
    ...line('group', tun.group === null ? null : String(tun.group)),
    ...line('multi-queue', tun.multiQueue ? 'true' : null),
    ...line('vnet-hdr', tun.vnetHdr ? 'true' : null),
  ];
}

/** What the kernel gives a VRF, which it lets nobody change for long: by version. */
const VRF_MTUS = [0, 65_575, 65_536];

export function vrfLines(link: Link): Said {
  if (!VRF_MTUS.includes(link.mtu)) return 'it has no MTU of a VRF';
  return [{ section: 'vrf', key: 'table', value: settingsOf(link).table ?? '', since: 24 }];
}
