/** `--confirm=manual`: a person says whether changes that are on trial shall stay. */
import { createInterface } from 'node:readline';

/** @returns `leave` where there is no terminal to ask on: `netplay confirm RUN` says it then */
export async function decide(): Promise<'keep' | 'undo' | 'leave'> {
  if (!process.stdin.isTTY) return 'leave';
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (;;) {
      const answer = await ask(lines, 'Keep these changes? [yes/no] ');
      if (answer === undefined || /^no?$/i.test(answer)) return 'undo';
      if (/^y(es)?$/i.test(answer)) return 'keep';
      process.stderr.write('Say yes or no.\n');
    }
  } finally {
    lines.close();
  }
}

/** @returns undefined where the terminal is closed, or Ctrl-C says no for whoever sits at it */
function ask(lines: ReturnType<typeof createInterface>, question: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    lines.once('SIGINT', () => resolve(undefined));
    lines.once('close', () => resolve(undefined));
    lines.question(question, (answer) => resolve(answer.trim()));
  });
}
