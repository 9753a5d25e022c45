// A table of 10,000 routes and 2,000 rules on one lab host: planned, applied beside a bare `ip -batch` of the same
// commands, and run again. The second part of `npm run bench`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scalePlay } from './scale-play.mjs';

const netplay = new URL('../../bin/netplay.js', import.meta.url).pathname;
const lab = new URL('scale.yml', import.meta.url).pathname;
const scratch = mkdtempSync(join(tmpdir(), 'netplay-scale-'));
const [routes, rules, rounds] = [10_000, 2000, 3];

function run(args, options = {}) {
  const env = { ...process.env, XDG_STATE_HOME: scratch };
  const done = spawnSync('node', [netplay, ...args], {
    ...{ encoding: 'utf8', maxBuffer: 1 << 28, env, stdio: ['pipe', 'pipe', 'pipe'] },
    ...options,
  });
  if (done.status !== 0) throw new Error(`${args.join(' ')}: ${done.status}\n${done.stdout}\n${done.stderr}`);
  return done.stdout;
}

const onHost = (script, input = '') =>
  run(['lab', 'exec', '-l', 'scale', 'node1', '--', 'sh', '-c', script], { input });

/** What a run told of its one host. */
function hostEnd(output) {
  const events = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return events.find(({ type }) => type === 'host_end');
}

/** The commands of a plan as one `ip -batch` for each stretch of a family; prints the seconds that they take. */
function bareScript(commands) {
  const stretches = [];
  for (const command of commands) {
    const [, six, words] = /^ip (-6 )?(.*)$/.exec(command) ?? [];
    if (words === undefined) continue;
    const family = six === undefined ? 4 : 6;
    if (stretches.at(-1)?.family !== family) stretches.push({ family, lines: [] });
    stretches.at(-1).lines.push(words);
  }
  const files = stretches.map(({ lines }, i) => `cat >/run/bare${i} <<'E'\n${lines.join('\n')}\nE`);
  const batches = stretches.map(({ family }, i) => `ip -${family} -batch /run/bare${i}`);
  const now = 'date +%s.%N';
  return ['set -e', ...files, `a=$(${now})`, ...batches, `b=$(${now})`, 'echo "$a $b"', 'rm /run/bare*'].join(
    '\n',
  );
}

function seconds(text) {
  const [from, to] = text.trim().split(/\s+/).slice(-2).map(Number);
  return to - from;
}

const RESET = `for f in 4 6; do
  for t in 1000 1001 1002 1003 1004 1005 1006 1007 2000 main; do ip -$f route flush table $t proto 201; done
done 2>/dev/null
ip rule flush proto 201
rm -rf /etc/iproute2/rt_protos.d/netplay.conf /var/lib/netplay`;

function timed(work) {
  const start = performance.now();
  const result = work();
  return { result, wall: (performance.now() - start) / 1000 };
}

function round(play) {
  onHost(RESET);
  const check = hostEnd(run([...play, '--check', '--json']));
  const commands = check.tasks.flatMap(({ changes }) => changes.flatMap((change) => change.commands));
  const bare = seconds(
    run(['lab', 'exec', '-l', 'scale', 'node1', '--', 'sh'], { input: bareScript(commands) }),
  );
  onHost(RESET);
  // Left on trial, the transaction's folder tells when it began to apply and when all was made.
  const manual = timed(() => run([...play, '--confirm=manual']));
  const made = seconds(onHost("cd /run/netplay/tx-* && echo $(stat -c '%.Y' applier applied)"));
  run(['confirm', /netplay confirm (\S+)/.exec(manual.result)[1]]);
  onHost(RESET);
  const first = timed(() => hostEnd(run([...play, '--json'])));
  const second = timed(() => hostEnd(run([...play, '--json'])));
  if (second.result.status !== 'ok')
    throw new Error(`the second run changed something: ${second.result.status}`);
  return { planned: check.ms.read / 1000, bare, made, first: first.wall, second: second.wall };
}

run(['lab', 'up', lab]);
try {
  const file = join(scratch, 'play.yml');
  writeFileSync(file, scalePlay(routes, rules));
  const dir = `${process.env.NETPLAY_LAB_DIR ?? '/run/netplay-lab'}/scale`;
  const results = Array.from({ length: rounds }, () =>
    round(['run', file, '-i', join(dir, 'inventory.yml')]),
  );
  const median = (key) => results.map((each) => each[key]).sort((a, b) => a - b)[Math.floor(rounds / 2)];
  const line = (name, key, more) =>
    process.stdout.write(`${name.padEnd(36)} ${median(key).toFixed(2).padStart(6)} s  ${more}\n`);
  process.stdout.write(`\n${routes} routes and ${rules} rules on one host; medians of ${rounds} rounds\n\n`);
  line('bare ip -batch, on the host', 'bare', '');
  line(
    'applied, on the host',
    'made',
    `${(median('made') / median('bare')).toFixed(2)} x bare (to reach: at most 2)`,
  );
  line('read and planned', 'planned', '(to reach: 1)');
  line('netplay, everything to change', 'first', '');
  line('netplay, nothing to change', 'second', '(to reach: 2)');
} finally {
  run(['lab', 'down', 'scale']);
  rmSync(scratch, { recursive: true, force: true });
}
