import { tcpConnect } from '../probes/tcp-connect.js';
import { quote } from '../shared/shell.js';
import { type Action, type ActionContext, type ActionResult, failure } from './action.js';
import { isPattern, patternOf } from './edit-file.js';
import { ask } from './host/answer.js';
import { elapsedSince, pause, secondsProperty } from './host/wait.js';
import { pathWord } from './host/words.js';

export interface WaitForParams {
  host?: string;
  port?: number;
  path?: string;
  search_regex?: string;
  state?: 'started' | 'stopped' | 'present' | 'absent' | 'drained';
  timeout?: number;
  connect_timeout?: number;
  delay?: number;
  sleep?: number;
  msg?: string;
}

const wantsGone = ({ state }: WaitForParams): boolean => state === 'absent' || state === 'stopped';

/** Whether what is waited for is there, by the exit code. */
function testScript({
  host = '127.0.0.1',
  port,
  path,
  state,
  connect_timeout: timeout = 5,
}: WaitForParams): string {
  if (path !== undefined) return `[ -e ${pathWord(path)} ]`;
  if (port === undefined) return 'false';
  if (state === 'drained') return `[ -n "$(${drainedScript(port)})" ]`;
  const script = tcpConnect.script({ host, port, timeout });
  return `( eval ${quote(script)} ) >/dev/null 2>&1`;
}

/** Connections of a local port that are not only listened for: the kernel's states but TIME_WAIT's successors. */
function drainedScript(port: number): string {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return `awk -v p=${hex} '{ split($2, l, ":"); if (l[2] == p && index(" 01 02 03 04 06 ", " " $4 " ")) { print; exit } }' /proc/net/tcp /proc/net/tcp6 2>/dev/null`;
}

/** Asks again on the host itself, so that waiting costs one round trip. Tells `there` or `late`. */
function loopScript(params: WaitForParams, seconds: number): string {
  const { sleep = 1 } = params;
  const gone = wantsGone(params) || params.state === 'drained';
  return `np_end=$(($(date +%s) + ${seconds}))
while :; do
  if ${testScript(params)}; then np_is=1; else
    [ $? -ne 127 ] || np_fail 'the host has neither nc nor bash to ask a port with'
    np_is=
  fi
  ${gone ? '[ -n "$np_is" ]' : '[ -z "$np_is" ]'} || { np_say there; break; }
  [ "$(date +%s)" -lt $np_end ] || { np_say late; break; }
  sleep ${Math.max(1, sleep)}
done`;
}

/** How long a host waits by itself: then it is asked whether the session is still alive. */
const SLICE_S = 20;

async function waits(
  params: WaitForParams,
  timeout: number,
  context: ActionContext,
): Promise<true | string | ActionResult> {
  const { search_regex: regex, path, sleep = 1 } = params;
  const pattern = regex === undefined ? undefined : patternOf(regex, 'search_regex');
  const end = performance.now() + timeout * 1000;
  for (;;) {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    const script = loopScript(params, Math.min(SLICE_S, left));
    const reading =
      pattern === undefined || path === undefined || wantsGone(params)
        ? ''
        : `\nif [ -r ${pathWord(path)} ]; then printf 'content '; np_enc <${pathWord(path)}; fi`;
    const answer = await ask(context, script + reading, (SLICE_S + 60) * 1000);
    if ('changed' in answer) return answer;
    const found = reading === '' ? undefined : (answer.text('content') ?? '').search(pattern ?? /^/);
    if (answer.has('there') && (found === undefined || found >= 0)) return true;
    if (performance.now() >= end) return 'late';
    if (found !== undefined) await pause(sleep * 1000, context.signal);
  }
}

function aim({ path, host = '127.0.0.1', port, search_regex: regex }: WaitForParams): string {
  const where = path ?? `${host}:${port}`;
  return regex === undefined ? where : `'${regex}' in ${where}`;
}

async function run(params: WaitForParams, context: ActionContext): Promise<ActionResult> {
  const { timeout = 300, delay = 0, port, path, state = 'started', msg, search_regex: regex } = params;
  const began = performance.now();
  const given = { state, port: port ?? null, path: path ?? null, search_regex: regex ?? null };
  await pause(delay * 1000, context.signal);
  if (port === undefined && path === undefined) {
    await pause(timeout * 1000, context.signal);
    return { changed: false, ...given, match_groups: [], match_groupdict: {}, elapsed: elapsedSince(began) };
  }
  const outcome = await waits({ ...params, state }, timeout, context);
  const elapsed = elapsedSince(began);
  if (typeof outcome === 'object') return { ...outcome, elapsed };
  if (outcome === 'late')
    return failure(msg ?? `${timeout} s were not enough for ${aim(params)} to be ${state}`, { elapsed });
  return { changed: false, ...given, match_groups: [], match_groupdict: {}, elapsed };
}

function contradiction({
  port,
  path,
  state,
  search_regex: regex,
}: WaitForParams): { path: string[]; message: string } | undefined {
  if (path !== undefined && (state === 'stopped' || state === 'drained'))
    return { path: ['state'], message: `state: ${state} is for a port only` };
  if (regex !== undefined && !isPattern(regex))
    return { path: ['search_regex'], message: `search_regex: '${regex}' is no regular expression` };
  if (regex !== undefined && port !== undefined)
    return {
      path: ['search_regex'],
      message: 'search_regex: is for a path only; netplay does not read from ports',
    };
  if (state === 'drained' && port === undefined)
    return { path: ['port'], message: "'port' is needed to wait until it is drained" };
  return undefined;
}

/** Until a port is open or closed, or a file is there or gone: seen from the host. */
export const waitFor: Action<WaitForParams> = {
  name: 'wait_for',
  summary: 'Waits on the host until a port answers or does not, a file is there or gone, or for a time.',
  schema: {
    type: 'object',
    additionalProperties: false,
    not: { required: ['port', 'path'] },
    properties: {
      host: {
        type: 'string',
        format: 'host',
        default: '127.0.0.1',
        description: 'Where the port is, as the host sees it.',
      },
      port: { type: 'integer', minimum: 1, maximum: 65535, description: 'A TCP port.', examples: [22] },
      path: {
        type: 'string',
        minLength: 1,
        description: 'A path on the host.',
        examples: ['/run/frr/zebra.pid'],
      },
      search_regex: {
        type: 'string',
        description: 'A regular expression of Python that must be found in the file.',
        examples: ['ready'],
      },
      state: {
        enum: ['started', 'stopped', 'present', 'absent', 'drained'],
        default: 'started',
        description:
          'started, present: it answers, or is there. stopped, absent: it does not. drained: no connection to the port is left.',
      },
      timeout: secondsProperty(
        'Seconds until it is given up; without port and path, how long is waited.',
        300,
      ),
      connect_timeout: { ...secondsProperty('Seconds that one attempt to connect may take.', 5), minimum: 1 },
      delay: secondsProperty('Seconds before the first look.', 0),
      sleep: secondsProperty('Seconds between two looks.', 1),
      msg: {
        type: 'string',
        description: 'What is said where it fails.',
        examples: ['frr does not come up'],
      },
    },
  },
  examples: [
    { wait_for: { port: 22, timeout: 60 } },
    { wait_for: { path: '/run/frr/zebra.pid', state: 'present' } },
    { wait_for: { host: '192.0.2.7', port: 80, state: 'stopped' } },
  ],
  check: 'runs',
  contradiction,
  run,
};
