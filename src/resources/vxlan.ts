import { familyOf } from '../shared/addr.js';
import type { Problem } from '../shared/change.js';
import { isGroup, settingsOf } from '../snapshot/kinds/kinds.js';
import type { Values } from '../snapshot/kinds/setting.js';
import type { VirtualParams, Wish } from './links/virtual/kind.js';
import { virtualLink } from './links/virtual/plan.js';
import { byteOr, flag } from './links/virtual/tunnel.js';
import type { JsonSchema } from './resource.js';

function address(description: string, example: string): JsonSchema {
  return { type: ['string', 'null'], format: 'ip-address', description, examples: [example] };
}

/** Bytes of the headers that a frame gets: Ethernet, IP, UDP and VXLAN. */
function headerOf({ remote, local }: Values): number {
  return (remote ?? local)?.includes(':') ? 70 : 50;
}

/** With a device, a VXLAN is no larger than that allows (vxlan_change_mtu). */
function mtuProblems({ params, wanted, snapshot }: Wish): Problem[] {
  const lower = snapshot.links.get(wanted.dev ?? '');
  const most = lower === undefined ? Number.POSITIVE_INFINITY : lower.mtu - headerOf(wanted);
  if (params.mtu === undefined || params.mtu <= most) return [];
  const message = `mtu ${params.mtu} is more than fits into ${wanted.dev}, whose ${lower?.mtu} bytes leave ${most}`;
  return [{ message, path: ['mtu'] }];
}

function check(wish: Wish): Problem[] {
  const { params, wanted, snapshot } = wish;
  const { id, dstport, external, remote, local, dev } = wanted;
  const family = (value: string | null | undefined): number | undefined =>
    value == null ? undefined : familyOf(value);
  const [there, here] = [family(remote), family(local)];
  const twin = [...snapshot.links.values()].find((link) => {
    if (link.kind !== 'vxlan' || link.name === params.name) return false;
    const other = settingsOf(link);
    return (
      other.id === id && other.dstport === dstport && family(other.remote ?? other.local) === (there ?? here)
    );
  });
  const given = (name: string): string[] =>
    params[name] === undefined || params[name] === null ? [] : [name];
  const all: (Problem | undefined)[] = [
    external === 'off' && params.id === undefined && id === '0'
      ? { message: 'id is missing', hint: 'Only with external: true does each packet say it.', path: ['id'] }
      : undefined,
    external === 'on' && given('id').length > 0
      ? { message: 'with external: true, each packet says its id', path: ['id'] }
      : undefined,
    given('remote').length > 0 && given('group').length > 0
      ? { message: 'remote and group are the same thing: one of them', path: ['group'] }
      : undefined,
    typeof params.remote === 'string' && isGroup(remote ?? null)
      ? { message: `${remote} is the address of a group`, hint: 'Say group, and dev.', path: ['remote'] }
      : undefined,
    typeof params.group === 'string' && !isGroup(remote ?? null)
      ? { message: `${remote} is the address of one host`, hint: 'Say remote.', path: ['group'] }
      : undefined,
    isGroup(remote ?? null) && dev == null
      ? { message: `group ${remote} needs dev: the device where the group is`, path: ['group'] }
      : undefined,
    there !== undefined && here !== undefined && there !== here
      ? { message: `local ${local} and the other end are of two families`, path: ['local'] }
      : undefined,
    wanted.flowlabel !== '0x0' && (there ?? here) !== 6
      ? { message: 'flowlabel is for IPv6', path: ['flowlabel'] }
      : undefined,
    twin === undefined
      ? undefined
      : { message: `${twin.name} has id ${id} at port ${dstport} already`, path: ['id'] },
  ];
  return [...all.filter((problem) => problem !== undefined), ...mtuProblems(wish)];
}

/** `group` is the kernel's `remote`. */
function spread({ group }: VirtualParams): Record<string, unknown> {
  return group === undefined ? {} : { remote: group };
}

