/** Neighbours that were set, proxy entries, and entries of forwarding tables. */
import { type FdbEntry, impliedVlans } from '../snapshot/bridge.js';
import { sameFdb } from '../snapshot/identity.js';
import type { Neighbour } from '../snapshot/model.js';
import {
  type Captured,
  compareNames,
  given,
  isCaptured,
  type Params,
  type Reading,
  unless,
} from './reading.js';

const OF_DAEMON = 'a daemon keeps it up to date (extern_learn)';

/** By device, then by a key; the kernel lists them by chance. */
function sorted<T extends { dev: string | null }>(list: readonly T[], key: (item: T) => string): T[] {
  return list.toSorted((a, b) => compareNames(a.dev ?? '', b.dev ?? '') || compareNames(key(a), key(b)));
}

export function neighbourItems(reading: Reading): Captured[] {
  return sorted(reading.snapshot.neighbours, ({ dst }) => dst).flatMap((neighbour): Captured[] => {
    const { dev, dst, proxy, flags, lladdr } = neighbour;
    if (dev !== null && !isCaptured(reading, dev)) return [];
    const other = flags.find((flag) => flag !== 'router' && flag !== 'extern_learn');
    const why = flags.includes('extern_learn')
      ? OF_DAEMON
      : dev === null
        ? 'it is for every device, and netplay sets it for one'
        : other === undefined
          ? undefined
          : `netplay has no parameter for ${other}`;
    if (why === undefined) return [{ resource: 'neighbour', params: paramsOf(neighbour) }];
    reading.leaveOut(
      [proxy ? 'proxy entry' : 'neighbour', dst, lladdr, dev && `of ${dev}`].filter(Boolean).join(' '),
      why,
    );
    return [];
  });
}

function paramsOf({ dst, dev, lladdr, nud, proxy, flags }: Neighbour): Params {
  return given({
    dst,
    dev: dev ?? undefined,
    lladdr: lladdr ?? undefined,
    nud: nud === null ? undefined : unless(nud, 'permanent'),
    router: flags.includes('router') ? true : undefined,
    proxy: unless(proxy, false),
  });
}

export function fdbItems(reading: Reading): Captured[] {
  const { fdb, links } = reading.snapshot;
  const entries = (fdb ?? []).filter(({ dev }) => isCaptured(reading, dev));
  return sorted(entries, ({ lladdr, vlan, dst }) => `${lladdr} ${vlan} ${dst}`).flatMap(
    (entry): Captured[] => {
      if (isImplied(entry, entries, reading) || (!entry.self && entry.lladdr === links.get(entry.dev)?.mac))
        return [];
      if (!entry.flags.includes('extern_learn'))
        return [{ resource: 'fdb', params: fdbParams(entry, reading) }];
      reading.leaveOut(`entry ${entry.lladdr} of the forwarding table, by ${entry.dev}`, OF_DAEMON);
      return [];
    },
  );
}

/** One without a VLAN stands for those of all VLANs of its port. */
function isImplied(entry: FdbEntry, all: readonly FdbEntry[], { snapshot }: Reading): boolean {
  if (entry.vlan === null) return false;
  const plain = all.find((other) => other.vlan === null && sameFdb(other, { ...entry, vlan: null }));
  return plain !== undefined && impliedVlans(plain, snapshot).includes(entry.vlan);
}

function fdbParams(entry: FdbEntry, { snapshot: { links } }: Reading): Params {
  const { lladdr, dev, self, vlan, nud, flags, dst, port, vni, via, srcVni } = entry;
  const link = links.get(dev);
  const usualSelf = link?.kind === 'bridge' || dst !== null || link?.master == null;
  return given({
    lladdr,
    dev,
    self: unless(self, usualSelf),
    vlan: vlan ?? undefined,
    nud: nud === null ? undefined : unless(nud, self ? 'permanent' : 'static'),
    sticky: flags.includes('sticky') ? true : undefined,
    dst: dst ?? undefined,
    port: port ?? undefined,
    vni: vni ?? undefined,
    src_vni: srcVni ?? undefined,
    via: via ?? undefined,
  });
}
