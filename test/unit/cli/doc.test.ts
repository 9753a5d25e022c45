import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { docCommand } from '../../../src/cli/doc.js';
import { probeKinds } from '../../../src/probes/registry.js';
import { resources } from '../../../src/resources/registry.js';

describe('netplay doc', () => {
  test('lists all there is, or one type of it', () => {
    const names = (type?: 'module' | 'resource' | 'action' | 'probe') =>
      docCommand(undefined, type === undefined ? {} : { type })
        .split('\n')
        .filter((line) => line !== '' && !line.endsWith(':'))
        .map((line) => line.split(' ')[0]);
    expect(names('resource')).toEqual(resources.map(({ name }) => name));
    expect(names('probe')).toEqual(probeKinds.map(({ name }) => name));
    expect(names('action')).toEqual(expect.arrayContaining(['copy', 'debug', 'set_fact']));
    expect(names('module')).toEqual([...names('resource'), ...names('action')]);
    expect(names()).toEqual([...names('module'), ...names('probe')]);
    expect(docCommand('route', { list: true })).toBe(docCommand(undefined));
  });

  test('of a name that a resource, an action and a probe may have shows the type that is asked for', () => {
    expect(docCommand('ping')).toContain(docCommand('ping', { type: 'probe' }));
    expect(docCommand('ping')).toContain(docCommand('ping', { type: 'action' }));
    expect(docCommand('ping', { type: 'module' })).toBe(docCommand('ping', { type: 'action' }));
    expect(() => docCommand('route', { type: 'probe' })).toThrow(
      'there is no resource, action or probe route',
    );
  });

  const documented = docCommand(undefined)
    .split('\n')
    .filter((line) => /^\w+ {2}/.test(line))
    .map((line) => line.split(' ')[0] ?? '');

  test.each([...new Set(documented)])('--snippet of %s is YAML, with what must be given', (name) => {
    for (const snippet of docCommand(name, { snippet: true }).split('\n\n')) {
      const [task] = parse(snippet) as Record<string, unknown>[];
      expect(Object.keys(task ?? {})).toEqual(['name', name]);
    }
  });

  test('--snippet leaves in what must be given, and the rest to be chosen', () => {
    const snippet = docCommand('route', { snippet: true });
    expect(parse(snippet)).toEqual([{ name: expect.any(String), route: { dst: null } }]);
    expect(snippet).toMatch(/^ {4}# via: # IPv4 or IPv6 address, or null\. The gateway/m);
  });
});
