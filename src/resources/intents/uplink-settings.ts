/** The kernel's settings that uplinks need: who answers ARP, and whom the reverse-path filter lets in. */
import { prefixContains } from '../../shared/addr.js';
import type { Read, Snapshot } from '../../snapshot/model.js';
import { applyEffects } from '../../snapshot/simulate.js';
import { valueInFile } from '../links/sysctl-file.js';
import { chosenFile } from '../links/sysctl-persisted.js';
import { type Part, part } from '../resource.js';
import { type SysctlParams, sysctl } from '../sysctl.js';
import { arpProfile } from './arp_profile.js';
import { asymmetries, effectiveFilter, filterOf, reversePathReads } from './reverse-path.js';
import type { Uplink } from './uplink.js';

const STRICT = 1;
const LOOSE = 2;
const ARP_KEYS = ['arp_ignore', 'arp_announce'].map((key) => `net/ipv4/conf/all/${key}`);

/** @param devs of the uplinks */
export function settingReads(devs: readonly string[]): Read[] {
  const paths = [...ARP_KEYS, ...devs.map(filterPath)];
  return [...reversePathReads, ...paths.flatMap((name) => sysctl.reads({ name, value: 0 }))];
}

/** Where two NICs are in one network: no tables keep one from answering for the other (measured). */
export function arpParts(uplinks: readonly Uplink[], snapshot: Snapshot): readonly Part[] {
  return shareNetwork(uplinks) ? arpProfile.expand({ profile: 'strict' }, snapshot).parts : [];
}

/**
 * Loose where the filter is strict and would drop what is to come in by an uplink, once `parts` are made. With a
 * table for each address that is seldom: other addresses of the device, packets that the host passes on.
 */
export function filterParts(uplinks: readonly Uplink[], parts: readonly Part[], snapshot: Snapshot): Part[] {
  const after = stateAfter(parts, snapshot);
  return devicesOf(uplinks)
    .filter((dev) => effectiveFilter(after, dev) === STRICT && asymmetries(after, dev).length > 0)
    .map((dev) => part(sysctl, { name: filterPath(dev), value: LOOSE }));
}

/**
 * Puts back what the uplinks needed, where netplay's file for the boot says that netplay set it: the kernel's own
 * value for ARP, and that of `default`, which new devices get, for the filter. Once the rules are gone it says
 * nothing any more, so that settings which are kept for something else last.
 */
export function settingsBack(uplinks: readonly Uplink[], snapshot: Snapshot): Part[] {
  if (!uplinks.some((uplink) => hasRule(uplink, snapshot))) return [];
  const content = snapshot.files.get(chosenFile(undefined, snapshot) ?? '')?.content ?? '';
  const arp = shareNetwork(uplinks) ? ARP_KEYS.filter((path) => valueInFile(content, path) !== null) : [];
  const loosened = devicesOf(uplinks).filter(
    (dev) => valueInFile(content, filterPath(dev)) === String(LOOSE),
  );
  return [
    ...arp.flatMap((path) => putBack(path, 0)),
    ...loosened.flatMap((dev) => putBack(filterPath(dev), filterOf(snapshot, 'default'))),
  ];
}

function putBack(name: string, value: number): Part[] {
  const settings: SysctlParams[] = [
    { name, value, file: null },
    { name, state: 'absent' },
  ];
  return settings.map((setting) => part(sysctl, setting));
}

function filterPath(dev: string): string {
  return `net/ipv4/conf/${dev}/rp_filter`;
}

function devicesOf(uplinks: readonly Uplink[]): string[] {
  return [...new Set(uplinks.flatMap(({ family, dev }) => (family === 4 ? [dev] : [])))];
}

function shareNetwork(uplinks: readonly Uplink[]): boolean {
  return uplinks.some(({ family, dev, network }) =>
    uplinks.some(
      (other) =>
        family === 4 && other.dev !== dev && network !== null && prefixContains(network, other.address),
    ),
  );
}

function hasRule({ address, table, priority }: Uplink, { rules }: Snapshot): boolean {
  return rules.some(
    (one) => one.table === table && one.priority === priority && one.from?.split('/')[0] === address,
  );
}

/** The state that the parts lead to; one that can't be carried out leaves its own out. */
function stateAfter(parts: readonly Part[], snapshot: Snapshot): Snapshot {
  return parts.reduce((state, { resource, params }) => {
    const effects = resource.plan(params, state).changes.flatMap((change) => change.effects);
    return effects.length === 0 ? state : applyEffects(state, effects);
  }, snapshot);
}
