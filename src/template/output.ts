/** What a template puts out, piece by piece, and what becomes of it. */
import { spendFor } from './budget.js';
import { print } from './print.js';

/** Pieces of output: text as strings, values of `{{ }}` as they are. */
export type Output = unknown[];

/** A piece within text. As Ansible has it, None is nothing there. */
function printed(piece: unknown): string {
  return piece === null ? '' : print(piece);
}

/** All pieces as one text. */
export function asText(output: Output): string {
  return spendFor(output.map(printed).join(''));
}

/** The value itself where there is one piece only, else all as one text; `none` where there is nothing. */
export function combined<T>(output: Output, none: T): unknown {
  if (output.length === 0) return none;
  return output.length === 1 ? output[0] : asText(output);
}
