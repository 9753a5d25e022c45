/** Lines and blocks of random files beside ansible-core's own modules, which all run in one process. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { type BlockParams, withBlock } from '../../src/actions/blockinfile.js';
import type { Edit } from '../../src/actions/edit-file.js';
import { type LineParams, withLine, withoutLine } from '../../src/actions/lineinfile.js';

const root = mkdtempSync(join(tmpdir(), 'netplay-lines-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const CASES = 80;
const words = ['a', 'ab', 'b', 'a b', '', ' a', 'b\r', '# BEGIN x', '# END x', 'ba'];
const file = fc
  .tuple(fc.array(fc.constantFrom(...words), { maxLength: 7 }), fc.constantFrom('\n', ''))
  .map(([lines, end]) => lines.join('\n') + (lines.length > 0 ? end : ''));
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const pattern = fc.constantFrom('a', '^a', 'b$', '^(a)(.*)$', 'nothing', '^$', '^[ab]+$', '^# END');
const line = fc.constantFrom('a', 'b', 'c', 'a b', '\\1x', '# END x', 'd\n');
const place = fc.oneof(
  fc.record({ insertafter: fc.oneof(pattern, fc.constantFrom('EOF', 'BOF')) }),
  fc.record({ insertbefore: fc.oneof(pattern, fc.constant('BOF')) }),
  fc.constant({}),
);

interface Random {
  module: 'lineinfile' | 'blockinfile';
  params: Readonly<Record<string, unknown>>;
  before: string;
}

/** As a task has them: what is undefined is not there. */
const given = (params: object): Record<string, unknown> => JSON.parse(JSON.stringify(params));

const present: fc.Arbitrary<Random> = fc
  .record({
    line: fc.record({ line }),
    found: fc.oneof(
      fc.record({ regexp: maybe(pattern), firstmatch: fc.boolean() }),
      fc.record({ search_string: fc.constantFrom('a', 'b', 'zz'), firstmatch: fc.boolean() }),
      // A group that a pattern lacks is an error of both.
      fc.record({ regexp: fc.constant('^(a)(.*)$'), backrefs: fc.constant(true), firstmatch: fc.boolean() }),
    ),
    place,
    before: file,
  })
  .map(({ line, found, place, before }) => ({
    module: 'lineinfile',
    params: given({ ...line, ...found, ...place }),
    before,
  }));
const absent: fc.Arbitrary<Random> = fc
  .record({
    what: fc.oneof(
      fc.record({ regexp: pattern }),
      fc.record({ line }),
      fc.record({ search_string: fc.constantFrom('a', 'zz') }),
    ),
    before: file,
  })
  .map(({ what, before }) => ({ module: 'lineinfile', params: { ...what, state: 'absent' }, before }));
const block: fc.Arbitrary<Random> = fc
  .record({
    what: fc.record({
      block: fc.constantFrom('x', 'x\ny\n', '', 'a'),
      marker: fc.constant('# {mark} x'),
      state: fc.constantFrom('present', 'absent'),
    }),
    place,
    before: file,
  })
  .map(({ what, place, before }) => ({
    module: 'blockinfile',
    params: given({ ...what, ...place }),
    before,
  }));

function ours({ module, params, before }: Random): Edit {
  const full = { path: 'f', ...params };
  if (module === 'blockinfile') return withBlock(before, full as BlockParams);
  return (params.state === 'absent' ? withoutLine : withLine)(before, full as LineParams);
}

/**
 * Where the last line of a file has no end and a new one goes behind it for its place's sake, Ansible joins the two; netplay
 * ends it first.
 */
function joins({ module, params, before }: Random): boolean {
  return (
    module === 'lineinfile' && params.insertafter !== undefined && before !== '' && !before.endsWith('\n')
  );
}

test(`${CASES} of each are as Ansible has them`, () => {
  const random = [present, absent, block].flatMap((kind) =>
    fc.sample(kind, { numRuns: CASES, seed: 20_261 }),
  );
  const cases = random.map(({ module, params, before }, index) => {
    const cwd = join(root, String(index));
    mkdirSync(cwd);
    writeFileSync(join(cwd, 'f'), before);
    return { module, cwd, args: { path: join(cwd, 'f'), ...params } };
  });
  const script = join(import.meta.dirname, '../support/ansible-modules.py');
  const { stdout, stderr } = spawnSync('/usr/bin/python3', [script], {
    input: JSON.stringify(cases),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const theirs: { result: { changed: boolean; msg: string; found?: number } }[] = JSON.parse(
    stdout || stderr,
  );
  let changed = 0;
  for (const [index, one] of random.entries()) {
    if (joins(one)) continue;
    const { text, changed: ourChanged, msg, more = {} } = ours(one);
    const { result } = theirs[index] ?? {};
    const expected = {
      text: readFileSync(join(root, String(index), 'f'), 'utf8'),
      changed: result?.changed,
      msg: result?.msg,
    };
    expect({ text, changed: ourChanged, msg }, JSON.stringify(one)).toEqual(expected);
    if (result?.found !== undefined) expect(more.found).toBe(result.found);
    if (ourChanged) changed += 1;
  }
  expect(changed).toBeGreaterThan(CASES);
});
