// npm run docs: writes docs/resources.md, docs/probes.md and docs/actions.md from the schemas of resources, probes and
// actions, docs/functions.md from the functions of templates, and docs/configuration.md from the table of settings.
import { writeFileSync } from 'node:fs';
import { renderActions } from '../dist/actions/reference.js';
import { actions } from '../dist/actions/registry.js';
import { renderSettings } from '../dist/cli/settings-reference.js';
import { engineActions } from '../dist/playbook/engine-actions.js';
import { renderProbes } from '../dist/probes/reference.js';
import { probeKinds } from '../dist/probes/registry.js';
import { renderReference } from '../dist/resources/reference.js';
import { resources } from '../dist/resources/registry.js';
import { renderTemplateReference } from '../dist/template/reference.js';

const ownActions = engineActions.filter(({ name }) => !actions.some((action) => action.name === name));
writeFileSync(new URL('../docs/resources.md', import.meta.url), renderReference(resources));
writeFileSync(new URL('../docs/probes.md', import.meta.url), renderProbes(probeKinds));
writeFileSync(new URL('../docs/actions.md', import.meta.url), renderActions([...actions, ...ownActions]));
writeFileSync(new URL('../docs/functions.md', import.meta.url), renderTemplateReference());
writeFileSync(new URL('../docs/configuration.md', import.meta.url), renderSettings());
