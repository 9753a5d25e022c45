/**
 * What runs on the host killed with -9 before each of its own lines, in each way that a transaction can go: the
 * host is then whole in its state from before or after, as it was told, and nothing is left or in the way.
 */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import { JOURNAL } from '../../src/shared/journal-folder.js';
import { quote } from '../../src/shared/shell.js';
import { beginScript, readEnded, type Transaction } from '../../src/transaction/begin.js';
import {
  confirmScript,
  readStanding,
  releaseScript,
  rollbackScript,
  statusScript,
} from '../../src/transaction/end.js';
import { GUARD } from '../../src/transaction/guard.js';
import { type Announced, type ChangeUnit, NOTHING_ANNOUNCED } from '../../src/transaction/script.js';
import { ownName } from '../support/lab-runs.js';

const HOSTS = Array.from({ length: 16 }, (_, index) => `h${index + 1}`);
/** Every line in all tests; else every twelfth, another one at each run. */
const EVERY = process.env.NETPLAY_TEST_ALL === '1' ? 1 : 12;
const FIRST = Math.floor(Date.now() / 1000) % EVERY;
/** Seconds. */
const CONFIRM_TIMEOUT = 3;
const SETTLED_WITHIN = CONFIRM_TIMEOUT + 15;

let lab: Lab;
beforeAll(async () => {
  const hosts = Object.fromEntries(HOSTS.map((host) => [host, { nics: { eth0: { switch: 'lan' } } }]));
  lab = await labUp({ name: ownName('lines'), hosts });
});
afterAll(async () => {
  await lab?.down();
});

const SYSCTL = 'net/ipv4/conf/eth0/arp_notify';
const FILES = ['/etc/one', '/etc/two'];
const GOOD: ChangeUnit = {
  optional: false,
  changes: [
    {
      do: [{ kind: 'ip', family: 4, args: ['rule', 'add', 'from', '10.9.9.9', 'priority', '999'] }],
      undo: [{ kind: 'ip', family: 4, args: ['rule', 'del', 'from', '10.9.9.9', 'priority', '999'] }],
    },
    {
      do: [{ kind: 'sysctl', path: SYSCTL, value: '1' }],
      undo: [{ kind: 'sysctl', path: SYSCTL, value: '0' }],
    },
    ...FILES.map((path): ChangeUnit['changes'][number] => ({
      do: [{ kind: 'write', path, content: 'x\n' }],
      undo: [{ kind: 'remove', path }],
    })),
  ],
};
const OTHER: ChangeUnit = {
  optional: false,
  changes: [{ do: [{ kind: 'sysctl', path: 'net/ipv4/conf/eth0/arp_accept', value: '1' }], undo: [] }],
};
/** Of an address that is not the host's own, for which the guard changes a sysctl meanwhile. */
const ANNOUNCED: Announced = { made: [{ dev: 'eth0', address: '10.9.9.8', foreign: true }], undone: [] };
const BAD: ChangeUnit = {
  optional: false,
  changes: [{ do: [{ kind: 'sysctl', path: 'net/nosuch', value: '1' }], undo: [] }],
};
const STATE = `grep -v 0 /proc/sys/net/ipv4/ip_nonlocal_bind; ip rule | grep -c 999; cat /proc/sys/${SYSCTL}; for f in ${FILES.join(' ')}; do cat $f 2>/dev/null || echo none; done; ls /etc | grep netplay-new`;
const BEFORE = '0\n0\nnone\nnone\n';
const AFTER = '1\n1\nx\nx\n';

type Way = (id: string, tell: (script: string) => Promise<string>) => Promise<string>;
/** What the controller says once the changes are made; it asks again where the answer is lost. */
const WAYS: Readonly<Record<string, { units: readonly ChangeUnit[]; kept: boolean; say: Way }>> = {
  confirm: { units: [GOOD], kept: true, say: (id, tell) => tell(confirmScript(id, false)) },
  hold: {
    units: [GOOD],
    kept: true,
    say: async (id, tell) => {
      await tell(confirmScript(id, true));
      return tell(releaseScript(id));
    },
  },
  rollback: {
    units: [GOOD],
    kept: false,
    say: (id, tell) => tell(rollbackScript(id, 'somebody said so', true)),
  },
  fail: { units: [GOOD, BAD], kept: false, say: (id, tell) => tell(statusScript(id)) },
  silence: { units: [GOOD], kept: false, say: () => Promise.resolve('') },
};

/** Dies once: whoever takes over runs the same lines. */
const DIE = 'if rm /run/die 2>/dev/null; then kill -9 $$; fi';

/** The text with a death before each of its lines, where that is a line of sh. */
function deaths(text: string): Map<number, string> {
  const lines = text.split('\n');
  const found = new Map<number, string>();
  for (const [index, line] of lines.entries()) {
    const variant = [...lines.slice(0, index), DIE, ...lines.slice(index)].join('\n');
    const isCode = line.trim() !== '' && !line.trim().startsWith('#');
    if (isCode && isValid(variant)) found.set(index + 1, variant);
  }
  return found;
}

function isValid(script: string): boolean {
  try {
    execFileSync('sh', ['-n'], { input: script, stdio: ['pipe', 'ignore', 'ignore'] });
    return true;
  } catch {
    return false;
  }
}

let unique = 0;
function transaction(units: readonly ChangeUnit[], confirmTimeout: number | null): Transaction {
  unique += 1;
  const id = `20260101T000000Z-${unique.toString(16).padStart(6, '0')}.0`;
  const author = { run: id, play: 'p', by: 'me', from: 'here', time: 0 };
  const entry = { v: 1 as const, id, ...author, changes: [], differences: [] };
  return {
    id,
    entry,
    units,
    announced: ANNOUNCED,
    confirmTimeout,
    lockTimeout: 0,
    seen: 'SEEN',
    baseline: '',
  };
}

