/** docs/functions.md, written from the functions themselves. */
import { filters } from './filters/index.js';
import type { Registry } from './functions.js';
import { globals } from './globals.js';
import { lookups } from './lookups/index.js';
import { tests } from './tests.js';

/** Parameters as a user gives them; `*` and `**` stand for any number of values and names. */
function signature(name: string, parameters: readonly string[]): string {
  return parameters.length === 0 ? `\`${name}\`` : `\`${name}(${parameters.join(', ')})\``;
}

function listed(registry: Registry): string {
  return Object.entries(registry)
    .filter(([name]) => /^\w+$/.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { parameters }]) => signature(name, parameters))
    .join(', ');
}

function byName(names: Iterable<string>): string[] {
  return [...names].sort((a, b) => (a < b ? -1 : 1));
}

/** The whole page. */
export function renderTemplateReference(): string {
  const lookupList = byName(Object.keys(lookups)).map((name) =>
    signature(name, lookups[name]?.options ?? []),
  );
  const functions = [...Object.keys(globals).filter((name) => name !== 'omit'), 'lookup', 'query', 'q'];
  return `${[
    '# Functions of templates',
    '',
    '<!-- Written by `npm run docs` from src/template. -->',
    '',
    'In brackets: the arguments, by position or by name. [Templates](templates.md) tells how they are used.',
    '',
    '## Filters',
    '',
    listed(filters),
    '',
    '## Tests',
    '',
    `${listed(tests)}; and \`==\`, \`!=\`, \`<\`, \`<=\`, \`>\`, \`>=\`.`,
    '',
    '## Lookups',
    '',
    'In brackets: the options, by name; all take `wantlist` and `errors`.',
    '',
    lookupList.join(', '),
    '',
    '## Names',
    '',
    `${byName([...functions, 'omit', 'vars'])
      .map((name) => `\`${name}\``)
      .join(', ')}`,
  ].join('\n')}\n`;
}
