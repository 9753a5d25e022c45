import type { Resource } from './resource.js';
import { route } from './route.js';
import { rtTable } from './rt_table.js';
import { rule } from './rule.js';

/** Every resource that a playbook can name. Adding one is adding its file and a line here. */
export const resources: readonly Resource<unknown>[] = [rtTable, route, rule];
