/** What a run says of its own session, over real sshd: foretold, shown before anything is applied, or refused. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import { netplay, runJson } from '../support/cli.js';
import { type Folder, makeFolder, ownName } from '../support/lab-runs.js';

let lab: Lab;
let folder: Folder;
beforeAll(async () => {
  folder = makeFolder();
  lab = await labUp({
    name: ownName('foresight'),
    hosts: { h1: { nics: { eth0: { switch: 'lan', addresses: ['10.7.0.1/24'] } } } },
  });
});
afterAll(async () => {
  folder?.remove();
  await lab?.down();
});

const args = (...tasks: unknown[]): string[] => [
  folder.write('play.yml', [{ hosts: 'all', tasks }]),
  '-i',
  lab.inventory,
];
const mtu = (dev: string) => ({ link: { name: dev, mtu: 1400 } });
const mtuOf = async (dev: string): Promise<string> =>
  (await lab.exec('h1', ['cat', `/sys/class/net/${dev}/mtu`])).stdout.trim();
const SESSION = String.raw`the session itself \(10\.213\.\S+ -> 10\.213\.\S+ by mgmt0\)`;

test('what leaves the session alone is not spoken of', async () => {
  const { ends, code } = await runJson(args(mtu('eth0')));
  expect(code).toBe(0);
  expect(ends[0]?.status).toBe('changed');
  expect(ends[0]).not.toHaveProperty('session');
});

test('--protect-session refuses before anything is applied, and a check does as well', async () => {
  const all = [...args({ link: { name: 'eth0', txqueuelen: 77 } }, mtu('mgmt0')), '--protect-session'];
  for (const more of [['--check'], []]) {
    const { ends, code } = await runJson([...all, ...more]);
    expect(code).toBe(2);
    expect(ends[0]).toMatchObject({ status: 'failed', roundTrips: 1 });
    expect(ends[0]?.error).toMatchObject({
      code: 'plan',
      message: expect.stringMatching(`^refused by --protect-session:\nlink mgmt0 mtu: ${SESSION} uses it$`),
      hint: 'if that is meant, leave --protect-session out',
    });
    expect(ends[0]?.tasks.map(({ status }) => status)).toEqual(['not-run', 'not-run']);
  }
  expect(await mtuOf('mgmt0')).toBe('1500');
});

test('a check foretells what would cut it, the worst first', async () => {
  const { stdout } = await lab.exec('h1', ['ip', '-4', '-o', 'addr', 'show', 'mgmt0']);
  const own = /inet ([\d.]+)/.exec(stdout)?.[1] ?? '';
  const cut = args({ rule: { from: own, action: 'blackhole', priority: 5 } });
  const { ends } = await runJson([...cut, '--check']);
  expect(ends[0]?.session).toEqual([
    expect.stringMatching(
      `^this cuts ${SESSION}: the host will have no way back to \\S+: the rule with priority 5 says`,
    ),
    expect.stringMatching(`^rule 5 from ${own}: ${SESSION} will go by it$`),
  ]);
  const shown = await netplay(['run', ...cut, '--check']);
  expect(shown.stdout).toMatch(/\n {2}h1 {2}would touch its own session:\n {4}this cuts the session itself/);
});

test('a run says it before it applies', async () => {
  const { events, ends, code } = await runJson(args(mtu('mgmt0')));
  expect(code).toBe(0);
  expect(await mtuOf('mgmt0')).toBe('1400');
  const kinds = events.map((event) => (event.type === 'host_phase' ? event.phase : event.type));
  expect(kinds.indexOf('host_session')).toBeGreaterThan(kinds.indexOf('read'));
  expect(kinds.indexOf('host_session')).toBeLessThan(kinds.indexOf('apply'));
  expect(ends[0]?.session).toEqual([expect.stringMatching(`^link mgmt0 mtu: ${SESSION} uses it$`)]);
});
