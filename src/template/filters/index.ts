import type { Registry } from '../functions.js';
import { addressFilters } from './addresses.js';
import { choiceFilters } from './choices.js';
import { dataFilters } from './data.js';
import { dateFilters } from './dates.js';
import { dictFilters } from './dicts.js';
import { listFilters } from './lists.js';
import { numberFilters } from './numbers.js';
import { pathFilters } from './paths.js';
import { proseFilters } from './prose.js';
import { subnetFilters } from './subnets.js';
import { textFilters } from './texts.js';
import { urlFilters } from './urls.js';

/** Every filter that templates have. */
export const filters: Registry = {
  ...addressFilters,
  ...choiceFilters,
  ...dataFilters,
  ...dateFilters,
  ...dictFilters,
  ...listFilters,
  ...numberFilters,
  ...pathFilters,
  ...proseFilters,
  ...subnetFilters,
  ...textFilters,
  ...urlFilters,
};
