import { itemLookups } from './items.js';
import type { Lookups } from './lookup.js';
import { readingLookups } from './read.js';

/** Every lookup that templates have. */
export const lookups: Lookups = { ...itemLookups, ...readingLookups };
