/** Runs a user's command on a host: what command, shell, script and raw share. */
import { randomBytes } from 'node:crypto';
import { splitLines } from '../../template/strings.js';
import type { ActionContext, ActionResult } from '../action.js';
import { exports } from './answer.js';
import { CODING, contentFunction, decoded } from './content.js';
import { globWord, pathWord } from './words.js';

/** Milliseconds: a command takes as long as it takes; a task's own `timeout` ends it by the signal. */
const COMMAND_TIMEOUT_MS = 24 * 3_600_000;

export interface CommandOptions {
  creates?: string;
  removes?: string;
  chdir?: string;
  stdin?: string;
  stdin_add_newline?: boolean;
  strip_empty_ends?: boolean;
}

export interface Prepared {
  /** Shell lines that end with the user's command; run in a subshell. */
  body: string;
  /** `cmd` of the result. */
  cmd: string | readonly string[];
  /** Lines before it, whose failure (`np_fail TEXT CODE`) is the command's. */
  before?: string;
}

/** What a command said, and how it ended. */
interface Ending {
  rc: number;
  stdout: string;
  stderr: string;
  /** As the host's clock had them: `2026-11-21 16:37:33.123456`. */
  start: string;
  end: string;
}

/** Why it did not run. */
interface NotRun {
  /** `creates` or `removes` say that there is nothing to do. */
  skip?: 'creates' | 'removes';
  failed?: string;
  rc?: number;
}

/**
 * Runs it in one frame: `creates` and `removes` are looked at on the host. In check mode nothing is run; what `creates`
 * and `removes` can tell is told, all else is unknown.
 * @throws NetplayError where the session is lost: that is no exit code of the command
 */
export async function runCommand(
  prepared: Prepared,
  options: CommandOptions,
  context: ActionContext,
): Promise<ActionResult> {
  const { creates, removes, strip_empty_ends: strip = true } = options;
  const { cmd } = prepared;
  const conditional = creates !== undefined || removes !== undefined;
  if (context.check && !conditional)
    return {
      ...nothing(cmd),
      rc: 0,
      skipped: true,
      unknown: true,
      msg: 'It would be run, if this were no check',
    };
  const outcome = await perform(prepared, options, context);
  if ('start' in outcome) return finished(outcome, cmd, strip);
  if (outcome.skip !== undefined) return skipped(outcome.skip, options, cmd, context.check);
  if (outcome.failed !== undefined)
    return { ...nothing(cmd), failed: true, rc: outcome.rc ?? null, msg: outcome.failed };
  return { ...nothing(cmd), changed: true, rc: 0, msg: 'It would be run, if this were no check' };
}

function nothing(cmd: Prepared['cmd']): ActionResult {
  const output = { stdout: '', stdout_lines: [], stderr: '', stderr_lines: [] };
  return { changed: false, cmd, ...output, start: null, end: null, delta: null };
}

function skipped(
  why: 'creates' | 'removes',
  { creates, removes }: CommandOptions,
  cmd: Prepared['cmd'],
  check: boolean,
): ActionResult {
  const reason = why === 'creates' ? `${creates} exists` : `${removes} does not exist`;
  const stdout = `skipped, since ${reason}`;
  const msg = `${check ? 'Would' : 'Did'} not run, since ${reason}`;
  return { ...nothing(cmd), rc: 0, stdout, stdout_lines: [stdout], msg };
}

function finished({ rc, start, end, ...said }: Ending, cmd: Prepared['cmd'], strip: boolean): ActionResult {
  const [stdout, stderr] = [said.stdout, said.stderr].map((text) =>
    strip ? text.replace(/[\r\n]+$/, '') : text,
  );
  return {
    changed: true,
    cmd,
    rc,
    ...outputKeys(stdout ?? '', stderr ?? ''),
    start,
    end,
    delta: between(start, end),
    msg: rc === 0 ? '' : 'non-zero return code',
    ...(rc === 0 ? {} : { failed: true }),
  };
}

/** Both streams, whole and as lines. */
export function outputKeys(stdout: string, stderr: string): Record<string, unknown> {
  return { stdout, stdout_lines: splitLines(stdout, false), stderr, stderr_lines: splitLines(stderr, false) };
}

