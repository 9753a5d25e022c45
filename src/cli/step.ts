/** `--step`: a person says of each task whether it is done. */
import { NetplayError } from '../shared/errors.js';
import { ask } from './ask.js';

/** @throws NetplayError `usage` where nobody can answer */
export function requireTerminal(): void {
  if (!process.stdin.isTTY) throw new NetplayError('usage', '--step: there is no terminal to ask on');
}

/** Asks as Ansible does, until somebody says to continue. What is no answer is a no. */
export function createStep(): (name: string) => Promise<boolean> {
  let all = false;
  return async (name) => {
    if (all) return true;
    const answer = await ask(`Perform task: TASK: ${name} (N)o/(y)es/(c)ontinue`, true);
    const word = answer.trim().toLowerCase();
    all = ['c', 'continue'].includes(word);
    return all || ['y', 'yes'].includes(word);
  };
}
