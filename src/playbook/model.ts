import type { Vars } from '../inventory/model.js';
import type { Place } from '../shared/place.js';
import type { TaskItem } from './items.js';

export interface Playbook {
  file: string;
  /** Every file that was read: `file`, and those that it imports. */
  files?: readonly string[];
  plays: readonly Play[];
}

/** Keywords that plays and tasks share; a task's own stand before its play's. */
export interface Keywords {
  become?: boolean | string;
  becomeUser?: string;
  connection?: string;
  remoteUser?: string;
  ignoreErrors?: boolean | string;
}

export interface Play extends Keywords {
  name: string;
  /** Host pattern. */
  hosts: string;
  vars: Vars;
  tasks: readonly Task[];
  /** How many hosts at a time; a template may stand in the place of any value. */
  serial?: Serial;
  /** What is undone together when one of its hosts fails; the host alone where it is left out. */
  transaction?: Transaction;
  /** Asked on each host before and after it is changed. */
  probes?: readonly ProbeItem[];
  /** Asked after the changes, before any of the transaction's hosts is confirmed. */
  verify?: readonly ProbeItem[];
  place: Place;
}

export const TRANSACTIONS = ['host', 'batch', 'play'] as const;
export type Transaction = (typeof TRANSACTIONS)[number];

export interface Serial {
  /** As written: see `batchSizes`. */
  value: unknown;
  place: Place;
}

/** A probe as it stands in a play. */
export interface ProbeItem {
  /** As the user named it; may hold templates. */
  name?: string;
  /** The probe's own name: `ping`. */
  probe: string;
  /** As written, in the short or the long form: may hold templates anywhere. */
  params: unknown;
  /** Who asks: each host of the play where it is left out. The pattern may hold templates. */
  from?: { pattern: string; place: Place };
  place: Place;
  /** The place of a path within the parameters' long form; of the nearest node above where that has none. */
  locate(path: readonly (string | number)[]): Place;
}

export interface Task extends Keywords {
  /** As the user named it, else made from the resource and its main parameter. May hold templates. */
  name: string;
  /** The registry's singular name: `route`. */
  resource: string;
  /** The key the user wrote: `route`, `routes`. */
  key: string;
  /** True for the plural form: `params` is then a list, or a map (see Resource.mapKey), of items. */
  many: boolean;
  /** As written: may hold templates anywhere. */
  params: unknown;
  /** Their items, checked and of the right types, where there is nothing to render: the same for every host and loop item. */
  ready?: readonly TaskItem[];
  /** All must hold. */
  when: readonly Condition[];
  /** A list, or a template that gives one; undefined where the task has no loop. */
  loop: unknown;
  loopControl: { loopVar: string; indexVar?: string; label?: string };
  vars: Vars;
  tags: readonly string[];
  place: Place;
  /** The place of a path within `params`; of the nearest node above where that path has none. */
  locate(path: readonly (string | number)[]): Place;
}

export interface Condition {
  /** A bare Jinja expression, or a boolean as written. */
  expression: string | boolean;
  place: Place;
}
