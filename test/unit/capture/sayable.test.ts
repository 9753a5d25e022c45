/** What netplay would refuse is left out of a captured playbook with the reason, so that the rest of it can be run. */
import { expect, test } from 'vitest';
import type { Params } from '../../../src/capture/reading.js';
import { sayable } from '../../../src/capture/sayable.js';
import { resources } from '../../../src/resources/registry.js';

function said(name: string, ...items: Params[]) {
  const resource = resources.find((known) => known.name === name);
  if (resource === undefined) throw new Error(`no ${name}`);
  const leftOut: string[] = [];
  const tasks = sayable([{ name: 'all', resource, items }], ({ what, why }) => {
    leftOut.push(`${what}: ${why}`);
  });
  return { items: tasks.map((task) => task.items), leftOut };
}

test('what a task may say stays', () => {
  const items = [{ name: 'eth0', state: 'up' }, { name: 'eth1' }];
  expect(said('link', ...items)).toEqual({ items: [items], leftOut: [] });
});

test('a parameter that it may not say goes alone', () => {
  const { items, leftOut } = said(
    'link',
    { name: 'eth0', state: 'up', alias: 'two\nlines' },
    { name: 'eth1' },
  );
  expect(items).toEqual([[{ name: 'eth0', state: 'up' }, { name: 'eth1' }]]);
  expect(leftOut).toEqual([
    expect.stringMatching(/^alias of link eth0: netplay refuses it: alias: must be /),
  ]);
});

test('one that it can not be without takes the item along, and the last item its task', () => {
  const { items, leftOut } = said('address', { address: 'x', dev: 'eth0' });
  expect(items).toEqual([]);
  expect(leftOut).toEqual([expect.stringMatching(/^address x: netplay refuses it: address: must be /)]);
});