/** A network over UDP. */
export const vxlan = virtualLink({
  name: 'vxlan',
  plural: 'vxlans',
  called: 'a VXLAN',
  summary: 'A VXLAN: Ethernet frames in UDP.',
  ethernet: true,
  properties: {
    id: {
      type: 'integer',
      minimum: 0,
      maximum: 16_777_215,
      description: "The network's number (VNI). A change makes it anew.",
      examples: [42],
    },
    remote: address('The other end; null for none, which leaves it to the fdb.', '192.0.2.2'),
    group: address('The group of all other ends; needs dev.', '239.1.1.1'),
    local: address('The own address that it is sent from; null (which makes it anew) for any.', '192.0.2.1'),
    dev: {
      type: ['string', 'null'],
      format: 'interface',
      description:
        'The device that it is sent by: it goes with that; null for none. To and from none it is made anew.',
      examples: ['eth0'],
    },
    dstport: {
      type: ['integer', 'null'],
      minimum: 1,
      maximum: 65_535,
      description:
        "The UDP port; null for Linux's 8472, and not the 4789 that others use. A change makes it anew.",
      examples: [4789],
    },
    srcport: {
      type: ['string', 'null'],
      pattern: '^[0-9]{1,5}-[0-9]{1,5}$',
      description: 'The UDP ports that it is sent from; null for all. A change makes it anew.',
      examples: ['40000-50000'],
    },
    ttl: {
      anyOf: [{ type: 'integer', minimum: 1, maximum: 255 }, { enum: ['auto', 'inherit'] }, { type: 'null' }],
      description:
        'Of the packets that carry; auto (and null) for that of the routes. To and from inherit it is made anew.',
    },
    tos: byteOr('inherit', 'Of the packets that carry; null for 0.'),
    df: {
      enum: ['unset', 'set', 'inherit'],
      description: 'Whether the packets that carry may not be taken apart.',
    },
    flowlabel: {
      type: ['integer', 'null'],
      minimum: 0,
      maximum: 1_048_575,
      description: 'Of the IPv6 header; null for 0.',
    },
    learning: flag('Whether it learns behind which host a MAC is: on by itself.'),
    ageing: {
      type: ['integer', 'null'],
      minimum: 0,
      maximum: 4_294_967_295,
      description: 'Seconds until what was learned is forgotten; null for 300.',
    },
    maxaddress: {
      type: ['integer', 'null'],
      minimum: 0,
      maximum: 4_294_967_295,
      description: 'MACs that it may learn; null (and 0) for any number. A change makes it anew.',
    },
    proxy: flag('Whether it answers ARP by the fdb and neighbours that are set. A change makes it anew.'),
    rsc: flag('Whether it routes short cuts. A change makes it anew.'),
    l2miss: flag('Whether a MAC that is not known is told by netlink. A change makes it anew.'),
    l3miss: flag('Whether an address that is not known is told by netlink. A change makes it anew.'),
    udpcsum: flag('Whether UDP in IPv4 has a checksum. A change makes it anew.'),
    udp6zerocsumtx: flag('Whether UDP in IPv6 is sent without a checksum. A change makes it anew.'),
    udp6zerocsumrx: flag('Whether UDP in IPv6 is taken without a checksum. A change makes it anew.'),
    external: flag('Whether each packet says where it goes (tc and OVS set that). A change makes it anew.'),
    gbp: flag('Whether it carries group policies. A change makes it anew.'),
  },
  examples: [
    {
      vxlan: { name: 'vx42', id: 42, remote: '192.0.2.2', local: '192.0.2.1', dstport: 4789, master: 'br0' },
    },
    { vxlan: { name: 'vx43', id: 43, group: '239.1.1.1', dev: 'eth0', dstport: 4789 } },
    { vxlan: { name: 'vx42', state: 'absent' } },
  ],
  spread,
  // The kernel learns nothing of packets that say where they go.
  settle: (wanted) => (wanted.external === 'on' ? { ...wanted, learning: 'off' } : wanted),
  fresh(wanted, snapshot) {
    const lower = snapshot.links.get(wanted.dev ?? '');
    return {
      flags: ['BROADCAST', 'MULTICAST'],
      mtu: lower === undefined ? 1500 : lower.mtu - headerOf(wanted),
    };
  },
  check,
});
