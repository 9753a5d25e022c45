/** Links that netplan 0.106 can make, as its definitions. */
import { OPTIONS, type OptionName, unusualOptions } from '../resources/links/bridge-options.js';
import { settingsOf } from '../snapshot/kinds/kinds.js';
import type { Link } from '../snapshot/model.js';
import { bondWord } from './netplan-bond.js';
import type { Word } from './netplan-words.js';
import { isPlainName } from './networkd-names.js';

/** The parts of netplan's file, by the kernel's kinds. */
export const LINK_TYPES: Readonly<Record<string, string>> = {
  bridge: 'bridges',
  bond: 'bonds',
  vlan: 'vlans',
  vrf: 'vrfs',
};

/** By netplay's words; its times are seconds. */
const BRIDGE_PARAMETERS: Readonly<Partial<Record<OptionName, string>>> = {
  forward_delay: 'forward-delay',
  hello_time: 'hello-time',
  max_age: 'max-age',
  ageing_time: 'ageing-time',
  priority: 'priority',
};

/** @param idOf the name that netplan has for a device; undefined where it has none */
export function linkWord(link: Link, idOf: (dev: string) => string | undefined): Word {
  if (!isPlainName(link.name)) return { why: 'a device of this name' };
  const { alias, altnames, protodown, flags, group, master, addrgenmode, mtu, mac } = link;
  if (alias !== null || altnames.length > 0 || protodown || group !== 0)
    return { why: 'the alias, further names, group or protodown of a link' };
  if (!flags.includes('UP')) return { why: 'a link that is down' };
  if (master !== null) return { why: 'a link that netplan makes and that has a master' };
  const pinned = link.addrAssignType === 3 && mac !== null;
  if (link.kind === 'vrf' && (mtu !== 0 || pinned || addrgenmode === 'none'))
    return { why: 'the MTU, MAC or addrgenmode of a VRF' };
  const own = kindWord(link, idOf);
  if ('why' in own) return own;
  return {
    value: {
      ...(own.value as object),
      ...(mtu !== 0 && { mtu }),
      ...(pinned && { macaddress: mac }),
      ...(addrgenmode === 'none' && { 'link-local': [] }),
    },
  };
}

function kindWord(link: Link, idOf: (dev: string) => string | undefined): Word {
  if (link.kind === 'bridge') return bridgeWord(link);
  if (link.kind === 'bond') return bondWord(link, idOf);
  const settings = settingsOf(link);
  if (link.kind === 'vrf') return { value: { table: Number(settings.table), interfaces: [] } };
  if (link.kind !== 'vlan') return { why: `a link of the kind ${link.kind}` };
  const lower = link.lower === null ? undefined : idOf(link.lower);
  if (lower === undefined) return { why: 'a VLAN on a device that netplan does not know' };
  const { id, protocol, reorder_hdr, ingress_qos_map, egress_qos_map, ...switches } = settings;
  const unusual = Object.entries(switches).some(([name, value]) => name !== 'link' && value !== 'off');
  if (unusual || protocol !== '802.1Q' || reorder_hdr !== 'on' || ingress_qos_map || egress_qos_map)
    return { why: 'what a VLAN has besides its number' };
  return { value: { id: Number(id), link: lower } };
}

function bridgeWord({ bridge, addrAssignType }: Link): Word {
  if (bridge === null) return { why: 'a bridge of which nothing is known' };
  // systemd gives it one of its own otherwise.
  if (addrAssignType !== 3) return { why: 'a bridge that has the MAC of a port' };
  const parameters: Record<string, unknown> = { stp: bridge.stp === true };
  for (const option of unusualOptions(bridge)) {
    if (option === 'stp') continue;
    const key = BRIDGE_PARAMETERS[option];
    const { field, unit } = OPTIONS[option];
    const value = Number(bridge[field]) / (unit === 'seconds' ? 100 : 1);
    if (key === undefined) return { why: `${option} of a bridge` };
    if (!Number.isInteger(value)) return { why: `a part of a second for ${option}` };
    parameters[key] = value;
  }
  return { value: { interfaces: [], parameters } };
}
