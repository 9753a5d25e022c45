/** An interface's type and options: what a task asks for, what can't work, and what a change means for the links. */
import type { Change, Problem } from '../../shared/change.js';
import type { Effect } from '../../snapshot/effects.js';
import type { Snapshot } from '../../snapshot/model.js';
import type { Ovs, OvsColumns, OvsInterface } from '../../snapshot/ovs.js';
import { setLink } from '../links/attributes.js';
import { isUp } from '../links/device.js';
import { undoWithLosses } from '../links/restore.js';
import { missingDevice } from '../routing/route-checks.js';
import {
  differ,
  mapOf,
  type OvsWish,
  ovsSteps,
  setCommands,
  showDifference,
  wantedColumns,
} from './columns.js';
import { enslaved, internalLink, released } from './state.js';

/** `system` and nothing are one. */
export function withType(
  now: OvsColumns,
  type: string | undefined,
  more: Readonly<Record<string, OvsWish>>,
): OvsColumns {
  const own = type === 'system' && now.type === '' ? '' : type;
  return wantedColumns('Interface', now, { type: own, ...more });
}

/** Types that lead to another machine, by an address that must be given. */
const TUNNELS: readonly unknown[] = [
  'vxlan',
  'gre',
  'ip6gre',
  'geneve',
  'erspan',
  'ip6erspan',
  'gtpu',
  'bareudp',
  'stt',
  'lisp',
];

/** What Open vSwitch would take and not work with: it tells nobody but its log and a column. */
export function interfaceProblems(
  name: string,
  columns: OvsColumns,
  snapshot: Snapshot,
  path: string,
): Problem[] {
  const options = mapOf(columns.options);
  if (columns.type === 'patch' && options.peer === undefined)
    return [
      { message: 'a patch port needs options.peer, the patch port of the other bridge', path: ['options'] },
    ];
  if (TUNNELS.includes(columns.type) && options.remote_ip === undefined)
    return [
      {
        message: `a port of type ${String(columns.type)} needs options.remote_ip`,
        hint: 'Say remote_ip: flow where flows set it.',
        path: ['options'],
      },
    ];
  return columns.type === '' || columns.type === 'system' ? deviceProblems(name, snapshot, path) : [];
}

function deviceProblems(name: string, snapshot: Snapshot, path: string): Problem[] {
  const link = snapshot.links.get(name);
  if (link === undefined) {
    const { hint, ...missing } = missingDevice(name, snapshot, [path]);
    const other = 'Open vSwitch makes one itself with type: internal.';
    return [{ ...missing, hint: hint === undefined ? other : `${hint} ${other}` }];
  }
  if (link.flags.includes('LOOPBACK'))
    return [{ message: `${name} can't be a port of a bridge`, path: [path] }];
  if (link.master === null || link.master === 'ovs-system') return [];
  return [
    {
      message: `${name} is a port of ${link.master}: it can't be one of Open vSwitch as well`,
      hint: `If that is meant, put before it: link: {name: ${name}, master: null}`,
      path: [path],
    },
  ];
}

/** @returns undefined where nothing differs */
export function interfaceChange(
  resource: string,
  name: string,
  wanted: OvsColumns,
  snapshot: Snapshot,
  ovs: Ovs,
): Change | undefined {
  const now = ovs.interfaces.get(name);
  if (now === undefined || !differ(now.columns, wanted)) return undefined;
  const shown = showDifference(now.columns, wanted);
  const links = linkEffects(name, now, wanted, snapshot, ovs);
  // What kept it from working before may be what is changed.
  const value: OvsInterface = { columns: wanted, error: null, ofport: null };
  const effects: Effect[] = [{ kind: 'ovs', part: 'interfaces', name, value }, ...links];
  const link = snapshot.links.get(name);
  const anew = now.columns.type !== wanted.type && link !== undefined;
  const back = [
    ...ovsSteps(setCommands('Interface', name, wanted, now.columns)),
    ...(anew && isUp(link) ? [setLink(name, ['up'])] : []),
  ];
  return {
    resource,
    address: `${resource} ${name}`,
    action: 'update',
    ...shown,
    do: ovsSteps(setCommands('Interface', name, now.columns, wanted)),
    undo: anew ? undoWithLosses(snapshot, effects, back, [{ kind: 'link', set: link }]) : back,
    effects,
  };
}

function linkEffects(
  name: string,
  now: OvsInterface,
  wanted: OvsColumns,
  { links }: Snapshot,
  ovs: Ovs,
): Effect[] {
  const bridge = bridgeOf(name, ovs);
  const link = links.get(name);
  if (bridge === undefined) return [];
  const made = internalLink(name, bridge, wanted);
  if (now.columns.type === wanted.type) {
    if (link === undefined || wanted.type !== 'internal') return [];
    const mtu = typeof wanted.mtu_request === 'number' ? wanted.mtu_request : link.mtu;
    return [
      { kind: 'link', set: { ...link, mac: typeof wanted.mac === 'string' ? wanted.mac : link.mac, mtu } },
    ];
  }
  if (wanted.type === 'internal') return [{ kind: 'link', set: made }];
  if (now.columns.type === 'internal') return link === undefined ? [] : [{ kind: 'link', unset: name }];
  const system = wanted.type === '' || wanted.type === 'system';
  return link === undefined ? [] : [{ kind: 'link', set: system ? enslaved(link, bridge) : released(link) }];
}

/** The bridge that an interface belongs to, by its port. */
export function bridgeOf(name: string, { ports, bridges }: Ovs): ReturnType<Ovs['bridges']['get']> {
  const port = [...ports.values()].find(({ interfaces }) => interfaces.includes(name));
  return port && bridges.get(port.bridge);
}
