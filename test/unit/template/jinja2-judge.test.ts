import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { NetplayError } from '../../../src/shared/errors.js';
import { createScope } from '../../../src/template/scope.js';
import { createTemplates } from '../../../src/template/templates.js';
import { expressions, templates as templateSources, variables } from './jinja2-cases.js';
import { randomExpression } from './random-expressions.js';

interface Case {
  kind: 'expression' | 'template';
  source: string;
}

/** What an expression gives: its value, and the value as Python prints it, which tells 1 from 1.0. */
interface Answer {
  value?: unknown;
  text?: string;
  error?: string;
}

const PYTHON = '/usr/bin/python3';
const RANDOM_COUNT = 1000;
const seed = Date.now() % 2 ** 31;

const templates = createTemplates();
const scope = createScope([variables], templates);

/** What Jinja2 says about all cases, from one process. */
function askJinja2(cases: readonly Case[]): Answer[] {
  const script = fileURLToPath(new URL('judge.py', import.meta.url));
  try {
    const input = JSON.stringify(cases.map((one) => ({ ...one, variables })));
    return JSON.parse(execFileSync(PYTHON, [script], { input, maxBuffer: 2 ** 28 }).toString()) as Answer[];
  } catch (error) {
    throw new Error('this test needs Jinja2 as its judge: apt-get install python3-jinja2', { cause: error });
  }
}

function ask(one: Case): Answer {
  try {
    if (one.kind === 'template') return { text: text(templates.render(`{{ '' }}${one.source}`, scope)) };
    const value = templates.render(`{{ ${one.source} }}`, scope);
    return { value, text: text(templates.render(`{{ '' }}{{ ${one.source} }}`, scope)) };
  } catch (error) {
    if (!(error instanceof NetplayError)) throw error;
    return { error: error.message };
  }
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`expected text, got ${JSON.stringify(value)}`);
  return value;
}

function expectAgreement(mine: Answer, judged: Answer, source: string): void {
  if (judged.error !== undefined)
    expect(mine.error, `${source}: Jinja2 fails (${judged.error})`).toBeDefined();
  else expect(mine, source).toEqual(judged);
}

const cases: readonly Case[] = [
  ...expressions.map((source) => ({ kind: 'expression', source }) as const),
  ...templateSources.map((source) => ({ kind: 'template', source }) as const),
];
const randomCases = fc
  .sample(randomExpression, { numRuns: RANDOM_COUNT, seed })
  .map((source) => ({ kind: 'expression', source }) as const);

describe('as Jinja2 itself', () => {
  let judged: Answer[] = [];
  beforeAll(() => {
    judged = askJinja2([...cases, ...randomCases]);
  });

  it('has at least 300 expressions to judge', () => {
    expect(new Set(expressions).size).toBeGreaterThanOrEqual(300);
  });

  it.each(cases.map((one, at) => [one.source, one, at] as const))('%j', (_, one, at) => {
    expectAgreement(ask(one), judged[at] ?? {}, one.source);
  });

  it(`agrees on ${RANDOM_COUNT} random expressions (seed ${seed})`, () => {
    let compared = 0;
    for (const [at, one] of randomCases.entries()) {
      const mine = ask(one);
      const theirs = judged[cases.length + at] ?? {};
      // Python's integers have no end, and its `unique` refuses lists, which Ansible's takes.
      if (mine.error?.includes('2^53') || theirs.error?.includes('unhashable')) continue;
      expectAgreement(mine, theirs, one.source);
      if (mine.error === undefined) compared++;
    }
    expect(compared).toBeGreaterThan(RANDOM_COUNT / 4);
  });
});
