import type { Registry } from '../functions.js';
import { dataFilters } from './data.js';
import { dictFilters } from './dicts.js';
import { listFilters } from './lists.js';
import { numberFilters } from './numbers.js';
import { textFilters } from './texts.js';

/** Every filter that templates have. */
export const filters: Registry = {
  ...dataFilters,
  ...dictFilters,
  ...listFilters,
  ...numberFilters,
  ...textFilters,
};
