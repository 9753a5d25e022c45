/** What this process prints: what must not be shown in it, and what becomes of it where nobody can read it any more. */
import { Redactor } from '../shared/redactor.js';

/** One process is one command: whatever reads a secret for it says so here, and it is printed nowhere. */
export const secrets = new Redactor();

type Write = (text: string) => boolean;
const unguarded: { write?: Write } = {};

/** From here on all text that goes to stdout and stderr is free of secrets, whoever writes it. */
export function guardOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean;
    if (stream === process.stdout) unguarded.write = write;
    stream.write = (chunk: unknown, ...rest: unknown[]) =>
      write(typeof chunk === 'string' ? secrets.redact(chunk) : chunk, ...rest);
  }
}

/** Prints data that holds no secret any more, so that words which happen to be one of them stay whole. */
export function printData(text: string): void {
  if (unguarded.write === undefined) process.stdout.write(text);
  else unguarded.write(text);
}

/** Whether all that was printed until now has been taken by whoever reads it. */
export function isPrinted(): Promise<boolean> {
  return new Promise((resolve) => {
    process.stdout.write('', (error) => resolve(error == null));
  });
}

/**
 * A reader that goes away (`| head`), a full disk or a closed terminal must not end a run in the middle of
 * its changes: what can't be printed is left out. All but a reader that goes away is told, once.
 */
export function outliveReaders(): void {
  let told = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (told || error.code === 'EPIPE') return;
    told = true;
    process.exitCode ??= 1;
    process.stderr.write(`warning: output is lost: ${error.message}\n`);
  });
  process.stderr.on('error', () => undefined);
}
