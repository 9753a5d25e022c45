// npm run docs: writes docs/resources.md and docs/probes.md from the schemas of resources and probes, and
// docs/functions.md from the functions of templates.
import { writeFileSync } from 'node:fs';
import { renderProbes } from '../dist/probes/reference.js';
import { probeKinds } from '../dist/probes/registry.js';
import { renderReference } from '../dist/resources/reference.js';
import { resources } from '../dist/resources/registry.js';
import { renderTemplateReference } from '../dist/template/reference.js';

writeFileSync(new URL('../docs/resources.md', import.meta.url), renderReference(resources));
writeFileSync(new URL('../docs/probes.md', import.meta.url), renderProbes(probeKinds));
writeFileSync(new URL('../docs/functions.md', import.meta.url), renderTemplateReference());
