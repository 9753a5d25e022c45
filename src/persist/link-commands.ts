/** A kept link and kept settings as steps, in the order in which all of a host's are made. */
import { alias, mtu, setLink, txqueuelen } from '../resources/links/attributes.js';
import { newBond } from '../resources/links/bond-options.js';
import { enslaveStep } from '../resources/links/enslave.js';
import { addBond, primarySteps, setBond } from '../resources/links/make-bond.js';
import { makeBridgeSteps } from '../resources/links/make-bridge.js';
import { addTap, newTapMac } from '../resources/links/make-tap.js';
import { type PortWord, portStep } from '../resources/links/port-options.js';
import { addLink, loadStep } from '../resources/links/virtual/make.js';
import { peerWords } from '../resources/links/virtual/peer.js';
import type { Step } from '../shared/change.js';
import { activeSlave, bondSettings } from '../snapshot/bond.js';
import type { Kept } from '../snapshot/kept.js';
import { isKnownKind } from '../snapshot/kinds/kinds.js';
import type { Link, Tools } from '../snapshot/model.js';

export type KeptLink = Extract<Kept, { kind: 'link' }>;
export type KeptSetting = Extract<Kept, { kind: 'setting' }>;

/** The steps of one link: those of a stage are for all links before those of the next are for any. */
export interface LinkSteps {
  /** Whatever is there: modules. */
  load: readonly Step[];
  /** Only where it is not there. */
  make: readonly Step[];
  /** Once it is there. */
  set: readonly Step[];
  join: readonly Step[];
  /** Once its ports are in it. */
  ported: readonly Step[];
  up: readonly Step[];
}

export function linkSteps({ item, peer }: KeptLink, tools: Tools): LinkSteps {
  const { name, master } = item;
  const own = makeOf(item, peer, tools);
  const up = [item, peer].filter((link) => link?.flags.includes('UP') === true);
  return {
    load: own.filter((step) => step.kind === 'run' && step.argv.includes('load')),
    make: own.filter((step) => makes(step)),
    set: [
      ...own.filter((step) => !makes(step) && !(step.kind === 'run' && step.argv.includes('load'))),
      ...(item.mtu === 0 ? [] : [setLink(name, mtu.args(item.mtu))]),
      ...(item.txqueuelen === null ? [] : [setLink(name, txqueuelen.args(item.txqueuelen))]),
      ...(item.alias === null ? [] : [setLink(name, alias.args(item.alias))]),
    ],
    join: master === null ? [] : [enslaveStep(name, master, { tools })],
    ported: item.kind === 'bond' ? portedSteps(item) : [],
    up: up.flatMap((link) => (link === undefined ? [] : [setLink(link.name, ['up'])])),
  };
}

/** The step that a device's being there makes needless. */
function makes(step: Step): boolean {
  if (step.kind === 'ip') return step.args[1] === 'add';
  return step.kind === 'run' && (step.argv[1] === 'addbr' || step.argv[0] === 'tunctl');
}

function makeOf(item: Link, peer: Link | undefined, tools: Tools): Step[] {
  const { name, kind } = item;
  if (kind === 'bridge') return makeBridgeSteps({ ...item, mtu: 1500 }, tools);
  if (kind === 'bond')
    return [
      loadStep(['bonding', 'max_bonds=0']),
      ...addBond(item, bondSettings(item) ?? newBond('balance-rr')),
    ];
  if (item.tun !== null) return [addTap(name, item.tun, tools), ...newTapMac(item)];
  if (!isKnownKind(kind)) return [];
  const hidden = item.details.peer;
  const other =
    peer !== undefined
      ? peerWords({ name: peer.name, mac: peer.mac, mtu: peer.mtu || undefined })
      : hidden && peerWords({ name: hidden, netns: item.details['link-netns'] });
  return addLink(item, kind, item.mtu || undefined, other || []);
}

function portedSteps(bond: Link): Step[] {
  const { primary } = bondSettings(bond) ?? {};
  const active = activeSlave(bond);
  return [
    ...(primary === undefined ? [] : primarySteps(bond.name, primary)),
    ...(active === null ? [] : [setBond(bond.name, ['active_slave', active])]),
  ];
}

export function settingSteps({ dev, name, words, needs }: KeptSetting, tools: Tools): Step[] {
  if (name === 'altnames')
    return words.map((altname) => ({
      kind: 'ip',
      args: ['link', 'property', 'add', 'dev', dev, 'altname', altname],
    }));
  if (name === 'master' && needs !== undefined) return [enslaveStep(dev, needs, { tools })];
  const own = name.startsWith('port ')
    ? portStep(
        { name: dev, master: needs ?? null },
        name.slice('port '.length) as PortWord,
        words.at(-1) ?? '',
        tools,
      )
    : undefined;
  return [own ?? setLink(dev, words)];
}
