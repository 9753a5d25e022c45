/**
 * An OpenVZ node in the lab, after the wiki's document on containers with NICs of their own: three NICs in one
 * subnet, a client beside them that watches the wire, and a router with a client behind it. vzctl, vzlist and
 * prlctl are stand-ins for tests (`tools/`), whose contract is section 8 of the reference on Linux networking.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lab, labUp } from '../../../src/lab/index.js';
import type { CommandResult } from '../../../src/lab/run.js';
import type { FileSpec, HostSpec } from '../../../src/lab/spec.js';
import { commandLine } from '../../../src/shared/shell.js';
import { ownName } from '../lab-runs.js';

const TOOLS = join(import.meta.dirname, 'tools');
const LIBRARY = '/usr/lib/openvz-stand-in';

/** NICs, MACs and addresses of the document; eth0 is for the node alone. */
export const NICS = {
  eth0: { mac: '00:0c:29:b3:a2:54', address: '192.168.18.10' },
  eth3: { mac: '00:0c:29:b3:a2:68', address: '192.168.18.11' },
  eth4: { mac: '00:0c:29:b3:a2:5e', address: '192.168.18.12' },
} as const;
export type NicName = keyof typeof NICS;
export const NIC_NAMES = Object.keys(NICS) as NicName[];
export const CLIENT = { mac: '00:0c:29:d2:c7:aa', address: '192.168.18.129' } as const;
export const GATEWAY = '192.168.18.1';
export const NETWORK = '192.168.18.0/24';
/** A client behind the router. */
export const FAR = '10.18.0.5';

/** vzctl 4 with ids that are numbers, or OpenVZ 7 with UUIDs and without `NEIGHBOUR_DEVS`. */
export type OpenvzVersion = 'legacy' | '7';

export interface VeSpec {
  /** A number; on OpenVZ 7 a UUID. */
  id: number | string;
  name?: string;
  hostname?: string;
  /** Of its venet0. */
  addresses?: readonly string[];
  /** The file's NETIF, for a container with veth: `ifname=eth0,bridge=vmbr0,mac=…,host_ifname=veth101.0,host_mac=…`. */
  netif?: string;
  /** What its own start-up does inside, as a script: a veth's addresses and routes. */
  inside?: string;
  /** Default true: it runs when the lab is up. */
  onboot?: boolean;
}

export interface NodeOptions {
  version?: OpenvzVersion;
  ves?: readonly VeSpec[];
  /** Lines of vz.conf beside those that say where things are. */
  vzConf?: readonly string[];
  groups?: readonly string[];
  vars?: Readonly<Record<string, unknown>>;
  /** Lines for the node's shell before its containers start: a bridge for those with veth. */
  run?: readonly string[];
}

/** Addresses are looked up for a second each before they are added, unless vz.conf says not to. */
const VZ_CONF = `VIRTUOZZO=yes
VE_ROOT=/vz/root/$VEID
VE_PRIVATE=/vz/private/$VEID
VE_ROUTE_SRC_DEV="eth0"
SKIP_ARPDETECT=yes
`;

function tool(name: string): FileSpec {
  return { source: join(TOOLS, name), mode: '755' };
}

/** Where each tool is on a real node, by its version; what they share lies beside, and is no part of one. */
function toolFiles(version: OpenvzVersion): Record<string, FileSpec> {
  const shared = readdirSync(TOOLS).filter((name) => name.endsWith('.sh') || name === 'net-functions');
  const scripts = version === '7' ? '/usr/libexec/libvzctl/scripts/vz-' : '/usr/lib/vzctl/scripts/vps-';
  const commands = version === '7' ? ['prlctl'] : ['vzifup-post'];
  return {
    ...Object.fromEntries(shared.map((name) => [`${LIBRARY}/${name}`, tool(name)])),
    [`${LIBRARY}/version`]: { content: `${version}\n` },
    ...Object.fromEntries(
      ['vzctl', 'vzlist', 'vznetcfg', 'arpsend', ...commands].map((name) => [
        `/usr/sbin/${name}`,
        tool(name),
      ]),
    ),
    [`${scripts}net_add`]: tool('net_add'),
    [`${scripts}net_del`]: tool('net_del'),
    '/etc/init.d/vz': tool('vz'),
  };
}

