/** Facts of runs before, where settings name a folder for them. */
import { type FactCache, openFactCache } from '../facts/index.js';
import type { RunFlags } from './flags.js';
import { FACT_CACHING_TIMEOUT_S } from './settings.js';

/** @param hosts of the inventory, whose facts --flush-cache forgets */
export async function factCacheOf(
  {
    factCachingConnection: folder,
    factCachingTimeout: timeout = FACT_CACHING_TIMEOUT_S,
    flushCache,
  }: Pick<RunFlags, 'factCachingConnection' | 'factCachingTimeout' | 'flushCache'>,
  hosts: Iterable<string>,
): Promise<FactCache | undefined> {
  if (folder === undefined) return undefined;
  const cache = openFactCache(folder, timeout);
  if (flushCache === true) await cache.flush(hosts);
  return cache;
}
