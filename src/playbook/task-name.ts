/** The name of a task that its user gave none: the resource and the parameters that tell it from others. */
import type { TaskKind } from '../resources/resource.js';
import { isMap } from '../shared/is-map.js';
import { itemsOf } from './items.js';

/** Parameters that stand by themselves, without their word before them. */
const BARE = ['name', 'dst', 'address', 'key'];
/** Parameters that are part of what a task is about, in iproute2's order. */
const TELLING = ['from', 'to', 'iif', 'oif', 'fwmark', 'dev', 'table', 'metric', 'tos'];
const MOST_ITEMS = 3;

/** `route default table local100`, `rule from 192.168.1.1 table local100`, `routes 10.0.0.0/8, default`. */
export function defaultName(
  resource: Pick<TaskKind<never>, 'name' | 'plural' | 'mapKey' | 'mapValue' | 'schema'>,
  params: unknown,
  many: boolean,
): string {
  if (!many) return join(resource.name, describe(params, resource));
  if (!Array.isArray(params) && !isMap(params)) return join(resource.plural, describe(params, resource));
  const items = itemsOf(params, resource).map((item) => describe(item.params, resource));
  const shown = items.slice(0, MOST_ITEMS).filter((text) => text !== '');
  const more = items.length > MOST_ITEMS ? ` and ${items.length - MOST_ITEMS} more` : '';
  return join(resource.plural, shown.join(', ')) + more;
}

function join(word: string, rest: string): string {
  return rest === '' ? word : `${word} ${rest}`;
}

function describe(params: unknown, resource: Pick<TaskKind<never>, 'schema'>): string {
  if (!isMap(params)) return typeof params === 'string' ? params : '';
  const bare = BARE.find((word) => isPlain(params[word]));
  const required = Array.isArray(resource.schema.required) ? resource.schema.required : [];
  const telling = TELLING.filter((word) => word !== bare && isPlain(params[word]));
  // A route's device does not tell it from another; an address's does.
  const kept = telling.filter((word) => word !== 'dev' || required.includes('dev') || bare === undefined);
  const words = [
    ...(params.not === true ? ['not'] : []),
    ...(bare === undefined ? [] : [String(params[bare])]),
    ...kept.map((word) => `${word} ${String(params[word])}`),
    ...(params.state === 'absent' ? ['absent'] : []),
  ];
  return words.join(' ');
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}
