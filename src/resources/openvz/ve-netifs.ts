/** A container's veth pairs. */
import { parseMac } from '../../shared/addr.js';
import type { Change, Problem, Step } from '../../shared/change.js';
import type { Effect } from '../../snapshot/effects.js';
import type { Link, Snapshot } from '../../snapshot/model.js';
import type { OpenVz, Ve, VeNetif } from '../../snapshot/openvz.js';
import { applyEffects } from '../../snapshot/simulate.js';
import { setLink } from '../links/attributes.js';
import { moveSteps } from '../links/enslave.js';
import { madeUpMac, tapMac } from '../links/mac.js';
import { newLink } from '../links/new-link.js';
import { undoWithLosses } from '../links/restore.js';
import { missingDevice } from '../routing/route-checks.js';
import type { ListMode } from './ve-addresses.js';
import { editStep, literal, setStep, type Words } from './vzctl.js';

export interface NetifParams {
  ifname: string;
  mac?: string;
  host_ifname?: string;
  host_mac?: string;
  bridge?: string;
}

/** By the field of the snapshot: vzctl's option, which is also the word of the file. */
const FIELDS = [
  ['mac', 'mac'],
  ['hostIfname', 'host_ifname'],
  ['hostMac', 'host_mac'],
  ['bridge', 'bridge'],
] as const;
type Field = (typeof FIELDS)[number][0];

interface NetifPlan {
  changes: Change[];
  problems: Problem[];
  warnings: string[];
}

/** Each netif on the state that the one before it leaves. */
export function planNetifs(
  node: OpenVz,
  ve: Ve,
  given: readonly NetifParams[],
  mode: ListMode,
  snapshot: Snapshot,
): NetifPlan {
  const plan: NetifPlan = { changes: [], problems: [], warnings: [] };
  let state = snapshot;
  const current = (): Ve => state.openvz?.ves.find(({ id }) => id === ve.id) ?? ve;
  const take = (change: Change | undefined): void => {
    if (change === undefined) return;
    plan.changes.push(change);
    state = applyEffects(state, change.effects);
  };
  const names = given.map(({ ifname }) => ifname);
  const doomed = ve.netifs.filter(({ ifname }) =>
    mode === 'remove' ? names.includes(ifname) : mode === 'exactly' && !names.includes(ifname),
  );
  for (const netif of doomed) take(removal(node, current(), netif, state));
  if (ve.running)
    plan.warnings.push(
      ...doomed.map(
        ({ ifname }) => `container ${ve.id} loses what it has on ${ifname}: an undo brings it back bare`,
      ),
    );
  if (mode === 'remove') return plan;
  given.forEach((params, at) => {
    const wanted = readNetif(params);
    const there = current().netifs.find(({ ifname }) => ifname === params.ifname);
    const problems = netifProblems(ve, wanted, there, state);
    plan.problems.push(...problems.map((each) => ({ ...each, path: ['netifs', at, ...(each.path ?? [])] })));
    if (problems.length > 0) return;
    if (there === undefined) take(addition(node, current(), wanted, state));
    else take(update(node, current(), there, wanted, state, plan.warnings));
  });
  return plan;
}

function readNetif({ ifname, mac, host_ifname, host_mac, bridge }: NetifParams): VeNetif {
  const canonical = (text: string | undefined): string | null => (text && parseMac(text)) || null;
  return {
    ifname,
    mac: canonical(mac),
    hostIfname: host_ifname ?? null,
    hostMac: canonical(host_mac),
    bridge: bridge ?? null,
  };
}

function netifProblems(ve: Ve, wanted: VeNetif, there: VeNetif | undefined, snapshot: Snapshot): Problem[] {
  const { bridge, hostIfname, mac, hostMac } = wanted;
  const problems: Problem[] = [];
  const link = bridge === null ? undefined : snapshot.links.get(bridge);
  if (bridge !== null && link === undefined) problems.push(missingDevice(bridge, snapshot, ['bridge']));
  else if (link !== undefined && link.kind !== 'bridge' && link.bridge === null)
    problems.push({
      message: `${bridge} is a ${link.kind ?? 'network device'}, not a bridge`,
      path: ['bridge'],
    });
  if (mac !== null && mac === (hostMac ?? there?.hostMac))
    problems.push({
      message: `${mac} can't be the MAC of both ends: the bridge would keep the container's packets for the node`,
      path: ['mac'],
    });
  const renamed = hostIfname !== null && there !== undefined && hostIfname !== there.hostIfname;
  if (renamed && ve.running !== false)
    problems.push({
      message: `vzctl can't rename ${there.hostIfname ?? 'the end on the node'} while container ${ve.id} runs`,
      hint: 'Stop the container first.',
      path: ['host_ifname'],
    });
  if (hostIfname !== null && hostIfname !== there?.hostIfname && snapshot.links.has(hostIfname))
    problems.push({ message: `there is a device ${hostIfname} on the node already`, path: ['host_ifname'] });
  return problems;
}

