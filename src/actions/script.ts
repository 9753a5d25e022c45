import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { quote } from '../shared/shell.js';
import type { Action, ActionContext, ActionResult } from './action.js';
import { commandProperties } from './command.js';
import { shellWords } from './free-form.js';
import { contentFunction } from './host/content.js';
import { runCommand } from './host/run-command.js';

export interface ScriptParams {
  cmd: string;
  executable?: string;
  creates?: string;
  removes?: string;
  chdir?: string;
  decrypt?: boolean;
}

/** Takes a script of the controller to the host, runs it there and takes it away again. */
export const script: Action<ScriptParams> = {
  name: 'script',
  summary: 'Runs a script of the controller on the host, where it is copied to and removed from.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['cmd'],
    properties: {
      cmd: {
        type: 'string',
        pattern: '\\S',
        description:
          "The script and its arguments; free text stands for it. It is looked for in the role's or playbook's files/ folder.",
        examples: ['setup.sh --fast'],
      },
      executable: {
        type: 'string',
        minLength: 1,
        description: 'What runs it; left out: its own first line.',
        examples: ['/usr/bin/perl'],
      },
      ...commandProperties,
      chdir: { ...commandProperties.chdir, format: 'absolute-path' },
      decrypt: {
        type: 'boolean',
        default: true,
        description: 'Whether a script that ansible-vault encrypted is decrypted.',
      },
    },
  },
  examples: [{ script: 'setup.sh --fast creates=/etc/done' }],
  freeForm: 'cmd',
  check: 'unknown',
  background: true,
  async run(params, context): Promise<ActionResult> {
    const { cmd, executable } = params;
    const { file, content } = await contentOf(params, context);
    const path = `"$np_folder/"${quote(basename(file))}`;
    const before = `${contentFunction('np_script', content)}
umask 077
np_folder=$(mktemp -d "\${TMPDIR:-/tmp}/netplay-XXXXXX" 2>&1) || np_fail "$np_folder"
trap 'rm -rf "$np_folder"' EXIT
np_e=$( { np_script >${path} && chmod 700 ${path}; } 2>&1) || np_fail "$np_e"
umask 022`;
    const words = [...(executable === undefined ? [] : [quote(executable)]), path].join(' ');
    const result = await runCommand(
      { before, body: `${words}${argumentsOf(cmd)}`, cmd },
      { ...params, strip_empty_ends: false },
      context,
    );
    const { cmd: _, start: __, end: ___, delta: ____, msg, ...rest } = result;
    return msg === '' ? rest : { ...rest, ...(msg === undefined ? {} : { msg }) };
  },
};

async function contentOf(
  { cmd, decrypt = true }: ScriptParams,
  context: ActionContext,
): Promise<{ file: string; content: Buffer }> {
  const [name = ''] = shellWords(cmd);
  if (context.answered) return { file: name, content: Buffer.alloc(0) };
  const file = context.findFile(name, 'files');
  const read = await readFile(file);
  return { file, content: decrypt ? context.decrypt(read, file) : read };
}

/** What stands behind the script's name, as written: the host's shell reads it, as with Ansible. */
function argumentsOf(cmd: string): string {
  const rest = /^\s*(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])+([\s\S]*)$/.exec(cmd)?.[1] ?? '';
  return rest.trim() === '' ? '' : ` ${rest.trim()}`;
}
