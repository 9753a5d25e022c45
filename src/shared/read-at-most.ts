/** Files of users are read up to a size: one that never ends (a device, a pipe) must not take all memory. */
import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';

const CHUNK = 64 * 1024;

/**
 * A file, or a pipe such as `<(command)`, whole.
 * @param most bytes
 * @throws Error where it is bigger; whatever the file system says of a file that can't be read
 */
export async function readAtMost(path: string, most: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    if ((await file.stat()).size > most) throw tooBig(most);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of file.createReadStream({ autoClose: false })) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > most) throw tooBig(most);
    }
    return Buffer.concat(chunks);
  } finally {
    await file.close();
  }
}

/** As `readAtMost`. */
export function readAtMostSync(path: string, most: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    for (let size = 0; ; ) {
      const chunk = Buffer.alloc(CHUNK);
      const length = readSync(file, chunk);
      if (length === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, length));
      size += length;
      if (size > most) throw tooBig(most);
    }
  } finally {
    closeSync(file);
  }
}

function tooBig(most: number): Error {
  return new Error(`it is bigger than ${most / 2 ** 20} MiB`);
}
