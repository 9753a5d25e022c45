/** The bodies of `netplay lab`: what each prints, and its exit code. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { labDown } from '../lab/down.js';
import { chooseLab, execCommand, openLab } from '../lab/lab.js';
import { requireRoot } from '../lab/requirements.js';
import { exitCode } from '../lab/run.js';
import { allStatus, formatStatus, labStatus } from '../lab/status.js';
import type { StartedLab } from '../lab/up.js';
import { NetplayError } from '../shared/errors.js';

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function defaultFile(): string {
  const found = ['lab.yml', 'lab.yaml'].find((file) => existsSync(file));
  if (found === undefined)
    throw new NetplayError('lab', 'there is no lab.yml here', { hint: 'name a file: netplay lab up FILE' });
  return found;
}

/** What to do with a lab that has just come up. */
function howTo(lab: StartedLab, seconds: string): string {
  const hosts = lab.nodes.slice(1);
  const first = hosts.find(({ port }) => port !== null)?.name ?? hosts[0]?.name ?? 'controller';
  return `${lab.replaced ? `replaced the lab "${lab.name}" that was there\n` : ''}\
lab "${lab.name}" is up: ${hosts.length} host${hosts.length === 1 ? '' : 's'} in ${seconds} s

  netplay run -i ${lab.inventory} PLAYBOOK
  ssh -F ${lab.sshConfig} ${first}
  netplay lab exec -l ${lab.name} ${first} -- ip address
  netplay lab down ${lab.name}`;
}

/** `lab up [FILE]`. Ctrl-C takes down again what was started. */
export async function up(file: string | undefined): Promise<void> {
  const begun = performance.now();
  // What reads and starts a lab is needed here alone: `lab exec` shall not wait for it.
  const { labUp } = await import('../lab/up.js');
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const lab = await labUp(file ?? defaultFile(), { signal: interrupt.signal });
    print(howTo(lab, ((performance.now() - begun) / 1000).toFixed(1)));
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/** `lab status [NAME]`. */
export async function status(name: string | undefined): Promise<void> {
  requireRoot();
  const labs = name === undefined ? allStatus() : [labStatus(chooseLab(name))];
  print(labs.length === 0 ? 'no lab is up' : labs.map(formatStatus).join('\n\n'));
}

/** `lab exec`: standard input, output and terminal are the caller's, and so is the exit code. */
export async function exec(lab: string | undefined, host: string, argv: readonly string[]): Promise<void> {
  requireRoot();
  // Options after the host belong to its command, so commander leaves `--` where it stands.
  const words = argv[0] === '--' ? argv.slice(1) : argv;
  if (words.length === 0) throw new NetplayError('usage', 'there is no command after `--`');
  const command = execCommand(openLab(lab).hostPid(host), host, words);
  const [file = '', ...args] = command.argv;
  // Ctrl-C goes to the command too, being in the same process group; it decides what becomes of it.
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore).on('SIGQUIT', ignore);
  const child = spawn(file, args, { stdio: 'inherit', env: command.env });
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(exitCode(code, signal)));
  });
  process.off('SIGINT', ignore).off('SIGQUIT', ignore);
}

/** `lab down [NAME]`. Taking down what isn't there is fine: that is how it shall be. */
export async function down(name: string | undefined): Promise<void> {
  requireRoot();
  const chosen = name ?? chooseLab(undefined);
  print((await labDown(chosen)) ? `lab "${chosen}" is down` : `there is no lab "${chosen}"`);
}
