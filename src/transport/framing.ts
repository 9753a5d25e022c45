/**
 * How scripts go into one long-lived `sh` and how their output is told from everything else.
 *
 * A frame is one command line. It prints a random marker on both streams, runs the script in a subshell,
 * and prints a second marker with the exit code. The script is one single-quoted word given to `eval`, so
 * that odd text in it (unbalanced quotes, here-documents, a stray parenthesis) can neither hang the shell
 * nor reach past the frame, and a syntax error ends the subshell only.
 */
import { quote } from '../shared/shell.js';
import { textOf } from './bytes.js';

/**
 * Sent in front of the first frame. The folders of sbin are missing from the PATH of most sessions that
 * have no terminal; LC_ALL keeps tools to the words that parsers know.
 */
export const PREAMBLE = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin${PATH:+:$PATH}',
  'LC_ALL=C',
  'export PATH LC_ALL',
  'unset ENV BASH_ENV CDPATH GREP_OPTIONS LANGUAGE',
  'umask 022',
].join('; ');

/** How much of a stream's noise is kept, for messages. */
const KEPT_NOISE = 2048;

/**
 * The text that makes `sh` run `script` as the frame `id`. The markers are written in two halves, so
 * that a shell that echoes its input does not print one.
 * @param id letters and digits, never used before on this shell
 * @throws Error where the script holds a NUL, which no shell can take
 */
export function frameInput(script: string, id: string): string {
  if (script.includes('\0')) throw new Error('A script for a host holds a NUL character');
  return (
    `echo NP''${id}b; echo NP''${id}b >&2; (eval ${quote(script)}) </dev/null; ` +
    `echo NP''${id}e:$?; echo NP''${id}e:0 >&2\n`
  );
}

/** Takes one stream of a frame apart: noise, the script's own output byte by byte, exit code. */
export class FrameReader {
  readonly #begin: Buffer;
  readonly #end: Buffer;
  readonly #body: Buffer[] = [];
  /** What was read but may still hold the first part of a marker. */
  #pending: Buffer = Buffer.alloc(0);
  #state: 'noise' | 'body' | 'done' = 'noise';
  #noise = '';
  #code = 0;

  constructor(id: string) {
    this.#begin = Buffer.from(`NP${id}b\n`);
    this.#end = Buffer.from(`NP${id}e:`);
  }

  get done(): boolean {
    return this.#state === 'done';
  }

  /** The exit code, once `done`. */
  get code(): number {
    return this.#code;
  }

  /** What the script has printed so far. */
  get text(): string {
    const parts = this.#state === 'body' ? [...this.#body, this.#pending] : this.#body;
    return textOf(Buffer.concat(parts));
  }

  /** The end of what was printed before the frame began: start-up files, banners. */
  get noise(): string {
    const rest = this.#state === 'noise' ? this.#pending.toString('utf8') : '';
    return (this.#noise + rest).slice(-KEPT_NOISE);
  }

  push(chunk: Buffer): void {
    if (this.#state === 'done') return;
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    if (this.#state === 'noise') this.#findBegin();
    if (this.#state === 'body') this.#findEnd();
  }

  #findBegin(): void {
    const at = this.#pending.indexOf(this.#begin);
    const noise = this.#pending.subarray(0, at >= 0 ? at : this.#safeLength(this.#begin));
    this.#noise = (this.#noise + noise.toString('utf8')).slice(-KEPT_NOISE);
    this.#pending = this.#pending.subarray(noise.length);
    if (at < 0) return;
    this.#pending = this.#pending.subarray(this.#begin.length);
    this.#state = 'body';
  }

  #findEnd(): void {
    const at = this.#pending.indexOf(this.#end);
    const body = this.#pending.subarray(0, at >= 0 ? at : this.#safeLength(this.#end));
    if (body.length > 0) this.#body.push(body);
    this.#pending = this.#pending.subarray(body.length);
    if (at < 0) return;
    const newline = this.#pending.indexOf('\n');
    if (newline < 0) return;
    this.#code = Number(this.#pending.subarray(this.#end.length, newline).toString('latin1'));
    this.#pending = Buffer.alloc(0);
    this.#state = 'done';
  }

  /** How much of the pending bytes can't be the beginning of `marker`. */
  #safeLength(marker: Buffer): number {
    return Math.max(0, this.#pending.length - marker.length + 1);
  }
}
