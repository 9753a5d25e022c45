/** Holds what docs/architecture.md says: which folder of src/ may import which, and how long a file may be. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const SRC = join(import.meta.dirname, '../../src');
const LONGEST = 400;

/** What each folder may import besides itself. `engine` and `cli` stand above, `shared` below all others. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  snapshot: ['shared'],
  facts: ['shared', 'snapshot'],
  resources: ['shared', 'snapshot'],
  probes: ['shared', 'snapshot', 'resources'],
  template: ['shared'],
  inventory: ['shared'],
  transport: ['shared'],
  transaction: ['shared', 'snapshot'],
  persist: ['shared', 'snapshot', 'resources', 'transaction'],
  report: ['shared'],
  vault: ['shared'],
  lab: ['shared'],
  capture: ['shared', 'snapshot', 'resources'],
  actions: ['shared', 'resources', 'probes', 'template', 'transport'],
  playbook: ['shared', 'resources', 'probes', 'persist'],
  engine: [
    'actions',
    'shared',
    'actions',
    'snapshot',
    'facts',
    'persist',
    'resources',
    'probes',
    'template',
    'inventory',
    'transport',
    'transaction',
    'playbook',
  ],
  cli: [
    'actions',
    'shared',
    'actions',
    'facts',
    'resources',
    'actions',
    'probes',
    'template',
    'inventory',
    'transport',
    'report',
    'vault',
    'lab',
    'playbook',
    'engine',
    'transaction',
    'snapshot',
    'capture',
    'persist',
  ],
};

/** Types alone may cross where the value of the one is data of the other. */
const MAY_IMPORT_TYPES: Readonly<Record<string, readonly string[]>> = {
  shared: ['snapshot/effects.ts'],
  template: ['inventory/model.ts'],
  playbook: ['inventory/model.ts', 'template/model.ts'],
  transport: ['inventory/model.ts'],
};

interface Import {
  /** The importing file and what it imports, relative to src/; packages as they are written. */
  from: string;
  to: string;
  typeOnly: boolean;
}

/** The files that a module's text names, with whether it takes their types alone. */
function importsOf(text: string): { specifier: string; typeOnly: boolean }[] {
  const code = text.replaceAll(/^\s*(\/\*\*|\*|\/\/).*$/gm, '');
  const clauses = code.matchAll(/^\s*(?:import|export)\s+((?:type\s+)?[^'";()]*?)\s*from\s+'([^']+)'/gm);
  const found = [...clauses].map(([, clause = '', specifier = '']) => ({
    specifier,
    typeOnly: /^type\s/.test(clause) || /^\{(\s*type\s[^,}]*,?)+\s*\}$/.test(clause),
  }));
  const bare = code.matchAll(/(?:^\s*import\s+|\bimport\()'([^']+)'/gm);
  return [...found, ...[...bare].map(([, specifier = '']) => ({ specifier, typeOnly: false }))];
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const texts = new Map(files.map((file) => [file, readFileSync(join(SRC, file), 'utf8')]));
const folderOf = (file: string): string => file.split('/')[0] ?? '';

const imports: Import[] = [...texts].flatMap(([from, text]) =>
  importsOf(text).map(({ specifier, typeOnly }) => ({ from, to: resolve(from, specifier), typeOnly })),
);
const own = imports.filter(({ to }) => texts.has(to));

function resolve(from: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return relative(SRC, join(SRC, dirname(from), specifier)).replace(/\.js$/, '.ts');
}

function isAllowed({ from, to, typeOnly }: Import): boolean {
  const [folder, other] = [folderOf(from), folderOf(to)];
  if (folder === other || MAY_IMPORT[folder]?.includes(other)) return true;
  return typeOnly && (MAY_IMPORT_TYPES[folder]?.includes(to) ?? false);
}

/** One way round a graph, or undefined where it has none. */
function cycleIn(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const next of edges.get(node) ?? []) {
      const found = visit(next, [...path, node]);
      if (found !== undefined) return found;
    }
    done.add(node);
    return undefined;
  };
  for (const node of edges.keys()) {
    const found = visit(node, []);
    if (found !== undefined) return found;
  }
  return undefined;
}

function graph(pairs: Iterable<readonly [string, string]>): Map<string, Set<string>> {
  const edges = new Map<string, Set<string>>();
  for (const [from, to] of pairs) edges.set(from, (edges.get(from) ?? new Set()).add(to));
  return edges;
}

describe('this test', () => {
  test('sees every form of an import', () => {
    const text = [
      "import { a } from './a.js';",
      "import type { B } from './b.js';",
      "import { type C, type D } from './c.js';",
      "import {\n  type E,\n  f,\n} from './d.js';",
      "export { g } from './e.js';",
      "export type { H } from './f.js';",
      "import './g.js';",
      "const i = await import('./h.js');",
      "import type J from 'k';",
      "// import { no } from './no.js';",
      " * import { no } from './no.js';",
    ].join('\n');
    expect(importsOf(text).map(({ specifier, typeOnly }) => [specifier, typeOnly])).toEqual([
      ['./a.js', false],
      ['./b.js', true],
      ['./c.js', true],
      ['./d.js', false],
      ['./e.js', false],
      ['./f.js', true],
      ['k', true],
      ['./g.js', false],
      ['./h.js', false],
    ]);
  });

  test('sees an import against the direction, and a way round', () => {
    const wrong = { from: 'resources/route.ts', to: 'engine/run.ts', typeOnly: true };
    expect(isAllowed(wrong)).toBe(false);
    expect(isAllowed({ from: 'shared/change.ts', to: 'snapshot/effects.ts', typeOnly: false })).toBe(false);
    const round = graph([
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'b'],
    ]);
    expect(cycleIn(round)).toEqual(['b', 'c', 'b']);
  });

  test('sees the whole of src/', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(own.length).toBeGreaterThan(files.length);
  });
});

describe('src/', () => {
  test('has no folder that no rule speaks of', () => {
    expect([...new Set(files.map(folderOf))].filter((folder) => !(folder in MAY_IMPORT))).toEqual([]);
  });

  test('imports one way', () => {
    const wrong = own.filter((one) => !isAllowed(one)).map(({ from, to }) => `${from} imports ${to}`);
    expect(wrong).toEqual([]);
  });

  test('has rules without a way round', () => {
    const rules = Object.entries(MAY_IMPORT).flatMap(([folder, others]) =>
      others.map((other) => [folder, other] as const),
    );
    expect(cycleIn(graph(rules))).toBeUndefined();
  });

  test('has no files that need each other to be loaded', () => {
    const pairs = own.filter(({ typeOnly }) => !typeOnly).map(({ from, to }) => [from, to] as const);
    expect(cycleIn(graph(pairs))).toBeUndefined();
  });

  test(`has no file of more than ${LONGEST} lines`, () => {
    const long = [...texts].filter(([, text]) => text.split('\n').length > LONGEST + 1);
    expect(long.map(([file]) => file)).toEqual([]);
  });

  test('exports by name', () => {
    expect([...texts].filter(([, text]) => /^export default\b/m.test(text)).map(([file]) => file)).toEqual(
      [],
    );
  });
});
