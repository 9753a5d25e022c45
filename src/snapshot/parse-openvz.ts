/** What an OpenVZ node's files, vzlist and vzctl say. */
import { parseAddress, parseMac } from '../shared/addr.js';
import { isMap } from '../shared/is-map.js';
import type { OpenVz, Ve, VeNetif } from './openvz.js';
import { words } from './text.js';

/** The contents of the probe's sections; see openvz-script.ts. */
export interface OpenVzText {
  conf: string;
  files: string;
  list: string;
  prlctl: boolean;
}

/** What tells of a container that it is there. */
interface Listed {
  running: boolean | null;
  /** Undefined where only the file has them. */
  addresses?: readonly string[];
}

/** Pure; what can't be understood is left out, as vzctl itself does with it. */
export function parseOpenVz({ conf, files, list, prlctl }: OpenVzText): OpenVz {
  const { ids, byId } = parseFiles(files);
  const { listed, states } = parseList(list);
  const ves = ids
    .filter((id) => states === undefined || states.has(id))
    .map((id) => veFrom(id, byId.get(id) ?? new Map(), states?.get(id) ?? { running: null }));
  return {
    version: versionOf(ids, prlctl),
    prlctl,
    conf: new Map(conf.split('\n').flatMap((line) => assignment(line) ?? [])),
    listed,
    ves: ves.sort((a, b) => byIdText(a.id, b.id)),
  };
}

/** Ids that are numbers are vzctl 4's; a node without containers tells it by its tools. */
function versionOf(ids: readonly string[], prlctl: boolean): OpenVz['version'] {
  const [first] = ids;
  if (first === undefined) return prlctl ? '7' : 'legacy';
  return ids.some((id) => id.includes('-')) ? '7' : 'legacy';
}

function byIdText(a: string, b: string): number {
  return Number(a) - Number(b) || (a < b ? -1 : 1);
}

/** `KEY="value"`, the quotes taken off; nothing where the line is none. */
function assignment(line: string): [[string, string]] | undefined {
  const match = /^\s*([A-Za-z_]\w*)=(?:"([^"]*)"|'([^']*)'|([^\s#;]*))/.exec(line);
  if (match === null) return undefined;
  const [, key = '', double, single, bare = ''] = match;
  return [[key, double ?? single ?? bare]];
}

/** Of a key that a file has twice, vzctl takes the first (ERR_DUP in its config.c). */
function parseFiles(content: string): { ids: string[]; byId: Map<string, Map<string, string>> } {
  const ids: string[] = [];
  const byId = new Map<string, Map<string, string>>();
  for (const line of content.split('\n')) {
    const match = /^\/etc\/vz\/conf\/([^/:]+)\.conf:(.*)$/.exec(line);
    if (match === null) {
      if (/^[\da-fA-F-]+$/.test(line)) ids.push(line);
      continue;
    }
    const [, id = '', text = ''] = match;
    const values = byId.get(id) ?? new Map<string, string>();
    for (const [key, value] of assignment(text) ?? []) if (!values.has(key)) values.set(key, value);
    byId.set(id, values);
  }
  return { ids, byId };
}

/** `states` is undefined where nothing tells which containers there are. */
function parseList(content: string): { listed: boolean; states?: Map<string, Listed> } {
  const end = content.indexOf('\n');
  const [kind, text] = [content.slice(0, end), content.slice(end + 1)];
  if (kind === 'text') return { listed: true, states: new Map(text.split('\n').flatMap(textLine)) };
  if (kind === 'json') {
    const states = parseJson(text);
    return states === undefined ? { listed: false } : { listed: true, states };
  }
  const states = new Map(text.split('\n').flatMap(statusLine));
  return states.size === 0 ? { listed: false } : { listed: false, states: withoutDeleted(states) };
}

/** `       101 running   192.168.18.101 192.168.18.111`; no addresses are `-`. */
function textLine(line: string): [string, Listed][] {
  const [id, status, ...addresses] = words(line);
  if (id === undefined || status === undefined) return [];
  return [[id, { running: status === 'running', addresses: bareAddresses(addresses) }]];
}

/** @returns undefined where it is no JSON */
function parseJson(text: string): Map<string, Listed> | undefined {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(list)) return undefined;
  return new Map(
    list.filter(isMap).map(({ ctid, status, ip }): [string, Listed] => {
      const addresses = Array.isArray(ip) ? ip.map(String) : [];
      return [String(ctid), { running: status === 'running', addresses: bareAddresses(addresses) }];
    }),
  );
}

/** `CTID 101 exist mounted running`, `VEID …` on OpenVZ 7; one without a private area is `deleted`. */
function statusLine(line: string): [string, Listed | null][] {
  const match = /^(?:CTID|VEID) (\S+) (exist|deleted) (.*)$/.exec(line);
  if (match === null) return [];
  const [, id = '', exists, rest = ''] = match;
  return [[id, exists === 'deleted' ? null : { running: words(rest).includes('running') }]];
}

function withoutDeleted(states: ReadonlyMap<string, Listed | null>): Map<string, Listed> {
  return new Map([...states].flatMap(([id, state]) => (state === null ? [] : [[id, state]])));
}

function veFrom(id: string, file: ReadonlyMap<string, string>, { running, addresses }: Listed): Ve {
  const list = (key: string): string[] => words(file.get(key) ?? '');
  const configured = list('IP_ADDRESS').filter((word) => bareAddresses([word]).length > 0);
  return {
    id,
    name: file.get('NAME') || null,
    hostname: file.get('HOSTNAME') || null,
    running,
    addresses: addresses ?? bareAddresses(configured),
    configured: bareAddresses(configured),
    written: configured,
    netifs: (file.get('NETIF') ?? '').split(';').flatMap(parseNetif).sort(byIfname),
    nameservers: list('NAMESERVER'),
    searchdomains: list('SEARCHDOMAIN'),
    // OpenVZ 7 has `auto` too: as it was when the node went down.
    onboot: ['yes', 'auto'].includes(file.get('ONBOOT') ?? ''),
  };
}

/** Without lengths or masks. 0.0.0.0 and :: stand for none (parse_ip in vzctl's config.c). */
function bareAddresses(list: readonly string[]): string[] {
  return list.flatMap((word) => {
    const address = parseAddress(word.replace(/\/.*$/, ''))?.address;
    return address === undefined || address === '0.0.0.0' || address === '::' ? [] : [address];
  });
}

function byIfname(a: VeNetif, b: VeNetif): number {
  return a.ifname < b.ifname ? -1 : 1;
}

/** `ifname=eth0,bridge=vmbr0,mac=…,host_ifname=veth101.0,host_mac=…` in any order. */
function parseNetif(text: string): VeNetif[] {
  const fields = new Map(
    text.split(',').map((field): [string, string] => {
      const at = field.indexOf('=');
      return [field.slice(0, at).trim(), field.slice(at + 1).trim()];
    }),
  );
  const ifname = fields.get('ifname');
  if (ifname === undefined || ifname === '') return [];
  const filter = fields.get('mac_filter');
  const mac = (key: string): string | null => parseMac(fields.get(key) ?? '') ?? null;
  return [
    {
      ifname,
      mac: mac('mac'),
      hostIfname: fields.get('host_ifname') || null,
      hostMac: mac('host_mac'),
      bridge: fields.get('bridge') || null,
      ...(filter && { macFilter: filter }),
    },
  ];
}
