/** docs/resources.md, from what the resources say of themselves. */
import { exampleMap, exampleTasks } from './examples.js';
import { type Parameter, parametersOf, sentence } from './parameters.js';
import type { TaskKind } from './resource.js';

type Documented = Omit<TaskKind<never>, 'reads'>;

const INTRODUCTION = `# Resources

<!-- Written by \`npm run docs\` from the schemas in src/resources/. Changes belong there. -->

A task names one resource. \`netplay doc NAME\` shows the same in a terminal. A parameter that is left out
is left alone, unless a default stands here; "required unless absent" means: not with \`state: absent\`.
More about [links, addresses, neighbours, bridges, taps and sysctls](links.md), about [routes, rules and
tables](routing.md), about [qdiscs, classes and filters](tc.md), about [Open vSwitch](ovs.md), and about
[intents](intents.md), which stand for several of these.`;

/** The whole page, as Markdown. */
export function renderReference(resources: readonly Documented[]): string {
  const list = resources.map(({ name, summary }) => `- [${name}](#${name}): ${sentence(summary)}`);
  return `${[INTRODUCTION, list.join('\n'), ...resources.map(section)].join('\n\n')}\n`;
}

function section(resource: Documented): string {
  const { name, plural, mapKey, mapValue, summary } = resource;
  const plain = mapValue === undefined ? '' : `; a plain value beside a key is its \`${mapValue}\``;
  return [
    `## ${name}`,
    sentence(summary),
    yaml(exampleTasks(resource)),
    table(parametersOf(resource)),
    `Many at once: \`${plural}\` takes a list of these, or a map whose keys are the \`${mapKey}\`${plain}.`,
    yaml(exampleMap(resource)),
  ].join('\n\n');
}

/** Lines of YAML as Markdown shows them. */
export function yaml(lines: readonly string[]): string {
  return ['```yaml', ...lines, '```'].join('\n');
}

/** Parameters as a table of Markdown. */
export function table(parameters: readonly Parameter[]): string {
  const rows = parameters.map(({ name, type, standing, description, examples }) => {
    const shown = examples.map((example) => `\`${example}\``).join(', ');
    const text = [description, ...(shown === '' ? [] : [`Such as ${shown}.`])].join(' ');
    return `| ${[`\`${name}\``, type, standing, text].map(cell).join(' | ')} |`;
  });
  return ['| parameter | type | default | |', '|---|---|---|---|', ...rows].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
