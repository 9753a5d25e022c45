/** What changes of Open vSwitch come to, row by row, and whether a host shows it. */
import { isDeepStrictEqual } from 'node:util';
import {
  OVS_COLUMNS,
  type Ovs,
  type OvsColumns,
  type OvsEffect,
  type OvsPart,
  type OvsTable,
  unsetValue,
} from './ovs.js';

/** A row, or a flow, before and after; null is nothing there. */
export interface OvsDifference {
  kind: 'ovs';
  part: OvsPart;
  name: string;
  before: OvsEffect['value'];
  after: OvsEffect['value'];
}

const PARTS: readonly OvsPart[] = ['bridges', 'ports', 'interfaces', 'qos', 'strays', 'flows'];

export function ovsDifferences(before: Ovs | undefined, after: Ovs | undefined): OvsDifference[] {
  if (before === after || before === undefined || after === undefined) return [];
  return PARTS.flatMap((part) => {
    const [old, now] = [valuesOf(before, part), valuesOf(after, part)];
    return [...new Set([...old.keys(), ...now.keys()])].flatMap((name): OvsDifference[] => {
      const [was, is] = [old.get(name) ?? null, now.get(name) ?? null];
      return was === is || isDeepStrictEqual(fieldsOf(was), fieldsOf(is))
        ? []
        : [{ kind: 'ovs', part, name, before: was, after: is }];
    });
  });
}

function valuesOf(ovs: Ovs, part: OvsPart): ReadonlyMap<string, OvsEffect['value']> {
  return ovs[part];
}

export function ovsEffect({ part, name, after }: OvsDifference): OvsEffect {
  return { kind: 'ovs', part, name, value: after } as OvsEffect;
}

/** Names of what was changed and is not any more as it was left; `presence` where the thing itself came or went. */
export function differingRow({ part, name, before, after }: OvsDifference, ovs: Ovs | undefined): string[] {
  const now = ovs === undefined ? null : (valuesOf(ovs, part).get(name) ?? null);
  // A row that nobody refers to has another UUID when it is made anew.
  if (part === 'strays') return [];
  if (after === null || now === null) return after === now ? [] : ['presence'];
  const [old, wanted, found] = [fieldsOf(before), fieldsOf(after), fieldsOf(now)];
  return [...new Set([...Object.keys(old), ...Object.keys(wanted)])].filter(
    (field) =>
      !isDeepStrictEqual(old[field], wanted[field]) && !isDeepStrictEqual(found[field], wanted[field]),
  );
}

/** All that somebody can set of a row, without what is as nobody set it; a column of key and value by its keys. */
function fieldsOf(value: OvsEffect['value']): Readonly<Record<string, unknown>> {
  if (value === null) return {};
  if ('match' in value) return { actions: value.actions, cookie: value.cookie, other: value.other };
  const { columns } = value;
  return {
    ...setColumns(columns),
    ...('bridge' in value && { bridge: value.bridge, interfaces: value.interfaces }),
    ...('controllers' in value && value.controllers.length > 0 && { controllers: value.controllers }),
    ...('queues' in value &&
      Object.fromEntries(
        Object.entries(value.queues).map(([id, queue]) => [`queue ${id}`, setColumns(queue.columns)]),
      )),
  };
}

const UNSET = new Map(
  (Object.keys(OVS_COLUMNS) as OvsTable[]).flatMap((table) =>
    Object.entries(OVS_COLUMNS[table]).map(([name, kind]) => [name, unsetValue(kind)] as const),
  ),
);

function setColumns(columns: OvsColumns): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(columns).flatMap(([name, value]): [string, unknown][] => {
      if (typeof value === 'object' && value !== null && !Array.isArray(value))
        return Object.entries(value).map(([key, one]) => [`${name}:${key}`, one]);
      return isDeepStrictEqual(value, UNSET.get(name)) ? [] : [[name, value]];
    }),
  );
}

/** All that can be compared of Open vSwitch: whatever it makes anew has other UUIDs and numbers. */
export function comparableOvs(ovs: Ovs | undefined): unknown {
  return (
    ovs &&
    PARTS.map((part) =>
      [...valuesOf(ovs, part)]
        .map(([name, value]) => [part === 'strays' ? '' : name, fieldsOf(value)])
        .sort(),
    )
  );
}
