/** TOML, as inventories are written in it. */
import { isMap } from '../shared/is-map.js';
import { Vaulted } from '../shared/vaulted.js';

/**
 * A map as tables within tables. What is null is left out: TOML has no word for it.
 * @throws TypeError a null in a list
 */
export function toToml(value: Readonly<Record<string, unknown>>): string {
  return tableLines(value, []).join('\n').trimStart();
}

function tableLines(table: Readonly<Record<string, unknown>>, path: readonly string[]): string[] {
  const entries = Object.entries(table).filter(([, value]) => value !== null && value !== undefined);
  const inner = entries.filter(([, value]) => isMap(value));
  const own = entries
    .filter(([, value]) => !isMap(value))
    .map(([key, value]) => `${keyOf(key)} = ${inline(value)}`);
  // A table that holds nothing but tables is told by these.
  const head =
    path.length > 0 && (own.length > 0 || inner.length === 0) ? ['', `[${path.map(keyOf).join('.')}]`] : [];
  const below = inner.flatMap(([key, value]) => (isMap(value) ? tableLines(value, [...path, key]) : []));
  return [...head, ...own, ...below];
}

function inline(value: unknown): string {
  if (value instanceof Vaulted) return text(value.toJSON().__ansible_vault);
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (isMap(value)) {
    const parts = Object.entries(value).filter(([, item]) => item !== null);
    return `{${parts.map(([key, item]) => `${keyOf(key)} = ${inline(item)}`).join(', ')}}`;
  }
  if (typeof value === 'number') return number(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return text(value);
  throw new TypeError('a list holds null, for which TOML has no word');
}

function number(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}

/** JSON's escapes are TOML's, but that DEL takes one here. */
function text(value: string): string {
  return JSON.stringify(value).replaceAll('\u007F', '\\u007f');
}

function keyOf(key: string): string {
  return /^[\w-]+$/.test(key) ? key : text(key);
}
