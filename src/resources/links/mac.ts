/** Which MAC a tap and a bridge get. */
import { createHash } from 'node:crypto';
import type { Link, Snapshot } from '../../snapshot/model.js';

/**
 * The MAC of the tap for a guest: the guest's with its first byte `fe`, or `fa` where it begins with `fe`
 * already (libvirt's rule). Never the guest's own: the bridge would take the guest's packets for the
 * host's. And as high as can be, so that a bridge that is not pinned does not take it over.
 * @param guestMac in lower case with colons.
 */
export function tapMac(guestMac: string): string {
  return `${guestMac.startsWith('fe') ? 'fa' : 'fe'}${guestMac.slice(2)}`;
}

/**
 * The MAC of a tap that is put into a bridge for a guest whose own nobody told: the same in every run, and as high
 * as a guest's tap has it, where the kernel would make up one that could become the bridge's.
 */
export function madeUpTapMac(name: string, snapshot: Snapshot): string {
  return tapMac(madeUpMac(name, snapshot));
}

/** Whether a bridge's MAC stays when ports come and go: 3 is NET_ADDR_SET. Kernels that don't tell are taken at their word. */
export function isPinned(link: Link | undefined): boolean {
  return link !== undefined && (link.addrAssignType === 3 || link.addrAssignType === null);
}

/**
 * The MAC that a bridge is pinned to where its task gives none: that of its first port that is no tap;
 * without one, a made-up one of the name and the host's first NIC, so that no two hosts make the same.
 * @param ports names, in the order in which they are to count.
 */
export function bridgeMac(name: string, ports: readonly string[], snapshot: Snapshot): string {
  const links = ports.flatMap((port) => snapshot.links.get(port) ?? []);
  const uplinks = links.filter((port) => port.kind !== 'tun' && port.mac !== null);
  const uplink = uplinks.find((port) => port.kind === null) ?? uplinks[0];
  return uplink?.mac ?? madeUpMac(name, snapshot);
}

/** A locally administered MAC of a name and the host's first NIC: the same in every run. */
export function madeUpMac(name: string, snapshot: Snapshot): string {
  const nics = [...snapshot.links.values()].filter(isNic).sort((a, b) => a.index - b.index);
  const digest = createHash('sha256')
    .update(`${nics[0]?.mac ?? ''} ${name}`)
    .digest('hex');
  return `02${digest.slice(0, 10).replace(/../g, ':$&')}`;
}

/** A device whose MAC tells hosts apart: no loopback, and none that software made up. */
function isNic(link: Link): boolean {
  return (
    link.mac !== null && !link.flags.includes('LOOPBACK') && (link.kind === null || link.kind === 'veth')
  );
}
