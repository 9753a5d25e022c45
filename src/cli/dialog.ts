/** The terminal as the one who answers: of hosts that ask at the same time, one after the other. */
import { createInterface } from 'node:readline';
import type { Dialog } from '../engine/flow/debugger.js';
import { NetplayError } from '../shared/errors.js';

export function createDialog(): Dialog {
  let last: Promise<unknown> = Promise.resolve();
  return {
    exclusive(work) {
      const mine = last.then(() => inSession(work));
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** One reader for a whole session: lines that come before they are asked for wait. */
async function inSession<Result>(
  work: (ask: (prompt: string) => Promise<string>) => Promise<Result>,
): Promise<Result> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  lines.once('SIGINT', () => lines.close());
  const typed = lines[Symbol.asyncIterator]();
  try {
    return await work(async (prompt) => {
      process.stderr.write(`${prompt}: `);
      const { value, done } = await typed.next();
      if (done === true) throw new NetplayError('interrupted', 'interrupted');
      return value;
    });
  } finally {
    lines.close();
  }
}
