/**
 * A host with containers of today's kinds in the lab, with the NICs, the client and the router of openvz/node.ts.
 * Network namespaces, veths and taps are real; lxc-ls, machinectl and virsh are stand-ins for tests (`tools/`).
 */
import { join } from 'node:path';
import { labUp } from '../../../src/lab/index.js';
import type { FileSpec, HostSpec } from '../../../src/lab/spec.js';
import { ownName } from '../lab-runs.js';
import { GATEWAY, NIC_NAMES, NICS, OpenvzNode, openvzHosts } from '../openvz/node.js';

const TOOLS = join(import.meta.dirname, 'tools');
const GUEST = join(import.meta.dirname, '../guest.py');

/** What the stand-ins list; see the head of each. */
export interface Listed {
  lxc?: readonly string[];
  machines?: readonly string[];
  guests?: readonly string[];
}

function files(listed: Listed): Record<string, FileSpec> {
  const tools = { lxc: 'lxc-ls', machines: 'machinectl', guests: 'virsh' } as const;
  const kinds = (['lxc', 'machines', 'guests'] as const).filter((kind) => listed[kind] !== undefined);
  return {
    '/usr/lib/guest.py': { source: GUEST },
    ...Object.fromEntries(
      kinds.flatMap((kind) => [
        [`/usr/bin/${tools[kind]}`, { source: join(TOOLS, tools[kind]), mode: '755' }],
        [`/etc/containers-stand-in/${kind}`, { content: `${(listed[kind] ?? []).join('\n')}\n` }],
      ]),
    ),
  };
}

/**
 * A namespace with one device, and the pair's other end on the host.
 * @param pid where its first process is to leave its pid; without it the namespace has the name
 */
export function namespace(name: string, inside: string, pid?: string): string[] {
  const made =
    pid === undefined
      ? [`ip netns add ${name}`, `ip link add v${name} type veth peer name eth0 netns ${name}`]
      : [
          `unshare --net sh -c 'echo $$ >${pid}; exec sleep infinity' </dev/null >/dev/null 2>&1 &
          until [ -s ${pid} ]; do sleep 0.02; done`,
          `ip link add v${name} type veth peer name eth0 netns $(cat ${pid})`,
        ];
  const enter = pid === undefined ? `ip netns exec ${name}` : `nsenter -t $(cat ${pid}) -n`;
  return [
    ...made,
    `ip link set v${name} up`,
    `${enter} sh -ec 'ip link set lo up; ip link set eth0 up; ${inside}'`,
  ];
}

/** One that the host routes to: a /32, and a default by the device itself, where the host answers for all. */
export function routed(name: string, address: string, pid?: string): string[] {
  return [
    ...namespace(name, `ip addr add ${address}/32 dev eth0; ip route add default dev eth0`, pid),
    `echo 1 >/proc/sys/net/ipv4/conf/v${name}/proxy_arp; echo 0 >/proc/sys/net/ipv4/neigh/v${name}/proxy_delay`,
  ];
}

/** A guest behind a tap of its own: it answers ARP and ping. */
export function guest(tap: string, mac: string, address: string): string {
  return `sleep infinity | /usr/bin/python3 /usr/lib/guest.py ${tap} ${mac} ${address} >/run/${tap} 2>&1 &
    until grep -q ready /run/${tap}; do sleep 0.02; done; ip link set ${tap} up`;
}

/** The node `node` of the lab, and who watches it. */
export async function containerNode(
  name: string,
  listed: Listed,
  run: readonly string[],
  routes: readonly string[] = [],
): Promise<OpenvzNode> {
  const { router, ...others } = openvzHosts({});
  const node: HostSpec = {
    groups: ['nodes'],
    nics: Object.fromEntries(
      NIC_NAMES.map((nic) => [
        nic,
        { switch: 'lan', mac: NICS[nic].mac, addresses: [`${NICS[nic].address}/24`] },
      ]),
    ),
    routes: [{ dst: 'default', via: GATEWAY, dev: 'eth0' }],
    sysctls: { 'net.ipv4.ip_forward': 1 },
    files: files(listed),
    run,
  };
  const hosts = { ...others, node, router: { ...router, routes } };
  return new OpenvzNode(await labUp({ name: ownName(name), hosts }));
}
