/** Ansible's own Templar is asked for its answer to each case; what differs on purpose is said so. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NetplayError } from '../../../src/shared/errors.js';
import { createScope } from '../../../src/template/scope.js';
import { createTemplates } from '../../../src/template/templates.js';
import {
  expressions,
  files,
  loops,
  templates as sources,
  templateFiles,
  variables,
} from './ansible-cases.js';

interface Case {
  kind: 'expression' | 'template' | 'file' | 'with';
  source: string;
  settings?: Readonly<Record<string, unknown>>;
  terms?: unknown;
}

interface Answer {
  value?: unknown;
  error?: string;
}

const PYTHON = '/usr/bin/python3';
const root = mkdtempSync(join(tmpdir(), 'netplay-judge-'));
const env = { PATH: process.env.PATH, HOME: process.env.HOME, LC_ALL: 'C.UTF-8' };
const templates = createTemplates();
const scope = createScope([variables], templates, {
  lookups: { searchPath: [join(root, 'roles/r'), root], env, hosts: () => [] },
});

const cases: readonly Case[] = [
  ...expressions.map((source) => ({ kind: 'expression', source }) as const),
  ...sources.map((source) => ({ kind: 'template', source }) as const),
  ...templateFiles.map((file) => ({ kind: 'file', ...file }) as const),
  ...loops.map((loop) => ({ kind: 'with', ...loop }) as const),
];

/** Where netplay is different on purpose: docs/templates.md tells why. */
const ON_PURPOSE: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["nics | ansible.builtin.map(attribute='name') | list", ['eth0', 'eth1']],
  ["'nope' is filter", false],
  ["query('sequence', start=1, end=3)", ['1', '2', '3']],
  [
    "lookup('file', 'motd', nope=1)",
    `the lookup 'file' has no option 'nope', in "{{ lookup('file', 'motd', nope=1) }}"`,
  ],
]);

function askAnsible(): Answer[] {
  const script = fileURLToPath(new URL('ansible_judge.py', import.meta.url));
  const input = JSON.stringify({ root, variables, cases });
  try {
    const options = { input, env: { ...env, ANSIBLE_LOCAL_TEMP: root }, maxBuffer: 2 ** 28 };
    return JSON.parse(
      execFileSync(PYTHON, [script], { ...options, stdio: ['pipe', 'pipe', 'ignore'] }).toString(),
    ) as Answer[];
  } catch (error) {
    throw new Error('this test needs Ansible as its judge: apt-get install ansible-core', { cause: error });
  }
}

function ask(one: Case): Answer {
  const { kind, source } = one;
  try {
    if (kind === 'expression') return { value: templates.render(`{{ ${source} }}`, scope) };
    if (kind === 'with') return { value: templates.withItems(source, one.terms, scope) };
    if (kind === 'template') return { value: templates.render(`{{ '' }}${source}`, scope) };
    return {
      value: templates.renderFile(source, scope, { ...(one.settings && { settings: one.settings }) }),
    };
  } catch (error) {
    if (!(error instanceof NetplayError)) throw error;
    return { error: error.message };
  }
}

describe('as Ansible itself', () => {
  let judged: Answer[] = [];
  beforeAll(() => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
    judged = askAnsible();
  }, 60_000);
  afterAll(() => rmSync(root, { recursive: true }));

  it.each(
    cases.map(
      (one, at) => [one.kind, JSON.stringify(one.terms ?? one.settings ?? ''), one.source, one, at] as const,
    ),
  )('%s %s %j', (_kind, _extra, _source, one, at) => {
    const mine = ask(one);
    const theirs = judged[at] ?? {};
    const { source } = one;
    if (ON_PURPOSE.has(source)) {
      expect(mine, 'differs no more').not.toEqual(theirs);
      expect(mine.value ?? mine.error).toEqual(ON_PURPOSE.get(source));
    } else if (theirs.error !== undefined)
      expect(mine.error, `Ansible fails (${theirs.error}), not ${JSON.stringify(mine.value)}`).toBeDefined();
    else expect(mine).toEqual(theirs);
  });
});
