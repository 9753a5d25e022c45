/** The playbooks that ansible-core and netplay run alike, and the actions' own examples, through the loader. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { actions } from '../../../src/actions/registry.js';
import { engineActions } from '../../../src/playbook/engine-actions.js';
import { loadPlaybook } from '../../../src/playbook/load.js';
import { resources } from '../../../src/resources/registry.js';
import { createTemplates } from '../../../src/template/templates.js';
import { JUDGE_CASES } from '../../support/judge-cases.js';
import { readPlaybookText } from '../../support/playbook-text.js';

const templates = createTemplates();

test.each(JUDGE_CASES)('$name', async ({ play, files = {} }) => {
  const folder = mkdtempSync(join(tmpdir(), 'netplay-'));
  try {
    for (const [name, text] of Object.entries({ 'site.yml': play, ...files })) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const { plays } = await loadPlaybook(join(folder, 'site.yml'), resources, { templates, actions });
    expect(plays.length).toBeGreaterThan(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('the examples of actions stand in a playbook as they are', () => {
  const examples = [...engineActions, ...actions].flatMap((action) => action.examples);
  test.each(examples.map((example) => [example]))('%j', async (example) => {
    const text = JSON.stringify([{ hosts: 'all', tasks: [example] }]);
    const { errors } = await readPlaybookText(text, 'site.yml', resources, { templates, actions });
    expect(errors.map(({ message }) => message)).toEqual([]);
  });
});
