import { Vaulted } from '../shared/vaulted.js';

/** JSON as Python's `json.dumps(…, sort_keys=True, indent=4, ensure_ascii=False)` prints it, to be compared line by line. */
export function sortedJson(value: unknown, indent = ''): string {
  const inner = `${indent}    `;
  const lines = (items: readonly string[], open: string, close: string): string =>
    items.length === 0 ? open + close : `${open}\n${inner}${items.join(`,\n${inner}`)}\n${indent}${close}`;
  if (Array.isArray(value))
    return lines(
      value.map((item) => sortedJson(item, inner)),
      '[',
      ']',
    );
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (value instanceof Vaulted) return sortedJson(value.toJSON(), indent);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return lines(
    entries.map(([key, item]) => `${JSON.stringify(key)}: ${sortedJson(item, inner)}`),
    '{',
    '}',
  );
}
