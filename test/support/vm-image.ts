import { findImage } from './vm.js';

/**
 * Once for all files, each of which would make an image of its own at the same time. It takes minutes: the tests that
 * need no machine run meanwhile, the others wait for it.
 */
export function setup(): void {
  // What goes wrong, goes wrong once more for whoever needs it, and is told there.
  findImage().catch(() => undefined);
}
