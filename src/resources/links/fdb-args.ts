/** Entries of forwarding tables as arguments of `bridge fdb`, and as a person reads them. */
import type { Step } from '../../shared/change.js';
import type { FdbEntry } from '../../snapshot/bridge.js';
import { isShared } from '../../snapshot/identity.js';

/** `52:54:00:00:00:09 dev eth1 vlan 10`, with the other end where there may be several. */
export function fdbName(entry: FdbEntry): string {
  const { lladdr, dev, vlan, self, dst } = entry;
  return [
    lladdr,
    ...['dev', dev],
    ...(vlan === null ? [] : ['vlan', String(vlan)]),
    ...(isShared(entry) ? ['dst', String(dst)] : []),
    ...(self ? ['self'] : []),
  ].join(' ');
}

/** What it says, in the words of `bridge fdb`: `static sticky`, `dst 192.0.2.9 permanent`. */
export function showFdb(entry: FdbEntry): string {
  const { nud, flags } = entry;
  return [...remoteWords(entry), ...(nud === null ? [] : [nud]), ...flags].join(' ');
}

function remoteWords({ dst, port, vni, srcVni, via }: FdbEntry): string[] {
  const words: readonly (readonly [string, string | number | null])[] = [
    ['dst', dst],
    ['port', port],
    ['vni', vni],
    ['src_vni', srcVni],
    ['via', via],
  ];
  return words.flatMap(([word, value]) => (value === null ? [] : [word, String(value)]));
}

function words(entry: FdbEntry): string[] {
  const { lladdr, dev, vlan, self } = entry;
  return [
    ...[lladdr, 'dev', dev, self ? 'self' : 'master'],
    ...(vlan === null ? [] : ['vlan', String(vlan)]),
    ...remoteWords(entry),
  ];
}

/**
 * Makes the entry, or turns what is there into it. A group's entry of VXLAN is one of several, which `replace` would
 * take the place of.
 * @param known whether one of its identity is there
 */
export function setFdbStep(entry: FdbEntry, known: boolean): Step {
  const { nud, flags } = entry;
  const verb = isShared(entry) && !known ? 'append' : 'replace';
  const state = nud === 'permanent' ? ['permanent'] : nud === 'static' ? ['static'] : [];
  return { kind: 'bridge', args: ['fdb', verb, ...words(entry), ...state, ...flags] };
}

export function removeFdbStep(entry: FdbEntry): Step {
  return { kind: 'bridge', args: ['fdb', 'del', ...words(entry)] };
}
