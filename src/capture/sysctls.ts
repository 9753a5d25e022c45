/** Settings of the kernel's network that somebody changed. */
import { parseSysctlKey } from '../resources/links/sysctl-key.js';
import { matches, spreadOf } from '../resources/links/sysctl-rules.js';
import type { Read } from '../snapshot/model.js';
import { type Captured, inNameOrder, type Reading } from './reading.js';
import { CONF, PLAIN } from './sysctl-defaults.js';

const FAMILIES = ['ipv4', 'ipv6'] as const;

export function sysctlReads(): Read[] {
  const conf = FAMILIES.flatMap((family) =>
    Object.keys(CONF[family]).map((key) => `net/${family}/conf/*/${key}`),
  );
  return [...conf, ...Object.keys(PLAIN)].map((path) => ({ kind: 'sysctl', path }));
}

/** Those of all devices, which new ones begin with: before any is made. Keys that rewrite others come first. */
export function hostItems(reading: Reading): Captured[] {
  const conf = FAMILIES.flatMap((family) =>
    Object.entries(CONF[family]).flatMap(([key, [all, each]]): [string, string][] => [
      [`net/${family}/conf/all/${key}`, all],
      [`net/${family}/conf/default/${key}`, each],
    ]),
  );
  const every = [...Object.entries(PLAIN), ...conf];
  const spreads = every.filter(([path]) => rewrites(path));
  const others = every.filter(([path]) => !rewrites(path));
  return [...spreads, ...others].flatMap(([path, usual]) =>
    itemOf(path, spreadTo(path, reading) ?? usual, reading),
  );
}

/** Those of each device, once it is there: what is made begins with those of `default`. */
export function deviceItems(reading: Reading): Captured[] {
  const devices = inNameOrder(reading.snapshot.links.values()).filter(({ name }) => {
    const kind = reading.roles.get(name)?.kind;
    return kind !== undefined && kind !== 'left' && kind !== 'loopback';
  });
  return devices.flatMap(({ name }) =>
    FAMILIES.flatMap((family) =>
      Object.entries(CONF[family]).flatMap(([key, [, each]]) => {
        const path = `net/${family}/conf/${name}/${key}`;
        const base =
          reading.roles.get(name)?.kind === 'nic'
            ? each
            : sysctlOf(`net/${family}/conf/default/${key}`, reading);
        return itemOf(path, spreadTo(path, reading) ?? base ?? each, reading);
      }),
    ),
  );
}

function sysctlOf(path: string, { snapshot }: Reading): string | undefined {
  return snapshot.sysctls.get(path)?.replace(/\s+/g, ' ').trim();
}

function rewrites(path: string): boolean {
  const key = parseSysctlKey(path);
  return key !== undefined && spreadOf(key) !== undefined;
}

/** What a key has by itself once those that rewrite it have been set; undefined where none is. */
function spreadTo(path: string, reading: Reading): string | undefined {
  for (const [other, usual] of REWRITERS) {
    const value = sysctlOf(other, reading);
    const key = parseSysctlKey(other);
    const spread = key && spreadOf(key);
    if (other === path || value === undefined || value === usual || spread === undefined) continue;
    if (spread.same.some((pattern) => matches(pattern, path))) return value;
    if (spread.opposite.some((pattern) => matches(pattern, path))) return value === '0' ? '1' : '0';
  }
  return undefined;
}

/** The first of two that mean the same is the one that is written. */
const REWRITERS: readonly (readonly [string, string])[] = [
  ['net/ipv4/ip_forward', '0'],
  ...['addr_gen_mode', 'disable_ipv6', 'forwarding', 'ignore_routes_with_linkdown'].map(
    (key): readonly [string, string] => [`net/ipv6/conf/all/${key}`, '0'],
  ),
];

function itemOf(path: string, usual: string, reading: Reading): Captured[] {
  const value = sysctlOf(path, reading);
  // -1 is the kernel's own on devices that can't have it: no duplicate detection without ARP.
  if (value === undefined || value === '' || value === usual || value === '-1') return [];
  return [
    {
      resource: 'sysctl',
      params: { name: keyName(path), value: /^\d+$/.test(value) ? Number(value) : value },
    },
  ];
}

/** With dots, as people write it, unless the device's own name has some. */
function keyName(path: string): string {
  return path.includes('.') ? path : path.replaceAll('/', '.');
}
