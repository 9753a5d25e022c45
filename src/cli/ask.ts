/** Asks the person at the terminal. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { NetplayError } from '../shared/errors.js';

/** @throws NetplayError `usage` where nobody can answer */
export async function askPassword(prompt: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new NetplayError('usage', `${prompt}: there is no terminal to ask on`, {
      hint: 'put the password into a variable of the inventory, or use keys and an agent',
    });
  process.stderr.write(`${prompt}: `);
  const mute = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: mute, terminal: true });
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

/** @param echo whether what is typed is shown */
export async function ask(prompt: string, echo: boolean): Promise<string> {
  if (!echo) return askPassword(prompt);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise((resolve, reject) => {
      lines.question(`${prompt}: `, resolve);
      lines.once('SIGINT', () => reject(new NetplayError('interrupted', 'interrupted')));
    });
  } finally {
    lines.close();
  }
}