/** `veth101.0`, with the container's part of a UUID that its first eight letters are (generate_veth_name). */
function defaultHostIfname({ id }: Ve, ifname: string): string {
  return `veth${id.slice(0, 8)}.${Number(/^\D*(\d+)/.exec(ifname)?.[1] ?? 0)}`;
}

/** All commas are given: with a MAC alone vzctl would give both ends the same one (parse_netif_str_cmd). */
function addWords({ ifname, mac, hostIfname, hostMac, bridge }: VeNetif): Words {
  return [['--netif_add', [ifname, mac, hostIfname, hostMac, bridge].map((word) => word ?? '').join(',')]];
}

function filterWords({ ifname, macFilter }: VeNetif): Words {
  if (macFilter === undefined) return [];
  return [
    ['--ifname', ifname],
    ['--mac_filter', macFilter],
  ];
}

/**
 * What is not given is chosen here, so that check mode can tell it: vzctl would make it up, with an end on the node whose
 * MAC a bridge takes over.
 */
function whole(ve: Ve, wanted: VeNetif, snapshot: Snapshot): VeNetif {
  const mac = wanted.mac ?? madeUpMac(`${ve.id} ${wanted.ifname}`, snapshot);
  return {
    ...wanted,
    mac,
    hostIfname: wanted.hostIfname ?? defaultHostIfname(ve, wanted.ifname),
    hostMac: wanted.hostMac ?? tapMac(mac),
  };
}

function addition(node: OpenVz, ve: Ve, wanted: VeNetif, snapshot: Snapshot): Change {
  const netif = whole(ve, wanted, snapshot);
  const link: Effect[] = ve.running ? [{ kind: 'link', set: hostEnd(netif, snapshot) }] : [];
  const effects: Effect[] = [
    ...link,
    { kind: 'openvz', set: { ...ve, netifs: inOrder([...ve.netifs, netif]) } },
  ];
  const steps = setStep(node, ve, [['--netif_del', wanted.ifname]]);
  const back: Effect[] = ve.running ? [{ kind: 'link', unset: netif.hostIfname ?? '' }] : [];
  return {
    resource: 've',
    address: `ve ${ve.id} netif ${wanted.ifname}`,
    action: 'create',
    before: null,
    after: showNetif(netif),
    do: [...setStep(node, ve, addWords(netif)), ...enslaving(ve, netif, snapshot)],
    undo: undoWithLosses(snapshot, effects, steps, back),
    effects,
  };
}

function inOrder(netifs: readonly VeNetif[]): VeNetif[] {
  return netifs.toSorted((a, b) => (a.ifname < b.ifname ? -1 : 1));
}

function hostEnd({ hostIfname, hostMac, bridge }: VeNetif, { links }: Snapshot): Link {
  const index = Math.max(0, ...[...links.values()].map((link) => link.index)) + 1;
  const flags = ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'];
  return newLink(hostIfname ?? '', {
    index,
    kind: 'veth',
    mac: hostMac,
    master: bridge,
    flags,
    operstate: 'up',
  });
}

/** vzctl's own script may know no bridge. brctl would refuse what is in one already: then it is left to that script. */
function enslaving(ve: Ve, { hostIfname, bridge }: VeNetif, snapshot: Snapshot): Step[] {
  if (ve.running !== true || bridge === null || hostIfname === null) return [];
  return snapshot.tools.linkMaster ? moveSteps(hostIfname, null, bridge, snapshot) : [];
}

function removal(node: OpenVz, ve: Ve, netif: VeNetif, snapshot: Snapshot): Change {
  const live = ve.running === true && netif.hostIfname !== null && snapshot.links.has(netif.hostIfname);
  const link: Effect[] = live ? [{ kind: 'link', unset: netif.hostIfname ?? '' }] : [];
  const netifs = ve.netifs.filter(({ ifname }) => ifname !== netif.ifname);
  const effects: Effect[] = [...link, { kind: 'openvz', set: { ...ve, netifs } }];
  const steps = [
    ...setStep(node, ve, addWords(netif)),
    ...setStep(node, ve, filterWords(netif)),
    ...enslaving(ve, netif, snapshot),
  ];
  const old = snapshot.links.get(netif.hostIfname ?? '');
  const back: Effect[] = live && old !== undefined ? [{ kind: 'link', set: old }] : [];
  return {
    resource: 've',
    address: `ve ${ve.id} netif ${netif.ifname}`,
    action: 'delete',
    before: showNetif(netif),
    after: null,
    do: setStep(node, ve, [['--netif_del', netif.ifname]]),
    undo: undoWithLosses(snapshot, effects, steps, back),
    effects,
  };
}

