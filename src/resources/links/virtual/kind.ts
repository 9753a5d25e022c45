/** What a kind of made-up link is to a playbook, as data: one file of `src/resources/` each. */
import type { Problem, Step } from '../../../shared/change.js';
import type { Effect } from '../../../snapshot/effects.js';
import type { KindName } from '../../../snapshot/kinds/kinds.js';
import type { Values } from '../../../snapshot/kinds/setting.js';
import type { Link, Read, Snapshot } from '../../../snapshot/model.js';
import type { JsonSchema, TaskKind } from '../../resource.js';
import type { Draft } from '../draft.js';

/** A task's parameters: those of every kind, and the kind's own. */
export interface VirtualParams {
  name: string;
  mtu?: number;
  mac?: string;
  txqueuelen?: number | null;
  alias?: string | null;
  master?: string | null;
  up?: boolean;
  state?: 'present' | 'absent';
  readonly [own: string]: unknown;
}

/** What a task wants, and where. */
export interface Wish {
  params: VirtualParams;
  /** All settings, those included that the task leaves as they are. */
  wanted: Values;
  /** Undefined where the link is to be made. */
  current: Link | undefined;
  snapshot: Snapshot;
}

export interface LinkKind extends Pick<TaskKind<VirtualParams>, 'plural' | 'summary' | 'examples'> {
  /** The resource's name and the kernel's. */
  name: KindName;
  /** With `a` or `an`, for messages. */
  called: string;
  /** The kind's own parameters. */
  properties: Readonly<Record<string, JsonSchema>>;
  /** Own parameters that a new link can't be made without. */
  required?: readonly string[];
  /** Whether its links have an Ethernet address: `mac` is a parameter then. */
  ethernet: boolean;
  /** Whether the kernel takes a MAC only of a new link. */
  fixedMac?: true;
  /** As the kernel makes one: flags, MTU, length of the queue. */
  fresh(wanted: Values, snapshot: Snapshot): Partial<Link>;
  /** Parameters that stand for settings of other names (`key`), by the names of these. */
  spread?(params: VirtualParams): Readonly<Record<string, unknown>>;
  /** Parameters that are names of this host, as what the kernel has for them; undefined adds a problem. */
  named?(params: VirtualParams, snapshot: Snapshot, problems: Problem[]): Readonly<Record<string, unknown>>;
  /** What else must hold of settings that one gives (a macvlan that is no longer `source` has no list). */
  settle?(wanted: Values): Values;
  /** Whether its settings can be changed in place at all. */
  changeable?(current: Values): boolean;
  /** What would be refused, or would not do what it says. */
  check?(wish: Wish): Problem[];
  reads?(params: VirtualParams): readonly Read[];
  /** Parameters that are no settings, as words of `ip link add` behind all others, for the other end of a veth. */
  peerWords?(wish: Wish): readonly string[];
  /** Plans what the task says of another link: a veth's other end. */
  peerAttributes?(wish: Wish, plan: Draft): void;
  /** What is made besides, by the kernel or by netplay. */
  besides?(wish: Wish, made: Link): Besides;
}

export interface Besides {
  do: readonly Step[];
  undo: readonly Step[];
  effects: readonly Effect[];
}
