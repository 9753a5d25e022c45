import { quote } from '../shared/shell.js';
import { type Action, type ActionContext, type ActionResult, failure } from './action.js';
import { ask } from './host/answer.js';
import { elapsedSince, pause, secondsProperty } from './host/wait.js';
import { reconnected } from './wait_for_connection.js';

export interface RebootParams {
  reboot_timeout?: number;
  pre_reboot_delay?: number;
  post_reboot_delay?: number;
  connect_timeout?: number;
  msg?: string;
  reboot_command?: string;
  test_command?: string;
  boot_time_command?: string;
}

/** A word that is another one after each boot. */
const BOOT_ID = 'cat /proc/sys/kernel/random/boot_id';

/**
 * Asks who the host is now, and starts what reboots it: detached and a second later, so that the answer still comes
 * through. OpenRC's and BusyBox's `reboot` know nothing of `shutdown`'s words.
 */
function startScript({
  msg,
  reboot_command: own,
  pre_reboot_delay: wait = 0,
  boot_time_command: id = BOOT_ID,
}: RebootParams): string {
  const words = quote(msg ?? 'Reboot started by netplay');
  const command =
    own ?? `if command -v shutdown >/dev/null 2>&1; then shutdown -r now ${words}; else reboot; fi`;
  return `np_id=$(eval ${quote(id)} 2>&1) || np_fail "$np_id"
np_tell boot "$np_id"
np_later=${quote(`sleep ${Math.max(1, wait)}; ${command}`)}
if command -v setsid >/dev/null 2>&1; then setsid sh -c "$np_later" >/dev/null 2>&1 </dev/null &
else nohup sh -c "$np_later" >/dev/null 2>&1 </dev/null & fi`;
}

async function run(params: RebootParams, context: ActionContext): Promise<ActionResult> {
  if (context.local)
    return { ...failure('this would reboot the machine that netplay runs on'), elapsed: 0, rebooted: false };
  if (context.check) return { changed: true, elapsed: 0, rebooted: true };
  const {
    reboot_timeout: timeout = 600,
    connect_timeout: connectTimeout = 5,
    post_reboot_delay: after = 0,
  } = params;
  const {
    test_command: test = 'whoami',
    boot_time_command: id = BOOT_ID,
    pre_reboot_delay: wait = 0,
  } = params;
  const began = performance.now();
  const answer = await ask(context, startScript(params));
  if ('changed' in answer) return { ...answer, rebooted: false };
  await pause((wait + 1) * 1000, context.signal);
  const before = answer.text('boot')?.trim();
  const wrong = await reconnected(context, { timeout, sleep: 1, connectTimeout }, async (session) => {
    const { code, stdout, stderr } = await session.run(`${id}`, { signal: context.signal });
    if (code !== 0) return stderr.trim();
    if (stdout.trim() === before) return 'it is still the boot from before';
    const tested = await session.run(test, { signal: context.signal });
    return tested.code === 0 ? undefined : `${test}: exit code ${tested.code} ${tested.stderr.trim()}`.trim();
  });
  if (wrong === undefined) await pause(after * 1000, context.signal);
  const elapsed = elapsedSince(began);
  if (wrong === undefined) return { changed: true, elapsed, rebooted: true };
  return failure(`the host was not back within ${timeout} s: ${wrong}`, { elapsed, rebooted: false });
}

/** Boots a host anew, and waits until it is back. */
export const reboot: Action<RebootParams> = {
  name: 'reboot',
  summary: 'Reboots the host and waits until it is back: reached by a new connection, with another boot id.',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      reboot_timeout: secondsProperty('Seconds until it must be back.', 600),
      pre_reboot_delay: secondsProperty('Seconds before it goes down; at least one.', 0),
      post_reboot_delay: secondsProperty('Seconds to wait once it is back.', 0),
      connect_timeout: secondsProperty('Seconds that one attempt to connect may take.', 5),
      msg: { type: 'string', description: 'What its users are told.', examples: ['New kernel'] },
      reboot_command: {
        type: 'string',
        description: 'What reboots it; left out: shutdown, else reboot.',
        examples: ['systemctl reboot'],
      },
      test_command: {
        type: 'string',
        default: 'whoami',
        description: 'A command that must succeed once it is back.',
      },
      boot_time_command: {
        type: 'string',
        default: BOOT_ID,
        description: 'A command whose output is another one after a boot.',
      },
    },
  },
  examples: [{ reboot: { reboot_timeout: 300, msg: 'New kernel' } }],
  check: 'predicts',
  run,
};
