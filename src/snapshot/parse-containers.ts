/** What the sections of containers-script.ts hold. */
import { parseAddress, parseMac, prefixContains } from '../shared/addr.js';
import {
  CONTAINER_TYPES,
  type Container,
  type ContainerDevice,
  type Containers,
  type ContainerType,
  type ToolFailure,
} from './containers.js';
import type { Link } from './model.js';

/** A tool's section; see parse.ts. */
export interface ContainerText {
  content: string;
  code: number;
  errors: string;
}

/**
 * Pure; what can't be understood is left out.
 * @param sections by type, those whose tool is there
 */
export function parseContainers(
  sections: ReadonlyMap<ContainerType, ContainerText>,
  links: ReadonlyMap<string, Link>,
): Containers {
  const byIndex = new Map([...links.values()].map((link) => [link.index, link]));
  const read = CONTAINER_TYPES.flatMap((type) => {
    const section = sections.get(type);
    return section === undefined ? [] : [{ type, ...section }];
  });
  return {
    all: read.flatMap(({ type, content }) =>
      blocksOf(content).map((block) => containerFrom(type, block, byIndex)),
    ),
    failures: read
      .filter(({ code }) => code !== 0)
      .map(({ type, errors, code }): ToolFailure => ({ type, message: errors || `exit code ${code}` })),
  };
}

interface Block {
  name: string;
  state: string;
  lines: string[];
}

function blocksOf(content: string): Block[] {
  const blocks: Block[] = [];
  for (const line of content.split('\n')) {
    const [, name, state] = /^container (\S+) (running|stopped|shared)$/.exec(line) ?? [];
    if (name !== undefined && state !== undefined) blocks.push({ name, state, lines: [] });
    else blocks.at(-1)?.lines.push(line);
  }
  return blocks;
}

function containerFrom(
  type: ContainerType,
  { name, state, lines }: Block,
  byIndex: ReadonlyMap<number, Link>,
): Container {
  const devices = type === 'libvirt' ? guestDevices(lines) : insideDevices(lines, byIndex);
  return { type, name, running: state !== 'stopped', shared: state === 'shared', devices };
}

/** `ip -d addr`: `2: eth0@if7: <…>`, then its MAC, its kind and its addresses on lines of their own. */
function insideDevices(lines: readonly string[], byIndex: ReadonlyMap<number, Link>): ContainerDevice[] {
  const found: { head: RegExpExecArray; lines: string[] }[] = [];
  for (const line of lines) {
    const head = /^\d+:\s+([^\s@]+)(?:@(\S+))?:\s+</.exec(line);
    if (head !== null) found.push({ head, lines: [] });
    else found.at(-1)?.lines.push(line.trim());
  }
  return found.flatMap(({ head: [, name = '', peer = ''], lines: own }) => {
    if (name === 'lo') return [];
    const text = own.join('\n');
    const [, kind = null] = /^(veth|macvlan|macvtap|ipvlan|vlan|bridge|dummy|tun)\b/m.exec(text) ?? [];
    const mac = parseMac(/^link\/ether (\S+)/m.exec(text)?.[1] ?? '') ?? null;
    const addresses = [...text.matchAll(/^inet6? ([^\s/]+)/gm)].flatMap(([, word = '']) => usable(word));
    return [{ name, kind, mac, host: kind === 'veth' ? hostEnd(peer, byIndex) : null, addresses }];
  });
}

/** The index is that of the other end where that one is; the host's own says that its other end is elsewhere. */
function hostEnd(peer: string, byIndex: ReadonlyMap<number, Link>): string | null {
  const link = byIndex.get(Number(/^if(\d+)$/.exec(peer)?.[1]));
  // By its name where the other namespace has one.
  const elsewhere = link?.details['link-netnsid'] ?? link?.details['link-netns'];
  return link?.kind === 'veth' && elsewhere !== undefined ? link.name : null;
}

/** domiflist's ` vnet0  bridge  br0  virtio  52:54:00:…`, and domifaddr's ` vnet0  52:54:00:…  ipv4  10.0.0.5/24`. */
function guestDevices(lines: readonly string[]): ContainerDevice[] {
  const devices: { -readonly [K in keyof ContainerDevice]: ContainerDevice[K] }[] = [];
  let last: (typeof devices)[number] | undefined;
  for (const line of lines) {
    const words = line.trim().split(/\s+/);
    const mac = parseMac(words.at(-1) ?? '');
    const [, at = '', address] = /^(\S+)\s+\S+\s+ipv[46]\s+([^\s/]+)/.exec(line.trim()) ?? [];
    if (address !== undefined) {
      // Further addresses of the same one have - for its name.
      if (at !== '-') last = devices.find(({ host }) => host === at);
      if (last !== undefined) last.addresses = [...last.addresses, ...usable(address)];
    } else if (mac !== undefined && words.length >= 5) {
      const host = words[0] === '-' ? null : (words[0] ?? null);
      devices.push({ name: null, kind: null, mac, host, addresses: [] });
    }
  }
  return devices;
}

function usable(word: string): string[] {
  const address = parseAddress(word)?.address;
  const local = ['127.0.0.0/8', '169.254.0.0/16', 'fe80::/10'];
  return address === undefined || local.some((range) => prefixContains(range, address)) ? [] : [address];
}
