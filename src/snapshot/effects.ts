import type { BridgeVlan, FdbEntry } from './bridge.js';
import type { EthtoolEffect } from './ethtool.js';
import type { Address, HostFile, Link, NameEntry, Neighbour, Route, Rule } from './model.js';
import type { Ve } from './openvz.js';
import type { OvsEffect } from './ovs.js';
import type { TcItem } from './tc.js';

/**
 * How a change alters a snapshot, as data. `set` adds, or replaces what has the same identity;
 * `unset` removes what has the same identity. `simulate.ts` folds effects in, and with them what the
 * kernel does by itself (connected routes of a new address, routes lost with a link that goes down).
 */
export type Effect =
  | {
      kind: 'route';
      set: Route;
      /** The listed route that it takes the place of. */
      replaces?: Route;
      /** Behind the listed routes of its identity, not in the place of one. */
      append?: true;
    }
  | { kind: 'route'; unset: Route }
  | { kind: 'rule'; set: Rule }
  | { kind: 'rule'; unset: Rule }
  | { kind: 'address'; set: Address }
  | { kind: 'address'; unset: Address }
  | { kind: 'neighbour'; set: Neighbour }
  | { kind: 'neighbour'; unset: Neighbour }
  | { kind: 'bridge_vlan'; set: BridgeVlan }
  | { kind: 'bridge_vlan'; unset: BridgeVlan }
  | { kind: 'fdb'; set: FdbEntry }
  | { kind: 'fdb'; unset: FdbEntry }
  | { kind: 'link'; set: Link }
  | { kind: 'link'; unset: string }
  | { kind: 'sysctl'; path: string; value: string }
  | { kind: 'file'; path: string; file: HostFile | null }
  | { kind: 'table-name'; set: NameEntry }
  | { kind: 'table-name'; unset: NameEntry }
  | { kind: 'tc'; set: TcItem }
  | { kind: 'tc'; unset: TcItem }
  /** What an OpenVZ container is from now on; containers neither come nor go. */
  | EthtoolEffect
  | { kind: 'openvz'; set: Ve }
  | OvsEffect;
