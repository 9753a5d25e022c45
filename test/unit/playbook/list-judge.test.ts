/** The tasks of a playbook with their tags, as ansible-core lists them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listTasks } from '../../../src/playbook/listing.js';
import { loadPlaybook } from '../../../src/playbook/load.js';
import { resources } from '../../../src/resources/registry.js';
import { LIST_FILES, PLAYBOOKS, SELECTIONS } from '../../support/list-cases.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'netplay-'));
  for (const [name, text] of Object.entries(LIST_FILES)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** `name [tags]` of each task, by playbook. */
function judged(words: readonly string[]): string[] {
  const printed = execFileSync(
    'ansible-playbook',
    ['-i', 'localhost,', '--list-tasks', ...words, ...PLAYBOOKS],
    {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  return printed.split('\n').flatMap((line) => {
    const file = /^playbook: (.*)$/.exec(line)?.[1];
    const [, name = '', tags = ''] = /^ {6}(\S.*)\tTAGS: \[(.*)\]$/.exec(line) ?? [];
    return file !== undefined ? [file] : name === '' ? [] : [`${name} [${tags}]`];
  });
}

async function listed(words: readonly string[]): Promise<string[]> {
  const after = (word: string): string[] => {
    const at = words.indexOf(word);
    return at < 0 ? [] : (words[at + 1] ?? '').split(',');
  };
  const selection = { tags: after('--tags'), skipTags: after('--skip-tags') };
  const lines: string[] = [];
  for (const file of PLAYBOOKS) {
    const { plays } = await loadPlaybook(join(folder, file), resources);
    const tasks = plays.flatMap((play) =>
      listTasks(play, selection).filter(({ part }) => part === undefined),
    );
    lines.push(file, ...tasks.map(({ name, tags }) => `${name} [${tags.join(', ')}]`));
  }
  return lines;
}

test.each(SELECTIONS.map((words) => [words]))('are listed as ansible-core lists them: %j', async (words) => {
  expect(await listed(words)).toEqual(judged(words));
});
