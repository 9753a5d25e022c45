/** Tests of what a task registered, of versions, of files on the controller and of URLs. */
import { lstatSync, statSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { OperationError } from './errors.js';
import { define, type Registry, type TemplateFunction, text } from './functions.js';
import { compare, truthy } from './operators.js';
import { type Dict, dictGet, dictHas, isDict, type LazyDict, typeName } from './values.js';

function field(result: Dict | LazyDict, name: string): unknown {
  return dictHas(result, name) ? dictGet(result, name) : false;
}

function ofResult(name: string, holds: (result: Dict | LazyDict) => boolean): TemplateFunction {
  return define('', (value) => {
    if (!isDict(value))
      throw new OperationError(`'${name}' tests what a task registered, not ${typeName(value)}`);
    return holds(value);
  });
}

function changed(result: Dict | LazyDict): boolean {
  const results = field(result, 'results');
  if (dictHas(result, 'changed') || !Array.isArray(results)) return truthy(field(result, 'changed'));
  return results.some((one) => isDict(one) && truthy(field(one, 'changed')));
}

const failed = ofResult('failed', (result) => truthy(field(result, 'failed')));
const succeeded = ofResult('succeeded', (result) => !truthy(field(result, 'failed')));
const isChanged = ofResult('changed', changed);
const skipped = ofResult('skipped', (result) => truthy(field(result, 'skipped')));

/** Python's LooseVersion: numbers and words by turns. */
function looseParts(version: string): (string | number)[] {
  const parts = version.match(/\d+|[a-z]+|[^\d.a-z]+/g) ?? [];
  return parts.map((part) => (/^\d/.test(part) ? Number(part) : part));
}

function strictParts(version: string): unknown[] {
  const found = /^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$/.exec(version);
  if (found === null)
    throw new OperationError(`'${version}' is no strict version`, 'Such are 1.2, 1.2.3 and 1.2b1.');
  const [, major, minor, patch = '0', kind, number] = found;
  return [
    Number(major),
    Number(minor),
    Number(patch),
    kind === undefined ? ['z', 0] : [kind, Number(number)],
  ];
}

/** Ordered as semver.org says: what is a pre-release comes before the release. */
function semanticParts(version: string): unknown[] {
  const found = /^(\d+)\.(\d+)\.(\d+)(?:-([\dA-Za-z.-]+))?(?:\+[\dA-Za-z.-]+)?$/.exec(version);
  if (found === null)
    throw new OperationError(`'${version}' is no semantic version`, 'Such are 1.2.3 and 1.2.3-rc.1.');
  const [, major, minor, patch, pre] = found;
  const words = pre?.split('.').map((word) => (/^\d+$/.test(word) ? [0, Number(word), ''] : [1, 0, word]));
  return [Number(major), Number(minor), Number(patch), words === undefined ? 1 : 0, words ?? []];
}

const VERSIONS: Readonly<Record<string, (version: string) => unknown[]>> = {
  loose: looseParts,
  strict: strictParts,
  semver: semanticParts,
  semantic: semanticParts,
};

const OPERATORS: readonly (readonly [string, (order: number) => boolean])[] = [
  ['== = eq', (order) => order === 0],
  ['!= <> ne', (order) => order !== 0],
  ['< lt', (order) => order < 0],
  ['<= le', (order) => order <= 0],
  ['> gt', (order) => order > 0],
  ['>= ge', (order) => order >= 0],
];

function compareVersions(value: unknown, args: readonly unknown[]): boolean {
  const [other, operator, strict, type] = args;
  const named = text(operator ?? 'eq');
  const holds = OPERATORS.find(([names]) => names.split(' ').includes(named))?.[1];
  if (holds === undefined) throw new OperationError(`'${named}' is no operator of versions`);
  if (text(value) === '') throw new OperationError('the version is empty');
  if (text(other ?? '') === '') throw new OperationError('the version to compare with is empty');
  const kind = truthy(strict ?? false) ? 'strict' : text(type ?? 'loose');
  const parts = VERSIONS[kind];
  if (parts === undefined)
    throw new OperationError(
      `there is no version_type '${kind}'`,
      `There are ${Object.keys(VERSIONS).join(', ')}.`,
    );
  return holds(compare(parts(text(value)), parts(text(other))));
}

const version = define('version operator strict version_type', compareVersions);

type Kind = 'isFile' | 'isDirectory' | 'isSymbolicLink';

function isKind(value: unknown, kind: Kind): boolean {
  const read = kind === 'isSymbolicLink' ? lstatSync : statSync;
  return read(text(value), { throwIfNoEntry: false })?.[kind]() ?? false;
}

function isSameFile(value: unknown, other: unknown): boolean {
  const [a, b] = [value, other].map((path) => statSync(text(path), { throwIfNoEntry: false }));
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev;
}

/** Where a file system begins: on another device than the folder above. */
function isMount(value: unknown): boolean {
  const path = resolve(text(value));
  const here = lstatSync(path, { throwIfNoEntry: false });
  if (here === undefined || here.isSymbolicLink()) return false;
  const above = lstatSync(dirname(path));
  return here.dev !== above.dev || here.ino === above.ino;
}

const file = define('', (value) => isKind(value, 'isFile'));
const folder = define('', (value) => isKind(value, 'isDirectory'));
const link = define('', (value) => isKind(value, 'isSymbolicLink'));
const absolute = define('', (value) => isAbsolute(text(value)));
const sameFile = define('path2', (value, [other]) => isSameFile(value, other));
const mount = define('', isMount);

const URI = /^([a-zA-Z][a-zA-Z\d+.-]*):(\/\/[^/?#\s]+)?[^\s]*$/;

function isUri(value: unknown, schemes: unknown, needsHost: boolean): boolean {
  const found = URI.exec(text(value));
  if (found === null || (needsHost && found[2] === undefined)) return false;
  return schemes === undefined || schemes === null || (Array.isArray(schemes) && schemes.includes(found[1]));
}

export const resultTests: Registry = {
  failed,
  failure: failed,
  succeeded,
  success: succeeded,
  successful: succeeded,
  changed: isChanged,
  change: isChanged,
  skipped,
  skip: skipped,
  unreachable: ofResult('unreachable', (result) => truthy(field(result, 'unreachable'))),
  reachable: ofResult('reachable', (result) => !truthy(field(result, 'unreachable'))),
  started: ofResult('started', (result) => truthy(field(result, 'started'))),
  finished: ofResult('finished', (result) => truthy(field(result, 'finished'))),
  version,
  version_compare: version,
  file,
  is_file: file,
  directory: folder,
  is_dir: folder,
  link,
  is_link: link,
  exists: define('', (value) => statSync(text(value), { throwIfNoEntry: false }) !== undefined),
  link_exists: define('', (value) => lstatSync(text(value), { throwIfNoEntry: false }) !== undefined),
  abs: absolute,
  is_abs: absolute,
  same_file: sameFile,
  is_same_file: sameFile,
  mount,
  is_mount: mount,
  uri: define('schemes', (value, [schemes]) => isUri(value, schemes, false)),
  url: define('schemes', (value, [schemes]) => isUri(value, schemes, true)),
  urn: define('', (value) => /^urn:[^\s:]+:\S+/i.test(text(value))),
};
