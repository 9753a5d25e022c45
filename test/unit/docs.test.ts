/** What docs/ shows to users: its examples load, its commands exist, its links lead somewhere. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { actions } from '../../src/actions/registry.js';
import { createProgram } from '../../src/cli/program.js';
import { loadInventory } from '../../src/inventory/load.js';
import { parseLab } from '../../src/lab/load.js';
import { resources } from '../../src/resources/registry.js';
import { isMap } from '../../src/shared/is-map.js';
import { readYaml, toPlain } from '../../src/shared/yaml.js';
import { createTemplates } from '../../src/template/templates.js';
import { readPlaybookText } from '../support/playbook-text.js';

const ROOT = join(import.meta.dirname, '../..');
const pages = readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`);
const texts = new Map(
  [...pages, 'CHANGELOG.md'].map((page) => [page, readFileSync(join(ROOT, page), 'utf8')]),
);
const templates = createTemplates();

function inPages(pattern: RegExp): [page: string, found: string, rest: string][] {
  return [...texts].flatMap(([page, text]) =>
    [...text.matchAll(pattern)].map(([, found = '', rest = '']): [string, string, string] => [
      page,
      found,
      rest,
    ]),
  );
}

const playbookFaults = async (text: string): Promise<string[]> =>
  (
    await readPlaybookText(text, join(ROOT, 'playbooks/docs.yml'), resources, { templates, actions })
  ).errors.map(({ message }) => message);

async function inventoryFaults(text: string, extension: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'netplay-docs-'));
  try {
    const file = join(folder, `hosts.${extension}`);
    writeFileSync(file, text);
    const { hosts } = await loadInventory([file]);
    return hosts.size > 0 ? [] : ['no hosts'];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the program that reads such an example says of it: told apart by the example's own shape. */
async function faultsOf(language: string, text: string): Promise<string[]> {
  if (language === 'ini') return inventoryFaults(text, 'ini');
  const value = toPlain(readYaml(text, 'x.yml', 'playbook').source.document.contents);
  if (Array.isArray(value)) {
    const isPlays = value.every((item) => isMap(item) && ('hosts' in item || 'import_playbook' in item));
    return playbookFaults(isPlays ? text : `- hosts: all\n  tasks:\n${text.replaceAll(/^/gm, '    ')}`);
  }
  if (isMap(value) && isMap(value.hosts))
    return Object.keys(parseLab(text, 'lab.yml').hosts ?? {}).length > 0 ? [] : ['no hosts'];
  return inventoryFaults(text, 'yml');
}

const examples = inPages(/^```(yaml|ini)\n([\s\S]*?)^```$/gm);

test.each(examples)('%s: an example in %s loads: %j', async (_, language, text) => {
  expect(await faultsOf(language, text)).toEqual([]);
});

test('an example with a mistake would be found', async () => {
  expect(examples.length).toBeGreaterThan(2 * resources.length);
  expect(await faultsOf('yaml', '- route: {dst: default, vai: 10.0.0.1}')).toContain(
    "unknown parameter 'vai'",
  );
  expect(await faultsOf('yaml', '- copy: {dst: /a, content: b}')).toContain("unknown parameter 'dst'");
  await expect(faultsOf('yaml', 'hosts: {a: {nics: {eth0: {swich: x}}}}')).rejects.toThrow('swich');
  await expect(faultsOf('ini', 'a b=1 c\n')).rejects.toThrow('"c" is no variable');
});

/** Words of a `netplay` command line that no command or option has. */
function unknownWords(line: string): string[] {
  const words = (line.split(/ -- | {2,}#/)[0] ?? '').split(/[ []+/).filter((word) => word !== '');
  let command: Command = createProgram();
  const unknown: string[] = [];
  for (const word of words) {
    const inner = command.commands.find((candidate) => candidate.name() === word);
    const option = command.options.some(({ short, long }) => word === short || word === long);
    if (inner !== undefined) command = inner;
    else if (word.startsWith('-') && !option && word !== '--help') unknown.push(word);
    else if (command.commands.length > 0) unknown.push(word);
  }
  return unknown;
}

test.each(inPages(/(?:^ {4}|`)netplay ([^`\n]+)/gm))('%s: netplay %s is a command', (_, line) => {
  expect(unknownWords(line)).toEqual([]);
});

test('a command that does not exist would be found', () => {
  expect(unknownWords('run site.yml --chek')).toEqual(['--chek']);
  expect(unknownWords('lab start x')).toEqual(['start', 'x']);
});

describe('links', () => {
  test.each(inPages(/\]\((?!https?:)([^)#]+)/g))('%s leads to %s', (page, target) => {
    expect(existsSync(join(ROOT, dirname(page), target))).toBe(true);
  });

  test('docs/index.md names every page', () => {
    const named = inPages(/^- \[([\w.]+)\]/gm).flatMap(([page, name]) =>
      page === 'docs/index.md' ? [`docs/${name}`] : [],
    );
    expect(named.toSorted()).toEqual(pages.filter((page) => page !== 'docs/index.md').toSorted());
  });
});
