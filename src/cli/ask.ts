/** Asks on the terminal: for a password, without showing it, or for a line. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { NetplayError } from '../shared/errors.js';

/**
 * @param hint how to do without a terminal
 * @throws NetplayError `usage` where nobody can answer
 */
export async function askPassword(
  prompt: string,
  hint = 'put the password into a variable of the inventory, or use keys and an agent',
): Promise<string> {
  if (!process.stdin.isTTY)
    throw new NetplayError('usage', `${prompt}: there is no terminal to ask on`, { hint });
  const mute = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: mute, terminal: true });
  // Not before the terminal shows nothing any more: what is typed at once would be seen.
  process.stderr.write(`${prompt}: `);
  try {
    return await new Promise((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('SIGINT', () => reject(new NetplayError('interrupted', 'interrupted')));
      lines.once('close', () => reject(new NetplayError('interrupted', 'no password was given')));
    });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}

/** Asks for a line that may be seen while it is typed. @throws NetplayError as `askPassword` */
export async function askText(prompt: string): Promise<string> {
  if (!process.stdin.isTTY) throw new NetplayError('usage', `${prompt}there is no terminal to ask on`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise((resolve, reject) => {
      lines.once('SIGINT', () => reject(new NetplayError('interrupted', 'interrupted')));
      lines.once('close', () => reject(new NetplayError('interrupted', 'nothing was typed')));
      lines.question(prompt, resolve);
    });
  } finally {
    lines.close();
  }
}

/** @param echo whether what is typed is shown */
export function ask(prompt: string, echo: boolean): Promise<string> {
  return echo ? askText(`${prompt}: `) : askPassword(prompt);
}