/** The text of a container's own file. */
export function veConf(ve: VeSpec): string {
  const lines = {
    ONBOOT: ve.onboot === false ? 'no' : 'yes',
    OSTEMPLATE: 'debian-8.0-x86_64',
    HOSTNAME: ve.hostname ?? `ve${ve.id}`,
    IP_ADDRESS: (ve.addresses ?? []).join(' '),
    ...(ve.name === undefined ? {} : { NAME: ve.name }),
    ...(ve.netif === undefined ? {} : { NETIF: ve.netif }),
  };
  return Object.entries(lines)
    .map(([key, value]) => `${key}="${value}"\n`)
    .join('');
}

/** Files of one container. On OpenVZ 7 its own lies in the private area, and /etc/vz/conf links to it. */
function veFiles(version: OpenvzVersion, ve: VeSpec): Record<string, string> {
  const area = `/vz/private/${ve.id}`;
  return {
    [version === '7' ? `${area}/ve.conf` : `/etc/vz/conf/${ve.id}.conf`]: veConf(ve),
    [`${area}/.ve.layout`]: 'simfs\n',
    ...(ve.inside === undefined ? {} : { [`${area}/rc.local`]: ve.inside }),
  };
}

function veLinks(version: OpenvzVersion, ve: VeSpec): string[] {
  const conf = `/etc/vz/conf/${ve.id}.conf`;
  return [
    ...(version === '7' ? [`ln -s /vz/private/${ve.id}/ve.conf ${conf}`] : []),
    ...(ve.name === undefined ? [] : [commandLine(['ln', '-s', conf, `/etc/vz/names/${ve.name}`])]),
  ];
}

function nodeSpec(options: NodeOptions, lan: string): HostSpec {
  const { version = 'legacy', ves = [], vzConf = [], run = [], groups = [], vars = {} } = options;
  return {
    groups,
    vars,
    nics: Object.fromEntries(
      NIC_NAMES.map((name) => [
        name,
        { switch: lan, mac: NICS[name].mac, addresses: [`${NICS[name].address}/24`] },
      ]),
    ),
    routes: [{ dst: 'default', via: GATEWAY, dev: 'eth0' }],
    sysctls: { 'net.ipv4.ip_forward': 1 },
    files: {
      ...toolFiles(version),
      '/etc/vz/vz.conf': `${VZ_CONF}${vzConf.map((line) => `${line}\n`).join('')}`,
      '/etc/vz/conf/0.conf': 'ONBOOT="no"\n',
      '/etc/vz/names/.keep': '',
      ...Object.assign({}, ...ves.map((ve) => veFiles(version, ve))),
    },
    run: [...ves.flatMap((ve) => veLinks(version, ve)), ...run, '/etc/init.d/vz start >/var/log/vz 2>&1'],
  };
}

/** The four hosts of a node's network, their names and switches with `suffix`, so that a lab can have several. */
export function openvzHosts(options: NodeOptions, suffix = ''): Record<string, HostSpec> {
  const [lan, wan] = [`lan${suffix}`, `wan${suffix}`];
  return {
    [`node${suffix}`]: nodeSpec(options, lan),
    [`client${suffix}`]: {
      ssh: false,
      nics: { eth0: { switch: lan, mac: CLIENT.mac, addresses: [`${CLIENT.address}/24`] } },
      routes: [{ dst: 'default', via: GATEWAY }],
    },
    [`router${suffix}`]: {
      ssh: false,
      nics: {
        eth0: { switch: lan, addresses: [`${GATEWAY}/24`] },
        eth1: { switch: wan, addresses: ['10.18.0.1/24'] },
      },
      sysctls: { 'net.ipv4.ip_forward': 1 },
    },
    [`far${suffix}`]: {
      ssh: false,
      nics: { eth0: { switch: wan, addresses: [`${FAR}/24`] } },
      routes: [{ dst: 'default', via: '10.18.0.1' }],
    },
  };
}

const PINGS = 20;

