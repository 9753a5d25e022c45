/** What a device's driver can be told with ethtool, in ethtool's own words. */
import type { Draft } from './draft.js';
import { withEntry } from './draft.js';
import type { Snapshot } from './model.js';

/** A part is what one of ethtool's options reads and another one sets. */
export const ETHTOOL_PARTS = {
  features: { read: '-k', set: '-K' },
  ring: { read: '-g', set: '-G' },
  channels: { read: '-l', set: '-L' },
  coalesce: { read: '-c', set: '-C' },
  pause: { read: '-a', set: '-A' },
  link: { read: '', set: '-s' },
  private_flags: { read: '--show-priv-flags', set: '--set-priv-flags' },
} as const;
export type EthtoolPart = keyof typeof ETHTOOL_PARTS;

export interface EthtoolState {
  /** By the words that set them: `on`, `off`, a number. A feature has what was asked of it, which may be held back. */
  values: Readonly<Record<string, string>>;
  /** Names of features that the driver lets nobody change. */
  fixed: readonly string[];
  /** Names of features that were asked for and are held back by another one that is off, or by the driver. */
  held: readonly string[];
  /** By the name of a feature that stands for several: theirs. */
  groups: Readonly<Record<string, readonly string[]>>;
  /** The largest value that the driver takes. */
  limits: Readonly<Record<string, number>>;
}

/** Null where the host has no ethtool; words where the driver, or the kernel, refused to tell. */
export type EthtoolAnswer = EthtoolState | string | null;

export interface EthtoolEffect {
  kind: 'ethtool';
  dev: string;
  part: EthtoolPart;
  name: string;
  value: string;
}

/** One setting of a device before and after. */
export interface EthtoolDifference {
  kind: 'ethtool';
  dev: string;
  part: EthtoolPart;
  name: string;
  before: string;
  after: string;
}

/** The key of a part of a device in a snapshot. */
export function ethtoolKey(dev: string, part: EthtoolPart): string {
  return `${part} ${dev}`;
}

export function ethtoolValue(
  snapshot: Pick<Snapshot, 'ethtool'>,
  { dev, part, name }: Pick<EthtoolEffect, 'dev' | 'part' | 'name'>,
): string | undefined {
  const state = snapshot.ethtool?.get(ethtoolKey(dev, part));
  return typeof state === 'object' ? state?.values[name] : undefined;
}

/** A feature that stands for several takes them along; one of several decides about theirs. */
export function setEthtool(draft: Draft, { dev, part, name, value }: EthtoolEffect): void {
  const key = ethtoolKey(dev, part);
  const state = draft.ethtool?.get(key);
  if (draft.ethtool === undefined || state == null || typeof state === 'string') return;
  const members = changeable(state, name);
  const values = {
    ...state.values,
    ...Object.fromEntries([name, ...members].map((each) => [each, value])),
  };
  for (const [group, all] of Object.entries(state.groups))
    if (all.includes(name)) values[group] = all.some((each) => values[each] === 'on') ? 'on' : 'off';
  draft.ethtool = withEntry(draft, draft.ethtool, key, { ...state, values });
}

/** The members of a feature that stands for several, those left out that nobody can change. */
export function changeable({ groups, fixed }: EthtoolState, name: string): string[] {
  return (groups[name] ?? []).filter((each) => !fixed.includes(each));
}

/** Each setting that two snapshots have otherwise. */
export function ethtoolDifferences(before: Snapshot, after: Snapshot): EthtoolDifference[] {
  if (before.ethtool === after.ethtool || before.ethtool === undefined) return [];
  return [...before.ethtool].flatMap(([key, old]) => {
    const now = after.ethtool?.get(key);
    if (old === null || now == null || typeof old === 'string' || typeof now === 'string') return [];
    const [part = '', dev = ''] = key.split(' ');
    const names = Object.keys(old.values).filter(
      (name) => !(name in old.groups) && old.values[name] !== now.values[name],
    );
    return names.map((name): EthtoolDifference => {
      const [was = '', is = ''] = [old.values[name], now.values[name]];
      return { kind: 'ethtool', dev, part: part as EthtoolPart, name, before: was, after: is };
    });
  });
}

export function ethtoolEffect({ dev, part, name, after }: EthtoolDifference): EthtoolEffect {
  return { kind: 'ethtool', dev, part, name, value: after };
}
