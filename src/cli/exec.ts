/** `netplay exec`: one task without a playbook, read, checked and run as if it stood in one. */
import { stringify } from 'yaml';
import { prepareRun } from '../engine/prepare.js';
import { writeTree } from '../facts/index.js';
import { loadInventory } from '../inventory/load.js';
import { selectHosts } from '../inventory/patterns.js';
import { shortName } from '../playbook/keywords.js';
import type { Playbook } from '../playbook/model.js';
import { createStyle, wantsColor } from '../report/style.js';
import { NetplayError, throwAll } from '../shared/errors.js';
import type { Reporter } from '../shared/events.js';
import { commandLine } from '../shared/shell.js';
import type { Vault } from '../shared/vaulted.js';
import { readYaml, toPlain } from '../shared/yaml.js';
import type { Templates } from '../template/model.js';
import { createAdHoc } from './ad-hoc.js';
import type { RunFlags } from './flags.js';
import { noteTargets } from './note-secrets.js';
import { secrets } from './output.js';
import { COMMAND_LINE } from './reach.js';
import { readPlaybook } from './read-playbook.js';
import { report } from './reporting.js';
import { newRunName, onInterrupt, readOptions, runStart } from './run.js';
import { checkInventory } from './sources.js';
import { openVault } from './vault-options.js';

export interface ExecFlags extends RunFlags {
  moduleName: string;
  args?: string;
  oneLine?: boolean;
  tree?: string;
  listHosts?: boolean;
  /** Seconds that it may take in the background. */
  background?: number;
  /** Seconds between two looks at it. */
  poll?: number;
}

/**
 * @param hosts a pattern
 * @param words a command and its arguments, from behind `--`
 * @returns the exit code of a run
 */
export async function execCommand(
  hosts: string,
  words: readonly string[],
  flags: ExecFlags,
): Promise<number> {
  checkInventory(flags);
  if (flags.listHosts) return listHosts(hosts, flags);
  const text = playbookText(hosts, flags, paramsOf(words, flags));
  const interrupt = new AbortController();
  const run = newRunName();
  const read = (templates: Templates, vault: Vault): Promise<Playbook> =>
    readPlaybook(COMMAND_LINE, { templates, vault, flags, readText: async () => text });
  const options = await readOptions(read, flags, { run, signal: interrupt.signal });
  const prepared = await prepareRun(options);
  noteTargets(secrets, prepared);
  const start = await runStart('netplay exec', flags, run, prepared, null);
  const stopListening = onInterrupt(interrupt);
  try {
    return await report(options, prepared, start, flags, adHoc(flags));
  } finally {
    stopListening();
    await options.transport.close();
  }
}

function adHoc(flags: ExecFlags): Reporter {
  const { tree } = flags;
  return createAdHoc({
    print: (text) => void process.stdout.write(text),
    warn: (text) => void process.stderr.write(text),
    style: createStyle(wantsColor(process.stdout, process.env)),
    oneLine: flags.oneLine ?? false,
    diff: flags.diff ?? false,
    // What a command prints is data where no terminal obeys it.
    raw: process.stdout.isTTY !== true,
    ...(tree !== undefined && { keep: (host, result) => writeTree(tree, host, result) }),
  });
}

async function listHosts(pattern: string, flags: ExecFlags): Promise<number> {
  const vault = await openVault(flags, secrets.hide);
  const inventory = await loadInventory(flags.inventory, { playbookDirs: ['.'], vault });
  const hosts = selectHosts(inventory, pattern, flags.limit, flags.allowEmpty);
  process.stdout.write([`  hosts (${hosts.length}):`, ...hosts.map((host) => `    ${host}`), ''].join('\n'));
  return 0;
}

/** What the task is given: undefined where nothing is. */
function paramsOf(words: readonly string[], { moduleName, args }: ExecFlags): unknown {
  if (words.length === 0) return args === undefined ? undefined : given(args);
  if (args !== undefined) throw new NetplayError('usage', '-a and a command behind -- do not go together');
  const module = shortName(moduleName);
  if (module === 'command') return { argv: words };
  if (module === 'shell' || module === 'raw') return words.length === 1 ? words[0] : commandLine(words);
  throw new NetplayError('usage', `what stands behind -- is a command, and ${moduleName} runs none`, {
    hint: `give its parameters with -a, such as -a 'name=value'`,
  });
}

/** Text as it is, for the loader to take apart; a map in JSON or YAML as one. */
function given(args: string): unknown {
  if (!args.trimStart().startsWith('{') || args.trimStart().startsWith('{{')) return args;
  const { source, errors } = readYaml(args, '--args', 'usage');
  throwAll(errors);
  return toPlain(source.document.contents);
}

/** Some lines of YAML, so that an error shows the one that it is about. */
function playbookText(hosts: string, flags: ExecFlags, params: unknown): string {
  const { moduleName: module, background, poll } = flags;
  if (/^(include|import)_|^(block|meta|vars|hosts)$/.test(shortName(module)))
    throw new NetplayError('usage', `${module} does not stand alone`, { hint: 'write a playbook for it' });
  const flow = inOneLine(params);
  return [
    `- hosts: ${JSON.stringify(hosts)}`,
    `  name: ${JSON.stringify(`exec ${module}`)}`,
    '  gather_facts: false',
    '  tasks:',
    `    - ${module}:${flow === '' ? '' : ` ${flow}`}`,
    ...(background === undefined ? [] : [`      async: ${background}`]),
    ...(background === undefined || poll === undefined ? [] : [`      poll: ${poll}`]),
    '',
  ].join('\n');
}

function inOneLine(params: unknown): string {
  if (params === undefined) return '';
  const json = JSON.stringify(params);
  // What YAML would break into lines is JSON, which is YAML, too.
  if (json.includes('\\n')) return json;
  return stringify(params, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd();
}
