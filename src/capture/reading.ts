/** What a capture works on: a host's snapshot, what becomes of each of its devices, and what is left out. */
import type { Link, Snapshot } from '../snapshot/model.js';

/** A task's parameters as a person would write them: nothing that the kernel does by itself. */
export type Params = Readonly<Record<string, unknown>>;

/** One item of a task. */
export interface Captured {
  /** The resource's name. */
  resource: string;
  params: Params;
}

/** What the playbook does not bring to another host, in words. */
export interface LeftOut {
  what: string;
  why: string;
}

/**
 * What a device is to a playbook: a `nic` is there before it, `made` is made by it, `ovs` comes with a port of Open
 * vSwitch. All else is left out; silently where `why` is null, since it comes by itself.
 */
export type Role = { kind: 'loopback' | 'nic' | 'made' | 'ovs' } | { kind: 'left'; why: string | null };

export interface Reading {
  snapshot: Snapshot;
  roles: ReadonlyMap<string, Role>;
  /** Notes something that is left out, once. */
  leaveOut(what: string, why: string): void;
}

/** Whether a device is there on a host that has run the playbook. */
export function isCaptured({ roles }: Reading, dev: string): boolean {
  const role = roles.get(dev);
  return role !== undefined && role.kind !== 'left';
}

/** Without what is undefined. */
export function given(params: Params): Params {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));
}

/** The value, where it is not the usual one. */
export function unless<T>(value: T, usual: T): T | undefined {
  return value === usual ? undefined : value;
}

/** Numbers in names by their value: eth2 comes before eth10. What a copy has in another order is written alike. */
export function compareNames(a: string, b: string): number {
  const key = (name: string): string => name.replaceAll(/\d+/g, (digits) => digits.padStart(10, '0'));
  const [one, other] = [`${key(a)} ${a}`, `${key(b)} ${b}`];
  return one < other ? -1 : one > other ? 1 : 0;
}

export function inNameOrder(links: Iterable<Link>): Link[] {
  return [...links].sort((a, b) => compareNames(a.name, b.name));
}
