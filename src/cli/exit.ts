/** How an error that ends a command is shown, and the exit code that it gives. */
import { CommanderError } from 'commander';
import { renderErrors } from '../report/errors.js';
import { wantsColor } from '../report/style.js';
import { NetplayError, NetplayErrors } from '../shared/errors.js';

/** 1: usage, playbook, inventory, lab; 130: interrupted. A programmer's error is shown whole. */
export async function exitWith(error: unknown): Promise<void> {
  if (error instanceof CommanderError) {
    // Commander has written its message; asking for help or the version is no error.
    process.exitCode = error.exitCode === 0 ? 0 : 1;
    return;
  }
  if (error instanceof NetplayError || error instanceof NetplayErrors) {
    const errors = error instanceof NetplayErrors ? error.errors : [error];
    process.stderr.write(`${renderErrors(errors, { color: wantsColor(process.stderr, process.env) })}\n`);
    process.exitCode = errors.some(({ code }) => code === 'interrupted') ? 130 : 1;
    return;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`internal error, please report it:\n${text}\n`);
  process.exitCode = 1;
}
