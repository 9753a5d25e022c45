import { homedir } from 'node:os';
import { afterEach, expect, test, vi } from 'vitest';
import { runsFolder } from '../../../src/report/event-log.js';

afterEach(() => vi.unstubAllEnvs());

test.each([
  [{ XDG_STATE_HOME: '/state' }, '/state/netplay/runs'],
  [{}, `${homedir()}/.local/state/netplay/runs`],
  [{ XDG_STATE_HOME: '' }, `${homedir()}/.local/state/netplay/runs`],
  [{ XDG_STATE_HOME: 'relative' }, `${homedir()}/.local/state/netplay/runs`],
])('with %j runs are kept in %s', (env, folder) => expect(runsFolder(env)).toBe(folder));

test('without a home they are never kept in the folder that netplay is called in', () => {
  vi.stubEnv('HOME', '');
  expect(runsFolder({})).toBe('/.local/state/netplay/runs');
});
