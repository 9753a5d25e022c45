/** What becomes of a command that nobody can read any more. */

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