/** The time between two clock readings, as Python prints it: `0:00:01.500000`. */
function between(start: string, end: string): string {
  const micros = (text: string): number =>
    Date.parse(`${text.slice(0, 10)}T${text.slice(11, 19)}Z`) * 1000 + Number(text.slice(20));
  const total = Math.max(0, micros(end) - micros(start));
  const seconds = Math.floor(total / 1_000_000);
  const pad = (value: number, width = 2): string => String(value).padStart(width, '0');
  const clock = `${Math.floor(seconds / 3600)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
  const rest = total % 1_000_000;
  return rest === 0 ? clock : `${clock}.${pad(rest, 6)}`;
}

/** As `ActionContext.mark`. */
export function randomMark(): string {
  return `np-${randomBytes(9).toString('hex')}`;
}

/** BusyBox's date may not know %N: then there are no microseconds. */
const HEAD = `np_clock() { date '+%Y-%m-%d %H:%M:%S.%N'; }
np_fail() { printf '%s failed %s ' "$np_mark" "\${2:-1}"; printf %s "$1" | np_enc; exit 0; }`;

/**
 * The script. The command's own output stands between two lines with a random word, so that nothing that it prints is
 * taken for ours; its standard error is the frame's.
 */
async function perform(
  { body, before = '' }: Prepared,
  options: CommandOptions,
  context: ActionContext,
): Promise<Ending | NotRun> {
  const { mark = randomMark() } = context;
  const { stdin, stdin_add_newline: newline = true } = options;
  const text = stdin === undefined ? '' : newline && !stdin.endsWith('\n') ? `${stdin}\n` : stdin;
  const script = [
    `np_mark=${mark}`,
    CODING,
    HEAD,
    stdin === undefined ? '' : contentFunction('np_stdin', Buffer.from(text)),
    exports(context.environment),
    ...conditions(options),
    context.check ? `echo ${mark} would; exit 0` : '',
    before,
    'printf "%s begin %s\\n" "$np_mark" "$(np_clock)"',
    // Closed by a line of its own: a comment at the end of a user's command must not take the bracket along.
    `${stdin === undefined ? '' : 'np_stdin | '}(\n${body}\n)`,
    'np_rc=$?',
    'printf "\\n%s end %s %s\\n" "$np_mark" "$np_rc" "$(np_clock)"',
  ].join('\n');
  const { code, stdout, stderr } = await context.session.run(script, {
    timeoutMs: COMMAND_TIMEOUT_MS,
    signal: context.signal,
  });
  return (
    outcomeOf(mark, stdout, stderr) ?? { failed: stderr.trim() || 'its shell ended before it did', rc: code }
  );
}

function conditions({ chdir, creates, removes }: CommandOptions): string[] {
  const any = (pattern: string): string =>
    `np_any=; for np_path in ${globWord(pattern)}; do [ -e "$np_path" ] || [ -L "$np_path" ] && np_any=1; done`;
  return [
    ...(chdir === undefined
      ? []
      : [`np_e=$(cd ${pathWord(chdir)} 2>&1) || np_fail "$np_e"`, `cd ${pathWord(chdir)}`]),
    ...(creates === undefined
      ? []
      : [any(creates), '[ -z "$np_any" ] || { echo "$np_mark skip creates"; exit 0; }']),
    ...(removes === undefined
      ? []
      : [any(removes), '[ -n "$np_any" ] || { echo "$np_mark skip removes"; exit 0; }']),
  ];
}

function outcomeOf(mark: string, stdout: string, stderr: string): Ending | NotRun | undefined {
  const first = stdout.indexOf(`${mark} `);
  const line = stdout.slice(first, stdout.indexOf('\n', first)).split(' ');
  const [, kind, word = '', more = ''] = line;
  if (first < 0) return undefined;
  if (kind === 'would') return {};
  if (kind === 'skip') return { skip: word === 'creates' ? 'creates' : 'removes' };
  if (kind === 'failed') return { failed: decoded(more).toString('utf8').trim(), rc: Number(word) };
  const last = stdout.lastIndexOf(`\n${mark} end `);
  if (last < 0) return undefined;
  const [, , rc, day, time] = stdout
    .slice(last + 1)
    .trimEnd()
    .split(' ');
  const begin = stdout.indexOf('\n', first) + 1;
  return {
    rc: Number(rc),
    // The end's own line break stands before it; where the command printed nothing that is all there is.
    stdout: stdout.slice(begin, Math.max(begin, last)),
    stderr,
    start: clock(word, more),
    end: clock(day, time),
  };
}

function clock(day = '', time = ''): string {
  const [seconds = '', fraction = ''] = time.split('.');
  return `${day} ${seconds}.${(/^\d+$/.test(fraction) ? fraction : '').padEnd(6, '0').slice(0, 6)}`;
}
