/** What is kept of a made-up link over a reboot. */
import type { Kept } from '../../../snapshot/kept.js';
import { KINDS, settingsOf, withSettings } from '../../../snapshot/kinds/kinds.js';
import type { Values } from '../../../snapshot/kinds/setting.js';
import type { Link, Snapshot } from '../../../snapshot/model.js';
import { isUp } from '../device.js';
import { keptLink } from '../kept.js';
import type { LinkKind, VirtualParams } from './kind.js';
import { QUEUE_NAMES } from './make.js';
import { peerOf } from './peer.js';

/** With the other end of a veth as far as the task speaks of it. */
export function keptVirtual(kind: LinkKind, params: VirtualParams, snapshot: Snapshot): Kept[] {
  const link = snapshot.links.get(params.name);
  if (link === undefined || link.kind !== kind.name) return [];
  const item = withSettings(keptLink(link, params, {}), kind.name, valuesOf(kind, link, params));
  const peer = peerOf(link, snapshot);
  if (peer === undefined) return [{ kind: 'link', item }];
  return [{ kind: 'link', item, peer: keptPeer(peer, link.name, params) }];
}

/** How many queues the kernel gives a link by itself depends on its version and on the host's processors. */
function valuesOf({ name }: LinkKind, link: Link, params: VirtualParams): Values {
  const values = settingsOf(link);
  const told = KINDS[name].filter((each) => !QUEUE_NAMES.has(each.name) || params[each.name] != null);
  const hidden = typeof params.peer_netns === 'string' && {
    peer: String(params.peer),
    peer_netns: params.peer_netns,
  };
  return {
    ...Object.fromEntries(told.map((each) => [each.name, values[each.name] ?? each.initial])),
    ...hidden,
  };
}

function keptPeer(peer: Link, lower: string, { peer_mac, peer_mtu, peer_up }: VirtualParams): Link {
  const flags = peer_up === true && isUp(peer) ? ['UP'] : [];
  return keptLink(peer, { mac: peer_mac, mtu: peer_mtu }, { lower, flags });
}
