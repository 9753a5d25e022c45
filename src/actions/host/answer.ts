/** What an action's script tells of itself: lines of `key value`, after which nothing else is believed. */
import { NetplayError } from '../../shared/errors.js';
import { quote } from '../../shared/shell.js';
import type { FrameResult } from '../../transport/session.js';
import { type ActionContext, type ActionResult, failure } from '../action.js';
import { CODING, decoded } from './content.js';

/**
 * `np_say KEY VALUE…` for plain words, `np_tell KEY TEXT` for whatever text, `np_fail TEXT` ends the script, and
 * `np_act CMD…` runs what changes something: not in check mode, and with its own words where it fails.
 */
const TELLING = `np_say() { echo "$*"; }
np_tell() { printf '%s ' "$1"; printf %s "$2" | np_enc; }
np_fail() { np_tell failed "$1"; exit 0; }
np_act() {
  [ -z "$np_check" ] || return 0
  np_e=$("$@" 2>&1) || np_fail "\${np_e:-$1: exit code $?}"
}`;

/**
 * Shell function: where a path leads to in the end. BusyBox's readlink takes the target of a link to nothing for a way from
 * where it runs itself.
 */
export const REAL = `np_real() {
  if [ -e "$1" ] || ! [ -L "$1" ]; then readlink -f "$1" 2>/dev/null || echo "$1"; return; fi
  np_to_what=$(readlink "$1")
  case $np_to_what in /*) echo "$np_to_what" ;; *) echo "$(cd "$(dirname "$1")" && pwd -P)/$np_to_what" ;; esac
}`;

/** The answer of one script. */
export class Answer {
  readonly #lines: readonly (readonly [key: string, value: string])[];

  constructor(text: string) {
    this.#lines = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const at = line.indexOf(' ');
        return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
      });
  }

  /** The parts that begin with a line `KEY …` each, by what stands behind the key. */
  parts(key: string): Map<string, Answer> {
    const parts = new Map<string, string[]>();
    let lines: string[] = [];
    for (const [name, value] of this.#lines) {
      if (name === key) {
        lines = [];
        parts.set(value, lines);
      }
      lines.push(`${name} ${value}`);
    }
    return new Map([...parts].map(([value, text]) => [value, new Answer(text.join('\n'))]));
  }

  has(key: string): boolean {
    return this.#lines.some(([name]) => name === key);
  }

  /** The last value of a key that `np_say` printed. */
  word(key: string): string | undefined {
    return this.#lines.findLast(([name]) => name === key)?.[1];
  }

  /** Every value of a key. */
  words(key: string): string[] {
    return this.#lines.flatMap(([name, value]) => (name === key ? [value] : []));
  }

  /** The last value of a key that was told encoded. */
  bytes(key: string): Buffer | undefined {
    const value = this.word(key);
    return value === undefined ? undefined : decoded(value);
  }

  text(key: string): string | undefined {
    return this.bytes(key)?.toString('utf8');
  }

  /** What went wrong on the host, if anything did. */
  get failed(): string | undefined {
    return this.text('failed');
  }
}

/** Shell lines that give a task's `environment` to what runs below them. */
export function exports(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .map(([name, value]) => {
      if (!/^[A-Za-z_]\w*$/.test(name))
        throw new NetplayError('schema', `environment: '${name}' can not be the name of a variable`);
      return `export ${name}=${quote(value)}`;
    })
    .join('\n');
}

/** How long a script of an action may take that only waits for the host's file system. */
const FILES_TIMEOUT_MS = 10 * 60_000;

/**
 * Runs a script that tells what it found by `np_say` and `np_tell`; `$np_check` is set in check mode.
 * @returns its answer, or a failed result
 * @throws NetplayError as `Session.run` does
 */
export async function ask(
  context: ActionContext,
  script: string,
  timeoutMs = FILES_TIMEOUT_MS,
): Promise<Answer | ActionResult> {
  const lines = [CODING, TELLING, `np_check=${context.check ? 1 : ''}`, exports(context.environment), script];
  const options = { timeoutMs, signal: context.signal };
  return read(await context.session.run([...lines, 'np_say end'].join('\n'), options));
}

function read({ code, stdout, stderr }: FrameResult): Answer | ActionResult {
  const answer = new Answer(stdout);
  const { failed } = answer;
  if (failed !== undefined) return failure(failed.trim() || `failed with exit code ${code}`);
  if (!answer.has('end'))
    return failure(stderr.trim() || `The host's shell ended with code ${code}`, { rc: code });
  return answer;
}
