import { NetplayError } from '../shared/errors.js';
import { type Action, type ActionContext, failure } from './action.js';
import { elapsedSince, pause, secondsProperty } from './host/wait.js';

export interface WaitForConnectionParams {
  timeout?: number;
  delay?: number;
  sleep?: number;
  connect_timeout?: number;
}

/** What a host that is on its way back makes of a connection. */
const PASSING: ReadonlySet<string> = new Set(['unreachable', 'lost', 'timeout', 'auth', 'become']);

/**
 * Opens new connections until one of them answers.
 * @param question a script that must succeed
 * @returns what went wrong last, where none did in time
 */
export async function reconnected(
  context: ActionContext,
  { timeout, sleep, connectTimeout }: { timeout: number; sleep: number; connectTimeout: number },
  accept: (session: ActionContext['session']) => Promise<string | undefined>,
): Promise<string | undefined> {
  const end = performance.now() + timeout * 1000;
  let last = 'there was no time';
  while (performance.now() < end) {
    try {
      const left = Math.max(1000, Math.min(connectTimeout * 1000, end - performance.now()));
      const refused = await accept(await context.reconnect(left));
      if (refused === undefined) return undefined;
      last = refused;
    } catch (error) {
      if (!(error instanceof NetplayError) || !PASSING.has(error.code)) throw error;
      last = error.message;
    }
    await pause(sleep * 1000, context.signal);
  }
  return last;
}

/** Until the host can be connected to. */
export const waitForConnection: Action<WaitForConnectionParams> = {
  name: 'wait_for_connection',
  summary: 'Waits until the host can be reached, by a new connection.',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      timeout: secondsProperty('Seconds until it is given up.', 600),
      delay: secondsProperty('Seconds before the first attempt.', 0),
      sleep: secondsProperty('Seconds between two attempts.', 1),
      connect_timeout: secondsProperty('Seconds that one attempt may take.', 5),
    },
  },
  examples: [{ wait_for_connection: { timeout: 120, delay: 5 } }],
  check: 'runs',
  async run({ timeout = 600, delay = 0, sleep = 1, connect_timeout: connectTimeout = 5 }, context) {
    const began = performance.now();
    await pause(delay * 1000, context.signal);
    const wrong = await reconnected(context, { timeout, sleep, connectTimeout }, async (session) => {
      const { code, stderr } = await session.run(':', { signal: context.signal });
      return code === 0 ? undefined : stderr.trim();
    });
    const elapsed = elapsedSince(began);
    if (wrong === undefined) return { changed: false, elapsed };
    return failure(`the host did not come back within ${timeout} s: ${wrong}`, { elapsed });
  },
};
