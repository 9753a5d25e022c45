/** All actions, by hand, so that a search for a name finds them. */
import type { Action } from './action.js';

export const actions: readonly Action<unknown>[] = [];
