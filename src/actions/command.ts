import { quote } from '../shared/shell.js';
import type { Action } from './action.js';
import { shellWords } from './free-form.js';
import { unusedLine } from './host/content.js';
import { type CommandOptions, runCommand } from './host/run-command.js';
import { expandedWord } from './host/words.js';

export interface CommandParams extends CommandOptions {
  cmd?: string;
  argv?: readonly (string | number | boolean)[];
}

/** What all that run a command take. */
export const commandProperties = {
  chdir: {
    type: 'string',
    minLength: 1,
    description: 'The folder on the host that it runs in.',
    examples: ['/var/lib'],
  },
  creates: {
    type: 'string',
    minLength: 1,
    description: 'A path or a pattern: where it exists on the host, nothing is run.',
    examples: ['/etc/done', '/var/run/*.pid'],
  },
  removes: {
    type: 'string',
    minLength: 1,
    description: 'A path or a pattern: where it does not exist on the host, nothing is run.',
    examples: ['/etc/old.conf'],
  },
} as const;

export const inputProperties = {
  stdin: {
    type: 'string',
    description: 'Text for its standard input, which is empty otherwise.',
    examples: ['yes'],
  },
  stdin_add_newline: {
    type: 'boolean',
    default: true,
    description: 'Whether a line end is put behind stdin.',
  },
  strip_empty_ends: {
    type: 'boolean',
    default: true,
    description: 'Whether line ends are cut off at the end of stdout and stderr.',
  },
} as const;

/**
 * `exec`, so that no builtin of the shell takes the program's place. That there is such a program is looked at before, and
 * told with the code that Ansible gives (errno).
 */
function bodyOf(words: readonly string[]): { before: string; body: string } {
  const [program = "''", ...rest] = words;
  return {
    before: `np_find() {
  case $1 in */*) np_try "$1"; return ;; esac
  np_ifs=$IFS; IFS=:
  for np_dir in $PATH; do if [ -f "$np_dir/$1" ] && [ -x "$np_dir/$1" ]; then IFS=$np_ifs; return; fi; done
  IFS=$np_ifs; np_fail "$1: there is no such program on this host" 2
}
np_try() {
  [ -e "$1" ] || np_fail "$1: there is no such program on this host" 2
  [ -f "$1" ] && [ -x "$1" ] || np_fail "$1: may not be run" 13
}
np_find ${program}`,
    body: ['exec', program, ...rest].join(' '),
  };
}

/** Runs a program with its arguments; no shell reads them. */
export const command: Action<CommandParams> = {
  name: 'command',
  summary: 'Runs a program with arguments, without a shell: no pipes, no redirection, no patterns of files.',
  schema: {
    type: 'object',
    additionalProperties: false,
    oneOf: [{ required: ['cmd'] }, { required: ['argv'] }],
    properties: {
      cmd: {
        type: 'string',
        pattern: '\\S',
        description:
          'The command, split into words as a shell would; free text stands for it. `$NAME` and `~` are expanded on the host, as in Ansible.',
        examples: ['ip -br link show'],
      },
      argv: {
        type: 'array',
        minItems: 1,
        items: { type: ['string', 'number', 'boolean'] },
        description: 'The command as a list, in the place of cmd.',
        examples: [['ip', '-br', 'link', 'show']],
      },
      ...commandProperties,
      ...inputProperties,
      executable: { type: 'string', description: 'Taken and not used, as in Ansible: there is no shell.' },
    },
  },
  examples: [
    { command: 'ip -br link show' },
    { command: 'touch /etc/done creates=/etc/done' },
    { command: { argv: ['grep', '-q', 'a b', '/etc/hosts'], chdir: '/tmp' } },
  ],
  freeForm: 'cmd',
  check: 'unknown',
  background: true,
  run(params, context) {
    const argv = params.argv?.map(String) ?? shellWords(params.cmd ?? '');
    return runCommand({ ...bodyOf(argv.map(expandedWord)), cmd: argv }, params, context);
  },
};

export interface ShellParams extends CommandOptions {
  cmd: string;
  executable?: string;
}

/** Runs a line of shell, which stands in no list of processes. */
export const shell: Action<ShellParams> = {
  name: 'shell',
  summary: 'Runs a command line with the shell of the host.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['cmd'],
    properties: {
      cmd: {
        type: 'string',
        pattern: '\\S',
        description: 'The command line; free text stands for it.',
        examples: ['ip -br link | wc -l'],
      },
      executable: {
        type: 'string',
        format: 'absolute-path',
        description: 'Another shell than /bin/sh.',
        examples: ['/bin/bash'],
      },
      ...commandProperties,
      ...inputProperties,
    },
  },
  examples: [
    { shell: 'ip -br link | wc -l' },
    { shell: { cmd: 'set -o pipefail; dmesg | tail', executable: '/bin/bash', chdir: '/tmp' } },
  ],
  freeForm: 'cmd',
  check: 'unknown',
  background: true,
  run(params, context) {
    return runCommand({ body: lineOf(params), cmd: params.cmd }, params, context);
  },
};

/** Shells that take their text from a file descriptor as well as they do from an argument. */
const POSIX = /(?:^|\/)(?:sh|ash|bash|dash|ksh|mksh|zsh)$/;

/**
 * A shell of its own reads the line, since `$$` and `exit` are its business. The line is no argument of it, but stands
 * behind a descriptor that is closed before it is run.
 */
export function lineOf({ cmd, executable = '/bin/sh' }: Pick<ShellParams, 'cmd' | 'executable'>): string {
  const shell = quote(executable);
  if (!POSIX.test(executable)) return `exec ${shell} -c ${quote(cmd)}`;
  const end = unusedLine(cmd);
  return `exec ${shell} -c 'eval "$(cat <&9)" 9<&-' ${shell} 9<<'${end}'\n${cmd}\n${end}`;
}
