// npm run docs: writes docs/resources.md from the resources' schemas.
import { writeFileSync } from 'node:fs';
import { renderReference } from '../dist/resources/reference.js';
import { resources } from '../dist/resources/registry.js';

writeFileSync(new URL('../docs/resources.md', import.meta.url), renderReference(resources));
