/** Filters of dicts. */
import { item as itemOf, iterate, MISSING } from '../access.js';
import { spend } from '../budget.js';
import { OperationError } from '../errors.js';
import { define, type Registry, text } from '../functions.js';
import { compare, dictKey, equal, truthy } from '../operators.js';
import type { Dict, LazyDict } from '../values.js';
import { dictEntries, dictGet, dictHas, isDict, makeDict, Tuple, typeName } from '../values.js';

function need(value: unknown, filter: string): Dict | LazyDict {
  if (isDict(value)) return value;
  throw new OperationError(`'${filter}' needs a dict, not ${typeName(value)}`);
}

type ListMerge = 'replace' | 'keep' | 'append' | 'prepend' | 'append_rp' | 'prepend_rp';

const LIST_MERGES: Readonly<
  Record<ListMerge, (old: readonly unknown[], added: readonly unknown[]) => readonly unknown[]>
> = {
  replace: (_, added) => added,
  keep: (old) => old,
  append: (old, added) => [...old, ...added],
  prepend: (old, added) => [...added, ...old],
  append_rp: (old, added) => [...lacking(old, added), ...added],
  prepend_rp: (old, added) => [...added, ...lacking(old, added)],
};

function lacking(old: readonly unknown[], added: readonly unknown[]): unknown[] {
  return old.filter((item) => !added.some((other) => equal(item, other)));
}

function isListMerge(value: string): value is ListMerge {
  return Object.hasOwn(LIST_MERGES, value);
}

function merged(
  base: Dict | LazyDict,
  over: Dict | LazyDict,
  recursive: boolean,
  listMerge: ListMerge,
): Dict {
  const result = new Map(dictEntries(base));
  spend(result.size);
  for (const [key, value] of dictEntries(over)) {
    const old = result.get(key);
    if (recursive && isDict(old) && isDict(value)) result.set(key, merged(old, value, true, listMerge));
    else if (Array.isArray(old) && Array.isArray(value)) result.set(key, LIST_MERGES[listMerge](old, value));
    else result.set(key, value);
  }
  return makeDict(result);
}

function combine(value: unknown, args: readonly unknown[]): unknown {
  const [recursive, listMerge, others] = args;
  const way = listMerge === undefined ? 'replace' : text(listMerge);
  if (!isListMerge(way))
    throw new OperationError(`list_merge must be one of ${Object.keys(LIST_MERGES).join(', ')}`);
  const flat = [value, ...(others as readonly unknown[])].flatMap((part) =>
    Array.isArray(part) ? part : [part],
  );
  return flat
    .map((part) => need(part, 'combine'))
    .reduce((base, over) => merged(base, over, truthy(recursive ?? false), way), makeDict([]));
}

function dictSort(value: unknown, args: readonly unknown[]): unknown[] {
  const [caseSensitive, by, reverse] = args;
  const at = by === undefined || by === 'key' ? 0 : by === 'value' ? 1 : undefined;
  if (at === undefined) throw new OperationError("dictsort sorts by 'key' or 'value'");
  const key = (entry: readonly [string, unknown]): unknown => {
    const part = entry[at];
    return typeof part === 'string' && !truthy(caseSensitive ?? false) ? part.toLowerCase() : part;
  };
  const sign = truthy(reverse ?? false) ? -1 : 1;
  return dictEntries(need(value, 'dictsort'))
    .sort((a, b) => sign * compare(key(a), key(b)))
    .map((entry) => Tuple.make(entry));
}

function toDict(value: unknown, keyName: string, valueName: string): unknown {
  if (!Array.isArray(value)) throw new OperationError(`'items2dict' needs a list, not ${typeName(value)}`);
  return makeDict(
    iterate(value).map((item) => {
      const [key, content] = [itemOf(item, keyName), itemOf(item, valueName)];
      if (key === MISSING || content === MISSING)
        throw new OperationError(
          `'items2dict' needs items with '${keyName}' and '${valueName}'`,
          'Name them: items2dict(key_name=…, value_name=…).',
        );
      return [dictKey(key), content];
    }),
  );
}

/** One attribute of a value by its name, which may be computed; undefined where it is missing. */
const attribute = define('name', (value, [name], invocation) =>
  isDict(value) && dictHas(value, text(name))
    ? dictGet(value, text(name))
    : invocation.undefined(`attribute '${text(name)}'`),
);

export const dictFilters: Registry = {
  combine: define('* recursive list_merge', (value, args) => combine(value, args)),
  dict2items: define('key_name value_name', (value, [keyName, valueName]) =>
    dictEntries(need(value, 'dict2items')).map(([key, item]) =>
      makeDict([
        [text(keyName ?? 'key'), key],
        [text(valueName ?? 'value'), item],
      ]),
    ),
  ),
  items2dict: define('key_name value_name', (value, [keyName, valueName]) =>
    toDict(value, text(keyName ?? 'key'), text(valueName ?? 'value')),
  ),
  dictsort: define('case_sensitive by reverse', dictSort),
  items: define('', (value) => dictEntries(need(value, 'items')).map((entry) => Tuple.make(entry))),
  attr: attribute,
};
