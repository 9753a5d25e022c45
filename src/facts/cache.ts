/**
 * Facts of runs before, in a folder with one JSON file a host, and the files of `--tree`. Facts hold a host's
 * environment, so that nobody but their owner may read a cache.
 */
import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NetplayError } from '../shared/errors.js';
import { isMap } from '../shared/is-map.js';
import { makeFolder } from '../shared/make-folder.js';
import type { Facts } from './parse.js';

export interface FactCache {
  /** Undefined where there are none, they are older than the time-out, or can't be read as facts. */
  get(host: string): Promise<Facts | undefined>;
  /** @throws NetplayError `usage` where the folder can't be written */
  set(host: string, facts: Facts): Promise<void>;
  /** `--flush-cache`: removes those of these hosts. What is not there is fine. */
  flush(hosts: Iterable<string>): Promise<void>;
}

/**
 * @param folder made where it is missing
 * @param timeout seconds that facts are good for; 0 for ever
 * @param now milliseconds since 1970
 */
export function openFactCache(folder: string, timeout: number, now: () => number = Date.now): FactCache {
  const path = (host: string): string => join(folder, `${fileName(host)}.json`);
  return {
    async get(host) {
      try {
        const { mtimeMs } = await stat(path(host));
        if (timeout > 0 && now() - mtimeMs >= timeout * 1000) return undefined;
        const facts: unknown = JSON.parse(await readFile(path(host), 'utf8'));
        return isMap(facts) ? { ...facts } : undefined;
      } catch {
        // Gathered anew, whatever became of the file.
        return undefined;
      }
    },
    set: (host, facts) => replaceFile(folder, path(host), facts),
    async flush(hosts) {
      for (const host of hosts) await rm(path(host), { force: true });
    },
  };
}

/**
 * `--tree DIR`: what a task came to on a host, as a file of its own.
 * @throws NetplayError `usage` where the folder can't be written
 */
export async function writeTree(
  folder: string,
  host: string,
  result: Readonly<Record<string, unknown>>,
): Promise<void> {
  await replaceFile(folder, join(folder, fileName(host)), result);
}

/** A host's name as that of a file: never hidden, never in another folder. */
function fileName(host: string): string {
  return encodeURIComponent(host).replaceAll('%3A', ':').replace(/^\./, '%2E');
}

/** By rename, so that whoever reads sees the old or the new whole. */
async function replaceFile(folder: string, path: string, content: unknown): Promise<void> {
  const draft = join(folder, `.${randomBytes(8).toString('hex')}.tmp`);
  try {
    await makeFolder(folder, 0o700);
    await writeFile(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => {});
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new NetplayError('usage', `Can't write to ${folder}: ${why}`, {
      hint: 'Name a folder that you may write to.',
      cause,
    });
  }
}
