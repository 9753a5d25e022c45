/** `--step`: a person says of each task whether it is done. */
import { NetplayError } from '../shared/errors.js';
import { ask } from './ask.js';

export type StepAnswer = 'yes' | 'no' | 'continue';

/** @throws NetplayError `usage` where nobody can answer */
export function requireTerminal(): void {
  if (!process.stdin.isTTY) throw new NetplayError('usage', '--step: there is no terminal to ask on');
}

/** Ansible's question. What is no answer is a no. @param name of the task */
export async function confirmStep(name: string): Promise<StepAnswer> {
  const answer = (await ask(`Perform task: TASK: ${name} (N)o/(y)es/(c)ontinue`, true)).trim().toLowerCase();
  if (['y', 'yes'].includes(answer)) return 'yes';
  return ['c', 'continue'].includes(answer) ? 'continue' : 'no';
}
