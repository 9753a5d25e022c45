/** docs/actions.md and a manual's text, from what the actions say of themselves. */
import { exampleTasks } from '../resources/examples.js';
import { entry, indented } from '../resources/manual.js';
import { type Parameter, parametersOf, sentence } from '../resources/parameters.js';
import { table, yaml } from '../resources/reference.js';
import type { Action } from './action.js';

/** An action as it is shown; one that needs no host has nothing to say of check mode. */
type Documented = Pick<
  Action<never>,
  'name' | 'aliases' | 'summary' | 'schema' | 'examples' | 'parameterAliases' | 'freeForm'
> &
  Partial<Pick<Action<never>, 'check'>>;

const INTRODUCTION = `# Actions

<!-- Written by \`npm run docs\` from the schemas in src/actions/. Changes belong there. -->

An action does one thing on a host, under the name and with the parameters that it has in Ansible; \`ansible.builtin.copy\` is
\`copy\`. The host needs a POSIX \`sh\` and the usual small tools (coreutils' or BusyBox's): no Python, nothing that is
installed first. Parameters stand in a map, or as text: \`copy: src=a dest=/b\`.
\`netplay doc NAME\` shows the same in a terminal.

What can be told beforehand is told: in check mode files, lines, templates, services and packages say what would change, with
a diff. \`command\`, \`shell\`, \`script\` and \`raw\` run nothing then; with \`creates\` or \`removes\` they tell whether they
would, else they are unknown. What only reads is run.

Most actions cost one round trip, whether they change something or not. Two: a file of more than 64 KiB that is not yet as it shall
be, and a line or block that must be changed.

Content, the text of a \`shell\` line and the environment go to the host through the connection's shell; they are arguments of no
process, so that no list of processes shows them. A \`command\`'s arguments are.

Where this differs from Ansible:

| | Ansible | netplay |
|---|---|---|
| \`mode: 644\`, \`mode: 0644\` | a number, which YAML reads as decimal or octal | the digits are octal, quoted or not |
| \`command\`, \`shell\` in check mode | skipped | unknown (\`unknown\` and \`skipped\` are set) |
| \`fetch\` in check mode | skipped | tells whether the file here would change |
| environment of what is run | the user's locale | \`LC_ALL=C\`, and a PATH that has the folders of sbin |
| a service that is not there, in check mode | fails | would change: an earlier task may install it |
| a copy into a folder that is not there, in check mode | fails | would change |
| \`wait_for\` with \`search_regex\` on a port | reads from the port | refused when the playbook is loaded |
| \`raw\` | needs no Python, so the way to install it | the same as \`shell\`, without what that adds |
| \`cmd\` as name of a command | \`_raw_params\`, \`free_form\` | \`cmd\`; free text stands for it |
| \`attributes\`, \`seuser\`, \`serole\`, \`setype\`, \`selevel\` of files | set | not taken; a file's SELinux context is kept |`;

const CHECKS: Readonly<Record<Action<never>['check'], string>> = {
  predicts: 'Check mode: tells what would change.',
  unknown: 'Check mode: runs nothing; `creates` and `removes`, where there are such, tell whether it would.',
  runs: 'Check mode: reads only, so it is run.',
};

/** The whole page, as Markdown. */
export function renderActions(actions: readonly Documented[]): string {
  const list = actions.map(({ name, summary }) => `- [${name}](#${name}): ${sentence(summary)}`);
  return `${[INTRODUCTION, list.join('\n'), ...actions.map(section)].join('\n\n')}\n`;
}

function section(action: Documented): string {
  const names = namesText(action);
  return [
    `## ${action.name}`,
    [sentence(action.summary), ...(names === undefined ? [] : [names]), ...checkText(action)].join(' '),
    yaml(exampleTasks(action)),
    table(parametersOfAction(action)),
  ].join('\n\n');
}

function checkText({ check }: Documented): string[] {
  return check === undefined ? [] : [CHECKS[check]];
}

function namesText({ aliases = [] }: Documented): string | undefined {
  if (aliases.length === 0) return undefined;
  return `Also as ${aliases.map((alias) => `\`${alias}\``).join(', ')}.`;
}

/** As `parametersOf`, each with its other names. */
function parametersOfAction(action: Documented): Parameter[] {
  const aliases = Object.entries(action.parameterAliases ?? {});
  return parametersOf(action).map((parameter) => {
    const others = aliases.flatMap(([alias, name]) => (name === parameter.name ? [alias] : []));
    if (others.length === 0) return parameter;
    return { ...parameter, description: `${parameter.description} Also: ${others.join(', ')}.`.trim() };
  });
}

/** All that there is to know of one action, as plain text. */
export function renderActionManual(action: Documented): string {
  return [
    [`${action.name}: ${sentence(action.summary)}`, ...checkText(action)].join(' ').replaceAll('`', ''),
    indented(exampleTasks(action)),
    'Parameters:',
    parametersOfAction(action).map(entry).join('\n'),
  ].join('\n\n');
}
