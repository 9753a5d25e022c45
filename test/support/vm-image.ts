import { findImage } from './vm.js';

/** Once before all files, each of which would make an image of its own at the same time. */
export async function setup(): Promise<void> {
  await findImage();
}