/** How vzlist is to fail: as without OpenVZ's kernel (nothing said, exit code 0), as before JSON, or not being there. */
export type VzlistFault = 'kernel' | 'old' | 'absent';

/** What tests do with a node: its tools, its containers, and what the wire shows of them. */
export class OpenvzNode {
  constructor(
    readonly lab: Lab,
    private readonly suffix = '',
  ) {}

  /** Runs a script on one of the network's hosts. @throws where it ends with another code than 0 */
  async run(script: string, host = 'node'): Promise<string> {
    const done = await this.lab.exec(host + this.suffix, ['sh', '-c', script]);
    if (done.code !== 0)
      throw new Error(`${host}: ${script}\n${done.stderr || done.stdout} (code ${done.code})`);
    return done.stdout.trim();
  }

  /** One of the stand-ins on the node. Never throws for an exit code. */
  async tool(name: 'vzctl' | 'vzlist' | 'prlctl', ...words: readonly string[]): Promise<CommandResult> {
    return this.lab.exec(`node${this.suffix}`, [name, ...words]);
  }

  /** `vzctl WORDS`, which must not fail. */
  async vzctl(...words: readonly (string | number)[]): Promise<string> {
    return this.run(commandLine(['vzctl', ...words.map(String)]));
  }

  /** Runs a script in a container. */
  async inside(id: number | string, script: string): Promise<string> {
    return this.vzctl('exec2', id, script);
  }

  /** Makes a container that is not there yet; `vzctl start` starts it. */
  async addVe(ve: VeSpec, version: OpenvzVersion = 'legacy'): Promise<void> {
    for (const [path, content] of Object.entries(veFiles(version, ve)))
      await this.run(`mkdir -p "$(dirname ${path})"; printf %s ${commandLine([content])} >${path}`);
    for (const link of veLinks(version, ve)) await this.run(link);
  }

  async vzlistFails(fault: VzlistFault | null): Promise<void> {
    if (fault === 'absent') await this.run('mv /usr/sbin/vzlist /usr/sbin/vzlist.away');
    else if (fault === null)
      await this.run(
        `rm -f ${LIBRARY}/vzlist.fails; [ ! -e /usr/sbin/vzlist.away ] || mv /usr/sbin/vzlist.away /usr/sbin/vzlist`,
      );
    else await this.run(`echo ${fault} >${LIBRARY}/vzlist.fails`);
  }

  /** The node's NICs with a proxy entry for an address. */
  async proxies(address: string): Promise<string[]> {
    const text = await this.run('ip neigh show proxy');
    const lines = text.split('\n').map((line) => line.split(' '));
    return lines.flatMap(([ip, , dev]) => (ip === address && dev !== undefined ? [dev] : [])).sort();
  }

  /**
   * Asks for an address by ARP, twice in two seconds: proxied answers come up to 0.8 s late. Everybody who
   * answers counts: `-c` would stop at the first, and without `-b` only the first would be asked again.
   * @returns the node's NICs by their names, and strangers by their MACs
   */
  async answering(address: string): Promise<string[]> {
    const { stdout } = await this.lab.exec(`client${this.suffix}`, [
      ...['arping', '-b', '-w', '2', '-I', 'eth0', address],
    ]);
    const macs = [...stdout.matchAll(/\[([0-9A-Fa-f:]{17})\]/g)].map(([, mac = '']) => mac.toLowerCase());
    const nics = new Map<string, string>(NIC_NAMES.map((name) => [NICS[name].mac, name]));
    return [...new Set(macs.map((mac) => nics.get(mac) ?? mac))].sort();
  }

  /**
   * Pings an address and tells by the NICs' counters which of them carried the requests and which the replies.
   * @param from `client`, which must ask for the MAC first, or `far` behind the router
   * @param by the MAC of this NIC is the one that the neighbour took; else the first that answers
   * @returns such as `eth3/eth3`; `dead` where no reply came
   */
  async carried(address: string, { from = 'client', by }: CarriedOptions = {}): Promise<string> {
    const neighbour = from === 'client' ? 'client' : 'router';
    await this.run('ip neigh flush all', neighbour);
    if (by !== undefined)
      await this.run(`ip neigh replace ${address} lladdr ${NICS[by].mac} dev eth0 nud permanent`, neighbour);
    try {
      return await this.ways(() =>
        this.lab.exec(from + this.suffix, [
          ...['ping', '-n', '-c', String(PINGS), '-i', '0.02', '-W', '2', address],
        ]),
      );
    } finally {
      if (by !== undefined) await this.run(`ip neigh del ${address} dev eth0`, neighbour);
    }
  }

