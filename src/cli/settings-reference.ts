/** What the table of settings says of itself: docs/configuration.md, and a JSON Schema for editors. */
import type { JsonSchema } from '../resources/resource.js';
import { type Setting, settings, variablesOf } from './settings.js';

const INTRODUCTION = `# Settings

<!-- Written by \`npm run docs\` from the table in src/cli/settings.ts. Changes belong there. -->

What you would give with every command stands in a file, \`netplay.yml\`:

    inventory: inventory/hosts.yml
    remote_user: deploy
    become: true
    forks: 100

It is found as \`ansible.cfg\` is. The first of these that is there is read, and no other:

1. the file that the variable \`NETPLAY_CONFIG\` names, or \`netplay.yml\` in the folder that it names; \`/dev/null\` is none
2. \`netplay.yml\` in the folder in which netplay is called, unless everybody may write to that folder
3. \`~/.netplay.yml\`
4. \`/etc/netplay/netplay.yml\`

A default gives way to the file, the file to the environment, the environment to a flag of the command line. Variables of a
host stand above all of them, and so does what a playbook says (\`remote_user\`, \`become\`, ...), as in Ansible. The
inventory that a run was made with stands above settings where a command goes on with that run (\`--resume\`,
\`netplay confirm\`, \`netplay extend\`, \`netplay rollback\`).

Paths in the file are relative to it; those in the environment, as those of flags, to the folder in which netplay is called.
\`~\` is your home. A mistake in the file, or in a variable, ends every command that reaches hosts, before it does anything.

\`netplay config\` shows every setting, its value, and the place that it comes from; with \`--only-changed\` those alone that
are not as they are by default. \`netplay schema settings\` prints a JSON Schema of the file, for [editors](editors.md).`;

const VALUES = `## Values

| type | in the file | in the environment and on the line |
|---|---|---|
| boolean | \`true\`, \`false\` and YAML's other words for them | the same, or \`1\` and \`0\`; a flag is \`true\` |
| time | seconds, or \`30s\`, \`2m\` | the same |
| paths, words | a list, or one value | paths are parted by \`:\`, those of an inventory and words by commas |

An inventory in the environment that ends with a comma is a list of hosts, \`h1,h2,\`; as a flag or in the file, one that holds
a comma is. A variable that is set to nothing counts as one that is not set.

## Ansible's variables

Variables of Ansible's that mean the same are read as well, and netplay's own go before them; the table names them. All
others, and \`ansible.cfg\`, are left alone. A flag that the table does not name has no variable and no setting: what it asks for
is meant for one command.`;

/** The whole page, as Markdown. */
export function renderSettings(): string {
  return `${[INTRODUCTION, '## All settings', table(settings), VALUES].join('\n\n')}\n`;
}

function table(all: readonly Setting[]): string {
  const rows = all.map((setting) => {
    const { name, kind, description, flag = '' } = setting;
    const value = setting.default === undefined ? (setting.otherwise ?? '') : code(String(setting.default));
    const variables = variablesOf(setting).map(code).join(', ');
    const flags = flag
      .replaceAll(/ <.*>/g, '')
      .split(', ')
      .filter((word) => word !== '')
      .map(code)
      .join(', ');
    const cells = [code(name), kind.label, value, variables, flags, sentence(description)];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| setting | type | default | environment | flag | |', '|---|---|---|---|---|---|', ...rows].join(
    '\n',
  );
}

/** Help of commands begins small and has no full stop. */
function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function code(word: string): string {
  return `\`${word}\``;
}

/** The schema (draft 7, which editors know best) of a settings file. */
export function settingsSchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Settings of netplay',
    type: ['object', 'null'],
    additionalProperties: false,
    properties: Object.fromEntries(settings.map((setting) => [setting.name, propertyOf(setting)])),
  };
}

function propertyOf({ kind, description, default: value }: Setting): JsonSchema {
  return {
    ...kind.schema,
    description: sentence(description),
    ...(value !== undefined && { default: value }),
  };
}
