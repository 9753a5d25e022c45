/** Taps that stay when the program that uses them ends. */
import type { Link, TunState } from '../snapshot/model.js';
import { furtherItems, ownMac, plainParams } from './link-settings.js';
import { masterOf } from './master.js';
import type { Making } from './order.js';
import { given, type Reading, unless } from './reading.js';

export function tapMaking(link: Link, tun: TunState, reading: Reading): Making {
  const above = reading.snapshot.links.get(masterOf(link, reading) ?? '');
  const bridge = above?.kind === 'bridge' ? above.name : undefined;
  const master = bridge === undefined ? above?.name : undefined;
  // A program that uses it has chosen for itself whether packets have a header.
  const header = link.flags.includes('LOWER_UP') ? false : tun.vnetHdr;
  const params = given({
    name: link.name,
    mode: unless(tun.mode, 'tap'),
    bridge,
    owner: tun.owner ?? undefined,
    group: tun.group ?? undefined,
    multi_queue: unless(tun.multiQueue, false),
    vnet_hdr: unless(header, false),
    // In a bridge it could become that of the bridge, so none is left to chance.
    mac: tun.mode === 'tun' ? undefined : bridge === undefined ? ownMac(link) : (link.mac ?? undefined),
    mtu: unless(link.mtu, 1500),
    up: unless(link.flags.includes('UP'), true),
  });
  return {
    makes: [link.name],
    needs: above === undefined ? [] : [above.name],
    items: [{ resource: 'tap', params }, ...furtherItems(link, reading, { ...plainParams(link), master })],
  };
}
