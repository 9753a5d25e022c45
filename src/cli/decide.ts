/** `--confirm=manual`: a person says whether changes that are on trial shall stay. */
import { createInterface } from 'node:readline';

const ignore = (): void => undefined;

/**
 * @param signal once aborted nobody is asked any more: that is a no
 * @returns `leave` where there is no terminal to ask on: `netplay confirm RUN` says it then
 */
export async function decide(signal: AbortSignal): Promise<'keep' | 'undo' | 'leave'> {
  if (!process.stdin.isTTY) return 'leave';
  // A terminal that is closed is an error of whoever reads from it, even after the question.
  process.stdin.off('error', ignore).on('error', ignore);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  lines.on('error', ignore);
  try {
    for (;;) {
      const answer = await ask(lines, 'Keep these changes? [yes/no] ', signal);
      if (answer === undefined) process.stderr.write('\n');
      if (answer === undefined || /^no?$/i.test(answer)) return 'undo';
      if (/^y(es)?$/i.test(answer)) return 'keep';
      process.stderr.write('Say yes or no.\n');
    }
  } finally {
    lines.close();
  }
}

/** @returns undefined where the terminal is closed, the run interrupted, or Ctrl-C says no for whoever sits at it */
function ask(
  lines: ReturnType<typeof createInterface>,
  question: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const nobody = (): void => resolve(undefined);
    if (signal.aborted) return nobody();
    signal.addEventListener('abort', nobody, { once: true });
    lines.once('error', nobody);
    lines.once('SIGINT', nobody);
    lines.once('close', nobody);
    lines.question(question, (answer) => resolve(answer.trim()));
  });
}