/** In place: what runs keeps its MAC inside until the next start; the end on the node is changed at once. */
function update(
  node: OpenVz,
  ve: Ve,
  there: VeNetif,
  wanted: VeNetif,
  snapshot: Snapshot,
  warnings: string[],
): Change | undefined {
  const fields = FIELDS.filter(([field]) => wanted[field] !== null && wanted[field] !== there[field]);
  const netif: VeNetif = { ...there };
  for (const [field] of fields) netif[field] = wanted[field];
  const link = ve.running ? snapshot.links.get(there.hostIfname ?? '') : undefined;
  const moved = link === undefined ? undefined : movedEnd(link, wanted);
  if (fields.length === 0 && moved === undefined) return undefined;
  if (ve.running && fields.some(([field]) => field === 'mac'))
    warnings.push(`container ${ve.id} keeps the MAC of its ${there.ifname} until it is started again`);
  const netifs = ve.netifs.map((other) => (other.ifname === there.ifname ? netif : other));
  const effects: Effect[] = [
    ...(moved === undefined ? [] : [{ kind: 'link', set: moved } as const]),
    { kind: 'openvz', set: { ...ve, netifs } },
  ];
  const both = link !== undefined && moved !== undefined;
  return {
    resource: 've',
    address: `ve ${ve.id} netif ${there.ifname}`,
    action: 'update',
    before: showNetif(there, link),
    after: showNetif(netif, moved ?? link),
    do: [
      ...setStep(node, ve, inPlace(there.ifname, fields, netif)),
      ...(both ? linkSteps(link, moved, snapshot) : []),
    ],
    undo: undoWithLosses(
      snapshot,
      effects,
      [...restoreWords(node, ve, there, fields, netif), ...(both ? linkSteps(moved, link, snapshot) : [])],
      both ? [{ kind: 'link', set: link }] : [],
    ),
    effects,
  };
}

/** The end on the node as it is to be; undefined where it is so. */
function movedEnd(link: Link, { bridge, hostMac }: VeNetif): Link | undefined {
  const moved = { ...link, master: bridge ?? link.master, mac: hostMac ?? link.mac };
  return moved.master === link.master && moved.mac === link.mac ? undefined : moved;
}

function linkSteps(from: Link, to: Link, snapshot: Snapshot): Step[] {
  return [
    ...(from.mac === to.mac || to.mac === null ? [] : [setLink(to.name, ['address', to.mac])]),
    ...moveSteps(to.name, from.master, to.master, snapshot),
  ];
}

function inPlace(ifname: string, fields: readonly (readonly [Field, string])[], netif: VeNetif): Words {
  if (fields.length === 0) return [];
  return [
    ['--ifname', ifname],
    ...fields.map(([field, option]) => [`--${option}`, netif[field] ?? ''] as const),
  ];
}

/** vzctl can't take a word of the file out again: what was not there is edited away. */
function restoreWords(
  node: OpenVz,
  ve: Ve,
  before: VeNetif,
  fields: readonly (readonly [Field, string])[],
  netif: VeNetif,
): Step[] {
  const [former, fresh] = [
    fields.filter(([field]) => before[field] !== null),
    fields.filter(([field]) => before[field] === null),
  ];
  return [
    ...setStep(node, ve, inPlace(before.ifname, former, before)),
    ...fresh.map(([field, word]) => {
      const head = `\\(ifname=${literal(before.ifname)}\\(,[^;"]*\\)\\{0,1\\}\\)`;
      return editStep(ve, `/^NETIF=/s/${head},${word}=${literal(netif[field] ?? '')}/\\1/`);
    }),
  ];
}

/** As vzctl writes it, with the bridge that the end on the node is in where that is another one. */
function showNetif(netif: VeNetif, link?: Link): string {
  const words = FIELDS.flatMap(([field, word]) => (netif[field] === null ? [] : [`${word}=${netif[field]}`]));
  const now =
    link === undefined || link.master === netif.bridge ? [] : [`now in ${link.master ?? 'no bridge'}`];
  return [...words, ...now].join(' ') || netif.ifname;
}
