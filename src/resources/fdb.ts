import { parseAddress, parseMac } from '../shared/addr.js';
import type { Change, Problem } from '../shared/change.js';
import { type FdbEntry, fdbBridge, impliedVlans } from '../snapshot/bridge.js';
import type { Effect } from '../snapshot/effects.js';
import { fdbText, sameFdb } from '../snapshot/identity.js';
import type { Kept } from '../snapshot/kept.js';
import type { Link, Read, Snapshot } from '../snapshot/model.js';
import { applyEffects } from '../snapshot/simulate.js';
import { fdbName, removeFdbStep, setFdbStep, showFdb } from './links/fdb-args.js';
import { restoreFdbSteps } from './links/fdb-restore.js';
import { fdbSchema } from './links/fdb-schema.js';
import type { PlanResult, Resource } from './resource.js';
import { missingDevice } from './routing/route-checks.js';

export interface FdbParams {
  lladdr: string;
  dev: string;
  self?: boolean;
  vlan?: number;
  nud?: 'permanent' | 'static';
  sticky?: boolean;
  extern_learn?: boolean;
  dst?: string;
  port?: number;
  vni?: number;
  src_vni?: number;
  via?: string;
  state?: 'present' | 'absent';
}

function plan(params: FdbParams, snapshot: Snapshot): PlanResult {
  const link = snapshot.links.get(params.dev);
  const absent = params.state === 'absent';
  if (link === undefined)
    return absent
      ? { changes: [] }
      : { changes: [], problems: [missingDevice(params.dev, snapshot, ['dev'])] };
  const identity = identityOf(params, link);
  const problems = checkParams(params, identity, link, snapshot);
  if (problems.length > 0) return { changes: [], problems };
  if (absent) return { changes: removals(identity, snapshot) };
  const change = setChange(params, identity, snapshot);
  return { changes: change === undefined ? [] : [change], warnings: macWarnings(identity, snapshot) };
}

/** A later task of the play that loses the entry would undo this one in every run. */
function settle(params: FdbParams, _declared: unknown, snapshot: Snapshot): PlanResult {
  if (params.state === 'absent') return { changes: [] };
  const { changes, problems } = plan(params, snapshot);
  if (problems !== undefined) return { changes: [], problems };
  const [first] = changes;
  if (first === undefined) return { changes: [] };
  const message = `a later task of this play undoes this one: ${first.address}`;
  const hint = 'A task that moves its device to another bridge, or makes it anew, must come before it.';
  return { changes: [], problems: [{ message, hint }] };
}

function kept(params: FdbParams, { links, fdb }: Snapshot): readonly Kept[] {
  const link = links.get(params.dev);
  const identity = link && identityOf(params, link);
  const item = identity && fdb?.find((entry) => sameFdb(entry, identity));
  return item === undefined ? [] : [{ kind: 'fdb', item: { ...item, flags: [...item.flags].sort() } }];
}

function identityOf(params: FdbParams, link: Link): FdbEntry {
  const { lladdr, dev, vlan = null, dst, port = null, vni = null, src_vni = null, via = null } = params;
  const bridged = link.kind === 'bridge' || link.master !== null;
  const remote = dst === undefined ? null : (parseAddress(dst)?.address ?? dst);
  const self = link.kind === 'bridge' || (params.self ?? (remote !== null || !bridged));
  return {
    ...{ lladdr: parseMac(lladdr) ?? lladdr, dev, self, vlan, nud: null, flags: [] },
    ...{ dst: remote, port, vni, via, srcVni: src_vni },
  };
}

function checkParams(params: FdbParams, entry: FdbEntry, link: Link, snapshot: Snapshot): Problem[] {
  const { self, dst, nud, sticky } = params;
  const group = Number.parseInt(entry.lladdr.slice(0, 2), 16) % 2 === 1;
  const bridged = link.kind === 'bridge' || snapshot.links.get(link.master ?? '')?.kind === 'bridge';
  const remote = (['port', 'vni', 'src_vni', 'via'] as const).find((name) => params[name] !== undefined);
  const problems: (Problem | false)[] = [
    snapshot.fdb === null && {
      message: 'this host has no `bridge`, which shows and sets such entries: its iproute2 is too old',
      path: ['lladdr'],
    },
    self === false &&
      !bridged && {
        message: `${link.name} is no port of a bridge`,
        hint: 'Say self: true for its own table.',
        path: ['self'],
      },
    dst !== undefined &&
      link.kind !== 'vxlan' && {
        message: `${link.name} is no VXLAN device, so it has no dst`,
        path: ['dst'],
      },
    dst !== undefined &&
      !entry.self && { message: "dst is for a device's own table (self: true)", path: ['dst'] },
    remote !== undefined && dst === undefined && { message: `${remote} needs dst`, path: [remote] },
    dst === undefined &&
      /^[0:]+$/.test(entry.lladdr) && { message: 'no device can have the zero address', path: ['lladdr'] },
    group &&
      !entry.self && {
        message: `${entry.lladdr} is a multicast address: a bridge keeps those elsewhere`,
        path: ['lladdr'],
      },
    entry.self &&
      nud === 'static' && { message: "a device's own table has permanent entries alone", path: ['nud'] },
    sticky === true &&
      (nud === 'permanent' || entry.self) && {
        message: 'sticky is for static entries of a bridge',
        path: ['sticky'],
      },
    entry.self &&
      params.extern_learn === true &&
      dst === undefined && {
        message: "extern_learn is for a bridge's table, or VXLAN's",
        path: ['extern_learn'],
      },
    !entry.self &&
      entry.lladdr === link.mac && {
        message: `${entry.lladdr} is the MAC of ${link.name} itself: the kernel has an entry of its own for it`,
        path: ['lladdr'],
      },
  ];
  return problems.filter((problem) => problem !== false);
}

