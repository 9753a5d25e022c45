import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { RunVars } from '../../../src/engine/run-vars.js';
import { Scopes } from '../../../src/engine/scopes.js';
import { createTemplates } from '../../../src/template/templates.js';

const place = { file: 'plays/f.yml', line: 1, column: 1 };
const host = (name: string, vars: Record<string, unknown>) =>
  [name, { name, vars, groupNames: ['web'], place }] as const;
const groups = { all: ['a.example', 'b'], web: ['a.example'] };
const templates = createTemplates();

function scopeOf(extraVars: Record<string, unknown>) {
  const vars = { first: '{{ groups.all[0] }}', same: '{{ inventory_hostname }}', x: 'inventory' };
  const play = {
    name: 'p',
    hosts: 'all',
    vars: { x: 'play' },
    steps: [],
    handlers: [],
    roles: [],
    tags: [],
    place,
  };
  const inventory = {
    hosts: new Map([host('a.example', vars), host('b', {})]),
    groups: new Map(Object.entries(groups)),
    sources: [],
  };
  return new Scopes(
    {
      inventory,
      play,
      groups,
      extraVars,
      templates,
      playbook: { file: 'plays/site.yml', plays: [play] },
      playHosts: ['a.example', '{{ odd }}'],
      check: true,
      diff: false,
      persist: 'off',
      registry: new Map(),
      magic: {},
    },
    new RunVars(),
  ).host('a.example');
}

test("a host sees its own, the play and Ansible's magic variables, which nothing covers", () => {
  const scope = scopeOf({ inventory_hostname: 'other', ansible_check_mode: false });
  expect(templates.render('{{ first }} {{ same }} {{ x }} {{ playbook_dir }}', scope)).toBe(
    `a.example a.example play ${resolve('plays')}`,
  );
  expect(scope.get('inventory_hostname_short')).toBe('a');
  expect(scope.get('ansible_check_mode')).toBe(true);
});

test("extra variables cover the play's", () => expect(scopeOf({ x: 'extra' }).get('x')).toBe('extra'));

test('names of hosts and groups are text, whatever they hold', () =>
  expect(scopeOf({}).get('ansible_play_hosts')).toEqual(['a.example', '{{ odd }}']));
