import type { Resource } from './resource.js';

/** Every resource that a playbook can name. Adding one is adding its file and a line here. */
export const resources: readonly Resource<unknown>[] = [];