/** What is there keeps what the task says nothing of. */
function wantedEntry(params: FdbParams, identity: FdbEntry, current: FdbEntry | undefined): FdbEntry {
  const usual = identity.self ? 'permanent' : 'static';
  const flag = (name: 'sticky' | 'extern_learn'): boolean =>
    params[name] ?? current?.flags.includes(name) ?? false;
  const flags = (['sticky', 'extern_learn'] as const).filter(flag);
  const ages = flags.includes('extern_learn') && params.nud === undefined && (current?.nud ?? null) === null;
  return {
    ...identity,
    flags,
    nud: ages && !identity.self ? null : (params.nud ?? current?.nud ?? usual),
    port: identity.port ?? current?.port ?? null,
    vni: identity.vni ?? current?.vni ?? null,
    via: identity.via ?? current?.via ?? null,
  };
}

function setChange(params: FdbParams, identity: FdbEntry, snapshot: Snapshot): Change | undefined {
  const { fdb, links } = snapshot;
  const find = (wanted: FdbEntry): FdbEntry | undefined => fdb?.find((entry) => sameFdb(entry, wanted));
  const current = find(identity);
  const wanted = wantedEntry(params, identity, current);
  const all = [wanted, ...impliedVlans(wanted, snapshot).map((vlan) => ({ ...wanted, vlan }))];
  const lacking = all.find((one) => textOf(find(one)) !== fdbText(one));
  if (lacking === undefined) return undefined;
  // A bridge knows an address once: an entry by another port makes way.
  const moved = fdb?.find((entry) => all.some((one) => isElsewhere(entry, one, links)));
  const former = find(lacking) ?? current ?? moved;
  return {
    resource: 'fdb',
    address: `fdb ${fdbName(wanted)}`,
    action: former === undefined ? 'create' : 'update',
    before:
      former === undefined
        ? null
        : [...(former === moved ? [`dev ${moved.dev}`] : []), showFdb(former)].join(' '),
    after: showFdb(wanted),
    do: [setFdbStep(wanted, current !== undefined)],
    ...undoOf([{ kind: 'fdb', set: wanted }], snapshot),
  };
}

function textOf(entry: FdbEntry | undefined): string | undefined {
  return entry && fdbText(entry);
}

function undoOf(effects: readonly Effect[], snapshot: Snapshot): Pick<Change, 'undo' | 'effects'> {
  return { undo: restoreFdbSteps(snapshot, applyEffects(snapshot, effects)), effects };
}

function isElsewhere(entry: FdbEntry, wanted: FdbEntry, links: Snapshot['links']): boolean {
  const bridge = fdbBridge(wanted, links);
  return (
    bridge !== null &&
    entry.lladdr === wanted.lladdr &&
    entry.vlan === wanted.vlan &&
    entry.dev !== wanted.dev &&
    fdbBridge(entry, links) === bridge
  );
}

/** With dst, that alone of several; without a VLAN, what stands for all VLANs of the port goes at once. */
function removals(identity: FdbEntry, snapshot: Snapshot): Change[] {
  const vlans: readonly (number | null)[] = [identity.vlan, ...impliedVlans(identity, snapshot)];
  const doomed = (snapshot.fdb ?? []).filter(
    (entry) =>
      vlans.includes(entry.vlan) &&
      sameFdb({ ...entry, vlan: null, dst: null }, { ...identity, vlan: null, dst: null }) &&
      (identity.dst === null || entry.dst === identity.dst),
  );
  const [first] = doomed;
  if (first === undefined) return [];
  return vlans.length === 1
    ? doomed.map((entry) => removal(entry, entry, snapshot))
    : [removal(first, { ...first, vlan: null }, snapshot)];
}

function removal(shown: FdbEntry, entry: FdbEntry, snapshot: Snapshot): Change {
  return {
    resource: 'fdb',
    address: `fdb ${fdbName(entry)}`,
    action: 'delete',
    before: showFdb(shown),
    after: null,
    do: [removeFdbStep(entry)],
    ...undoOf([{ kind: 'fdb', unset: entry }], snapshot),
  };
}

/** An address that is another port's own, or a guest's on the wrong side. */
function macWarnings({ lladdr, dev, nud, self }: FdbEntry, { links }: Snapshot): string[] {
  if (self || nud === 'permanent') return [];
  const owner = [...links.values()].find((link) => link.mac === lladdr && link.name !== dev);
  return owner === undefined ? [] : [`${lladdr} is the MAC of ${owner.name}: its packets will go to ${dev}`];
}

function reads(): readonly Read[] {
  return [{ kind: 'links' }, { kind: 'bridge_vlans' }, { kind: 'fdb' }];
}

/** An entry of a forwarding table that is set by hand. */
export const fdb: Resource<FdbParams> = {
  name: 'fdb',
  plural: 'fdbs',
  mapKey: 'lladdr',
  summary: 'An address in the forwarding table of a bridge, or of a VXLAN device.',
  schema: fdbSchema,
  examples: [
    { fdb: { lladdr: '52:54:00:12:34:56', dev: 'eth1', sticky: true } },
    { fdb: { lladdr: '52:54:00:12:34:56', dev: 'eth1', vlan: 10, nud: 'static' } },
    { fdb: { lladdr: '00:00:00:00:00:00', dev: 'vxlan7', dst: '192.0.2.9' } },
    { fdb: { lladdr: '52:54:00:12:34:56', dev: 'eth1', state: 'absent' } },
  ],
  reads,
  plan,
  kept,
  settle,
};
