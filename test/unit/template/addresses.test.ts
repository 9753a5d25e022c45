/**
 * Filters of addresses against what the collection ansible.utils answers, which Debian's ansible-core lacks:
 * its answers are kept in a file. `NETPLAY_RECORD=1` writes it anew where the collection is installed.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { NetplayError } from '../../../src/shared/errors.js';
import { createScope } from '../../../src/template/scope.js';
import { createTemplates } from '../../../src/template/templates.js';
import { addressExpressions } from './address-cases.js';

const FACTS = new URL('address-facts.json', import.meta.url);

/** A value, or null for an error and for no value. */
type Facts = Readonly<Record<string, unknown>>;

function record(): void {
  const script = fileURLToPath(new URL('ansible_judge.py', import.meta.url));
  const qualified = addressExpressions.map((source) => ({
    kind: 'expression',
    source: source.replace(/(\| |is )(?!ansible|default)(\w+)/, '$1ansible.utils.$2'),
  }));
  const input = JSON.stringify({ root: tmpdir(), variables: {}, cases: qualified });
  const output = execFileSync('/usr/bin/python3', [script], {
    input,
    stdio: ['pipe', 'pipe', 'ignore'],
    maxBuffer: 2 ** 28,
  });
  const answers = JSON.parse(output.toString()) as { value?: unknown; error?: string }[];
  const lines = addressExpressions.map((source, at) => {
    const { value, error } = answers[at] ?? {};
    return `${JSON.stringify(source)}: ${error === undefined ? JSON.stringify(value ?? null) : '"(error)"'}`;
  });
  writeFileSync(FACTS, `{\n${lines.map((line) => `  ${line}`).join(',\n')}\n}\n`);
}

if (process.env.NETPLAY_RECORD === '1') record();
const facts = JSON.parse(readFileSync(FACTS, 'utf8')) as Facts;
const templates = createTemplates();
const scope = createScope([], templates);

/** Where netplay differs on purpose. */
const ON_PURPOSE: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  // There the address before 0.0.0.0 is an error, here there is none.
  ["'0.0.0.0/0' | ipaddr('previous_usable')", null],
]);

function ask(source: string): unknown {
  try {
    return templates.render(`{{ ${source} }}`, scope);
  } catch (error) {
    if (!(error instanceof NetplayError)) throw error;
    return '(error)';
  }
}

describe('as ansible.utils', () => {
  it('has an answer for each expression', () => {
    expect(Object.keys(facts)).toEqual(addressExpressions);
  });

  it.each(Object.entries(facts))('%s', (source, expected) => {
    expect(ask(source)).toEqual(ON_PURPOSE.has(source) ? ON_PURPOSE.get(source) : expected);
  });
});
