/** An interface's type and options: what a task asks for, what can't work, and what a change means for the links. */
import type { Change, Problem } from '../../shared/change.js';
import type { Snapshot } from '../../snapshot/model.js';
import type { Ovs, OvsColumns, OvsInterface } from '../../snapshot/ovs.js';
import { missingDevice } from '../routing/route-checks.js';
import {
  apart,
  differ,
  mapOf,
  type OvsWish,
  ovsSteps,
  setCommands,
  showDifference,
  wantedColumns,
} from './columns.js';
import { type DeviceChange, deviceParts } from './replug.js';
import { enslaved, internalLink, isSystem, NOT_YET, released } from './state.js';

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
  // What kept it from working before may be what is changed.
  const value: OvsInterface = { columns: wanted, error: null, ofport: NOT_YET };
  const device = deviceChange(name, now, wanted, snapshot, ovs);
  const back = apart(setCommands('Interface', name, wanted, now.columns));
  const parts = deviceParts(device, back, snapshot);
  return {
    resource,
    address: `${resource} ${name}`,
    action: 'update',
    ...shown,
    do: [...ovsSteps(setCommands('Interface', name, now.columns, wanted)), ...parts.do],
    undo: [...apart(requestsBack(name, now, device)), ...parts.undo],
    effects: [{ kind: 'ovs', part: 'interfaces', name, value }, ...parts.effects],
  };
}

/**
 * What Open vSwitch keeps when a request is withdrawn: the number and the MTU that it gave. The former ones are asked for
 * once, before the columns are put back.
 */
function requestsBack(name: string, now: OvsInterface, { before, after, anew }: DeviceChange): string[][] {
  const { columns, ofport } = now;
  const number = anew && columns.ofport_request === null && ofport !== null && ofport > 0;
  const mtu =
    columns.mtu_request === null && before !== undefined && after !== undefined && before.mtu !== after.mtu;
  const words = [
    ...(number ? [`ofport_request=${ofport}`] : []),
    ...(mtu ? [`mtu_request=${before.mtu}`] : []),
  ];
  return words.length === 0 ? [] : [['set', 'Interface', name, ...words]];
}

/** Whether what is asked for makes Open vSwitch plug the interface in anew. */
export function isAnew(now: OvsInterface, wanted: OvsColumns): boolean {
  const number = wanted.ofport_request;
  return (
    now.columns.type !== wanted.type || (number !== null && number !== now.ofport && (now.ofport ?? 0) > 0)
  );
}

function deviceChange(
  name: string,
  now: OvsInterface,
  wanted: OvsColumns,
  { links }: Snapshot,
  ovs: Ovs,
): DeviceChange {
  const [before, bridge] = [links.get(name), bridgeOf(name, ovs)];
  const setsMacBack = typeof now.columns.mac === 'string';
  const change = { name, before, setsMacBack };
  if (bridge === undefined) return { ...change, after: before, anew: false };
  if (wanted.type === 'internal') {
    const made = internalLink(name, bridge, wanted);
    const mac = typeof wanted.mac === 'string' ? wanted.mac : (before?.mac ?? null);
    const mtu = typeof wanted.mtu_request === 'number' ? wanted.mtu_request : (before?.mtu ?? 1500);
    const after = now.columns.type === 'internal' && before !== undefined ? { ...before, mac, mtu } : made;
    return { ...change, after, anew: isAnew(now, wanted) };
  }
  if (now.columns.type === 'internal' || before === undefined)
    return { ...change, after: undefined, anew: false };
  const mtu = typeof wanted.mtu_request === 'number' ? wanted.mtu_request : before.mtu;
  const system = isSystem({ columns: wanted });
  return {
    ...change,
    after: { ...(system ? enslaved(before, bridge) : released(before)), mtu },
    anew: false,
  };
}

/** The bridge that an interface belongs to, by its port. */
export function bridgeOf(name: string, { ports, bridges }: Ovs): ReturnType<Ovs['bridges']['get']> {
  const port = [...ports.values()].find(({ interfaces }) => interfaces.includes(name));
  return port && bridges.get(port.bridge);
}
