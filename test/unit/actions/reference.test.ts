import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderActionManual, renderActions } from '../../../src/actions/reference.js';
import { actions } from '../../../src/actions/registry.js';
import { docCommand } from '../../../src/cli/doc.js';
import { engineActions } from '../../../src/playbook/engine-actions.js';
import { parametersOf } from '../../../src/resources/parameters.js';

test('docs/actions.md is up to date: `npm run docs` writes it', () => {
  const page = readFileSync(new URL('../../../docs/actions.md', import.meta.url), 'utf8');
  const own = engineActions.filter(({ name }) => !actions.some((action) => action.name === name));
  expect(page).toBe(renderActions([...actions, ...own]));
});

test.each(actions.map((action) => [action.name, action] as const))(
  '%s says of each parameter what it is',
  (_, action) => {
    const parameters = parametersOf(action);
    expect(parameters.filter(({ description, type }) => description === '' || type === '')).toEqual([]);
    const manual = docCommand(action.name);
    expect(manual).toContain(renderActionManual(action));
    for (const { name } of parameters) expect(manual).toContain(`\n  ${name}: `);
  },
);

test('an action and a probe of one name are both told of', () => {
  expect(docCommand('ping')).toMatch(/^ping: Asks the host[\s\S]*^ping: [\s\S]*A probe, for/m);
  expect(docCommand('ansible.builtin.systemd_service')).toMatch(/^systemd: /);
});