/** Without a look at what others did since the state was read. */
function scriptOf(given: Transaction): string {
  return beginScript(given).replace(quote('SEEN'), '"$newest"');
}

interface Case {
  name: string;
  way: keyof typeof WAYS;
  change(script: string): string;
}

async function problemsOf(host: string, { way, change }: Case): Promise<string[]> {
  const { units, kept, say } = WAYS[way] ?? { units: [], kept: false, say: () => Promise.resolve('') };
  const sh = async (script: string): Promise<string> => (await lab.exec(host, ['sh', '-c', script])).stdout;
  const given = transaction(units, CONFIRM_TIMEOUT);
  const problems: string[] = [];
  await sh(
    `echo 0 >/proc/sys/${SYSCTL}; ip rule del priority 999 2>/dev/null; rm -f ${FILES.join(' ')} ${JOURNAL}/*; : >/run/die`,
  );
  await sh(change(scriptOf(given)));
  const said = readStanding(await say(given.id, sh));
  const hit = (await sh('ls /run/die 2>/dev/null; rm -f /run/die')) === '';
  const end = performance.now() + SETTLED_WITHIN * 1000;
  const begun = 'for f in /run/netplay/tx-*; do echo "$f"; done; pgrep -f [g]uard';
  while ((await sh(begun)) !== '/run/netplay/tx-*\n' && performance.now() < end) await sleep(500);
  const state = await sh(STATE);
  if (state !== BEFORE && state !== AFTER) problems.push(`in between: ${state}`);
  const ended = said.kind === 'ended' ? said.ended : undefined;
  if (ended !== undefined && (ended.outcome === 'confirmed') !== (state === AFTER))
    problems.push(`told ${ended.outcome}, but the state is ${state}`);
  if (!hit && (state === AFTER) !== kept) problems.push(`the undisturbed end is ${state}`);
  const told = readEnded(await sh(`grep ^outcome ${JOURNAL}/${given.id}`));
  if (told !== undefined && (told.outcome === 'confirmed') !== (state === AFTER))
    problems.push(`the journal tells ${told.outcome}, but the state is ${state}`);
  const nextRun = (): Promise<string> =>
    sh(
      `timeout 20 sh -c ${quote(scriptOf({ ...transaction([OTHER], null), announced: NOTHING_ANNOUNCED }))}`,
    );
  // What was left behind is cleared away first, and then all is to be read anew.
  let again = await nextRun();
  if (/^netplay-refused stale$/m.test(again)) again = await nextRun();
  if (!/^confirmed/m.test(again)) problems.push(`the next run: ${again}`);
  const left = await sh('ls -A /run/netplay /var/lib/netplay | grep -v journal; pgrep -af [g]uard');
  if (!/^\/run\/netplay:\n\n\/var\/lib\/netplay:\n$/.test(left)) problems.push(`left: ${left}`);
  if (problems.length > 0) await sh('rm -rf /run/netplay; pkill -f [g]uard');
  return problems;
}

async function brokenOf(cases: readonly Case[]): Promise<string[]> {
  const chosen = cases.filter((_, index) => index % EVERY === FIRST);
  const waiting = [...chosen];
  const broken: string[] = [];
  await Promise.all(
    HOSTS.map(async (host) => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        for (const problem of await problemsOf(host, next)) broken.push(`${next.name}: ${problem}`);
    }),
  );
  expect(cases.length).toBeGreaterThan(80);
  return broken;
}

test('guard, killed before each of its lines', { timeout: 1_200_000 }, async () => {
  const cases = Object.keys(WAYS).flatMap((way) =>
    [...deaths(GUARD)].map(([line, variant]): Case => {
      const name = `${way}, line ${line}: ${GUARD.split('\n')[line - 1]}`;
      return { name, way, change: (script) => script.replace(quote(GUARD), () => quote(variant)) };
    }),
  );
  expect(await brokenOf(cases)).toEqual([]);
});

test('the frame that begins, killed before each of its lines', { timeout: 600_000 }, async () => {
  const plain = scriptOf(transaction([GOOD], CONFIRM_TIMEOUT));
  const guard = plain.indexOf('put guard ');
  const first = plain.slice(0, guard).split('\n').length;
  const last = plain.slice(0, plain.indexOf('refuse write', guard)).split('\n').length;
  const cases = [...deaths(plain)]
    .filter(([line]) => line <= first || line > last)
    .map(([line]): Case => {
      const name = `line ${line}: ${plain.split('\n')[line - 1]}`;
      const change = (script: string): string => {
        const lines = script.split('\n');
        return [...lines.slice(0, line - 1), DIE, ...lines.slice(line - 1)].join('\n');
      };
      return { name, way: 'confirm', change };
    });
  expect(await brokenOf(cases)).toEqual([]);
});

test('the time to confirm begins once the baseline was asked', async () => {
  const [host = ''] = HOSTS;
  const given = transaction([OTHER], CONFIRM_TIMEOUT);
  const slow = scriptOf({ ...given, baseline: `sleep ${CONFIRM_TIMEOUT + 1}` });
  const script = slow.replace('echo netplay-armed', 'sleep 2; echo netplay-armed');
  const { stdout } = await lab.exec(host, [
    'sh',
    '-c',
    `${script}\n${rollbackScript(given.id, 'enough', true)}`,
  ]);
  expect(stdout).toMatch(/^netplay-applied$/m);
  expect(stdout).toMatch(/^rolled_back enough$/m);
});
