/** A resource's reference as plain text for a terminal. */
import { exampleMap, exampleTasks } from './examples.js';
import { inline, type Parameter, parametersOf, sentence } from './parameters.js';
import type { TaskKind } from './resource.js';

type Documented = Omit<TaskKind<never>, 'reads'>;

const WIDTH = 78;

/** One line a resource. */
export function renderList(resources: readonly Pick<Documented, 'name' | 'summary'>[]): string {
  const width = Math.max(...resources.map(({ name }) => name.length));
  return resources.map(({ name, summary }) => `${name.padEnd(width)}  ${sentence(summary)}`).join('\n');
}

/** All that there is to know of one resource. */
export function renderManual(resource: Documented): string {
  const { name, plural, mapKey, summary } = resource;
  return [
    `${name}: ${sentence(summary)}`,
    indented(exampleTasks(resource)),
    `Many at once, ${plural}: a list of these, or a map by ${mapKey}:`,
    indented(exampleMap(resource)),
    'Parameters:',
    parametersOf(resource).map(entry).join('\n'),
  ].join('\n\n');
}

/** A task with all parameters, to be cut down in a playbook; those that must be given stand without a `#`. */
export function renderSnippet(documented: Pick<Documented, 'name' | 'summary' | 'schema'>): string {
  const parameters = parametersOf(documented).filter(({ name }) => !/[.[]/.test(name));
  const lines = parameters.map(({ name, type, standing, description }) => {
    const mark = standing.startsWith('required') ? '' : '# ';
    const preset = standing === '' || mark === '' ? '' : ` (${standing})`;
    return `    ${mark}${name}: # ${type}${preset}. ${description}`.replaceAll(/\s*\n\s*/g, ' ').trimEnd();
  });
  return [`- name: ${inline(sentence(documented.summary))}`, `  ${documented.name}:`, ...lines].join('\n');
}

/** A parameter with all that is said of it, in lines that fit a terminal. */
export function entry({ name, type, standing, description, examples }: Parameter): string {
  const required = standing.startsWith('required') ? `${standing}, ` : '';
  const preset = standing === '' || required !== '' ? '' : `; default ${standing}`;
  const text = examples.length === 0 ? description : `${description} Such as ${examples.join(', ')}.`;
  const [first = '', ...rest] = wrapped(`${name}: ${required}${type}${preset}`, WIDTH - 6);
  return [`  ${first}`, ...[...rest, ...wrapped(text, WIDTH - 6)].map((line) => `      ${line}`)].join('\n');
}

/** Lines below what they belong to. */
export function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n');
}

/** Words in lines of at most `width` characters; a longer word has a line of its own. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ').filter((each) => each !== '')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