  /** Pings from inside a container: which NIC carried the replies in and the requests out. */
  async carriedFrom(id: number | string, address: string): Promise<string> {
    return this.ways(() =>
      this.tool('vzctl', 'exec2', String(id), `ping -n -c ${PINGS} -i 0.02 -W 2 ${address}`),
    );
  }

  private async ways(ping: () => Promise<CommandResult>): Promise<string> {
    const before = await this.counters();
    const { stdout } = await ping();
    const after = await this.counters();
    if (!stdout.includes(`${PINGS} received`)) return 'dead';
    const carried = (way: number): string =>
      NIC_NAMES.filter((_, nic) => (after[way]?.[nic] ?? 0) - (before[way]?.[nic] ?? 0) >= PINGS).join('+');
    return `${carried(0)}/${carried(1)}`;
  }

  /** Packets of each NIC so far, in and out. */
  private async counters(): Promise<number[][]> {
    const files = ['rx', 'tx'].flatMap((way) =>
      NIC_NAMES.map((dev) => `/sys/class/net/${dev}/statistics/${way}_packets`),
    );
    const numbers = (await this.run(`cat ${files.join(' ')}`)).split('\n').map(Number);
    return [numbers.slice(0, NIC_NAMES.length), numbers.slice(NIC_NAMES.length)];
  }

  /**
   * What a reboot leaves of a node: its files. Containers, devices, rules, routes and settings are gone; then NICs and
   * sysctls come as the lab made them, then `boot`, then the containers with ONBOOT. The way in stays.
   * @param boot script that the node's own start-up would run before the service vz
   */
  async reboot(boot = ':'): Promise<void> {
    const batch = readFileSync(join(this.lab.dir, 'hosts', `node${this.suffix}`, 'batch'), 'utf8');
    const lines = batch.split('\n').filter((line) => /dev eth\d|^route/.test(line));
    await this.run(FORGET);
    const done = await this.lab.exec(`node${this.suffix}`, ['ip', '-batch', '-'], {
      input: `${lines.join('\n')}\n`,
    });
    if (done.code !== 0) throw new Error(`NICs did not come back: ${done.stderr}`);
    await this.run(`${boot}\n/etc/init.d/vz start >/var/log/vz 2>&1`);
  }
}

export interface CarriedOptions {
  from?: 'client' | 'far';
  by?: NicName;
}

const FORGET = `set -e
for pid in /run/openvz-stand-in/*/pid; do [ ! -e "$pid" ] || kill -9 "$(cat "$pid")"; done
rm -rf /run/openvz-stand-in
for dev in $(ls /sys/class/net); do
  case $dev in
    lo | mgmt0) ;;
    eth*) ip link set dev "$dev" nomaster down; ip address flush dev "$dev" ;;
    *) ip link delete dev "$dev" 2>/dev/null || : ;;
  esac
done
for family in 4 6; do
  ip -$family rule | sed -n 's/^\\([0-9]*\\):.*/\\1/p' | grep -vx -e 0 -e 32766 -e 32767 |
    while read -r priority; do ip -$family rule del priority "$priority"; done
done
cd /proc/sys/net/ipv4/conf
for key in arp_accept arp_announce arp_filter arp_ignore arp_notify proxy_arp rp_filter; do
  for scope in *; do echo 0 >"$scope/$key"; done
done
echo 1 >/proc/sys/net/ipv4/ip_forward`;

/** Starts a lab of one node and its network. @param name of the lab, of this process alone */
export async function openvzNode(name: string, options: NodeOptions = {}): Promise<OpenvzNode> {
  return new OpenvzNode(await labUp({ name: ownName(name), hosts: openvzHosts(options) }));
}
