import { Argument, Command, InvalidArgumentError } from 'commander';
import type { InventoryFlags } from './inventory.js';
import { registerLab } from './lab.js';
import type { RunFlags } from './run.js';
import { registerVault } from './vault.js';
import { withVault } from './vault-options.js';
import { version } from './version.js';

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a whole number above 0.');
  return number;
}

/** `30`, `30s`, `2m`. */
function seconds(text: string): number {
  const match = /^(\d+)(s|m)?$/.exec(text);
  if (match === null) throw new InvalidArgumentError('It must be a time such as 30s or 2m.');
  return Number(match[1]) * (match[2] === 'm' ? 60 : 1);
}

/** Less leaves no time for a new connection. */
function confirmTime(text: string): number {
  const time = seconds(text);
  if (time < 3) throw new InvalidArgumentError('It must be at least 3s: a new connection takes its time.');
  return time;
}

/** Counts the `v` of `-vvv`. */
function more(_value: string, before = 0): number {
  return before + 1;
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** Every command with its options; the words are Ansible's where Ansible has them. */
export function createProgram(): Command {
  const program = new Command('netplay')
    .description(
      'Brings the network of Linux hosts to the state that playbooks describe, over SSH, without an agent',
    )
    .version(version(), '-V, --version')
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError();
  registerRun(program);
  registerTrials(program);
  registerPast(program);
  registerProbe(program);
  registerInventory(program);
  registerVault(program);
  registerLab(program);
  registerDoc(program);
  return program;
}

/** Options that may be given many times; not there where they were not given. */
type Lists = 'inventory' | 'extraVars';
type Given = Omit<RunFlags, Lists> & Partial<Pick<RunFlags, Lists>>;

/** How to log in, for every command that reaches hosts. */
function withLogin(command: Command): Command {
  return withVault(command)
    .option('-u, --user <user>', 'log in as this user')
    .option('-k, --ask-pass', 'ask for the SSH password')
    .option('-b, --become', 'run as root, through sudo')
    .option('--become-user <user>', 'the user to become')
    .option('-K, --ask-become-pass', 'ask for the password of sudo')
    .option('--private-key <file>', 'log in with this key')
    .option('-c, --connection <kind>', 'ssh or local')
    .option('-T, --timeout <seconds>', 'time to connect', positive);
}

/** How changes are kept from stranding a host. */
function withGuard(command: Command): Command {
  return command
    .option('--protect-session', 'refuse what would change the way that the SSH session itself uses')
    .option(
      '--confirm-timeout <time>',
      'undo on a host what is not confirmed within this time',
      confirmTime,
      30,
    )
    .option('--confirm <how>', 'manual: a person says yes or no, here or by netplay confirm RUN')
    .option('--no-confirm', 'keep changes as soon as they are made: nothing undoes them if the host is lost')
    .option('--lock-timeout <time>', 'wait so long for a host that another run has', seconds, 0);
}

/** For commands that reach hosts without a playbook. */
function withHosts(command: Command, inventory: string): Command {
  command
    .option('-i, --inventory <source>', inventory, collect)
    .option('-l, --limit <pattern>', 'no other hosts than these')
    .option('-f, --forks <n>', 'hosts at once', positive, 50)
    .option('-e, --extra-vars <vars>', 'k=v, JSON or @file; stands above all other variables', collect)
    .option('--json', 'print lines of JSON');
  return withLogin(command);
}

function registerRun(program: Command): void {
  const command = program
    .command('run')
    .description('run a playbook on the hosts of an inventory')
    .argument('[playbook]', 'YAML file with plays')
    .option('-i, --inventory <source>', INVENTORY, collect)
    .option('-C, --check', 'change nothing; show what a run would change')
    .option('-D, --diff', 'show what is changed as lines removed and added')
    .option('--explain', 'show the plain tasks that each intent stands for')
    .option('-l, --limit <pattern>', 'run on no other hosts than these')
    .option('-f, --forks <n>', 'hosts at once', positive, 50)
    .option('-e, --extra-vars <vars>', 'k=v, JSON or @file; stands above all other variables', collect)
    .option('--exit-code', 'with --check: exit with 3 where something would change')
    .option('--json', 'print events as lines of JSON')
    .option('-v, --verbose', 'show each task and the commands of each change; -vv and more show more', more);
  withGuard(withLogin(command))
    .option('--resume <run>', 'go on with the hosts that an earlier run left')
    .action(async (playbook: string | undefined, flags: Given) => {
      const { runCommand } = await import('./run.js');
      process.exitCode = await runCommand(playbook, withLists(flags));
    });
}

function withLists(flags: Given): RunFlags {
  return { inventory: [], extraVars: [], ...flags };
}

const INVENTORY = 'inventory file, folder or script, or `host1,host2,`; may be given again';
const RECORDED = `${INVENTORY}; by default that of the run, where it was run from here`;

/** What is said of a run's changes that wait for somebody to say yes. */
function registerTrials(program: Command): void {
  const confirm = program
    .command('confirm')
    .description('keep the changes that a run left on trial')
    .argument('<run>', "the run's name");
  withHosts(confirm, RECORDED).action(async (run: string, flags: Given) => {
    const { confirmCommand } = await import('./trials.js');
    process.exitCode = await confirmCommand(run, withLists(flags));
  });
  const extend = program
    .command('extend')
    .description('leave more time for changes that are on trial')
    .argument('<run>', "the run's name")
    .argument('<time>', 'such as 2m: from now until they are undone', confirmTime);
  withHosts(extend, RECORDED).action(async (run: string, time: number, flags: Given) => {
    const { extendCommand } = await import('./trials.js');
    process.exitCode = await extendCommand(run, time, withLists(flags));
  });
}

/** What was done to hosts, and how it is taken back. */
function registerPast(program: Command): void {
  const history = program
    .command('history')
    .description('show what was done to hosts, by whom, and what became of it')
    .argument('<host>', 'host pattern')
    .option('-n, --number <n>', 'transactions of a host', positive, 20)
    .option('-v, --verbose', 'show every change and its commands', more);
  withHosts(history, INVENTORY).action(async (hosts: string, flags: Given & { number: number }) => {
    const { historyCommand } = await import('./history.js');
    process.exitCode = await historyCommand(hosts, flags.number, withLists(flags));
  });
  const rollback = program
    .command('rollback')
    .description('undo what a run left on trial, or take back what was confirmed')
    .argument('<run-or-host>', 'a run whose changes are on trial, or a host pattern')
    .argument('[id]', 'of a host: the transaction, as history names it; by default the newest confirmed one')
    .option('--reason <text>', "of a run: why, for the hosts' journals")
    .option('-C, --check', 'of a host: change nothing; show what would be taken back')
    .option('-D, --diff', 'of a host: show what is changed as lines removed and added')
    .option('-v, --verbose', 'show the commands of each change', more);
  withGuard(withHosts(rollback, `${INVENTORY}; by default that of the run`)).action(
    async (what: string, id: string | undefined, flags: Given & { reason?: string }) => {
      const { rollbackCommand } = await import('./rollback.js');
      process.exitCode = await rollbackCommand(what, id, withLists(flags), flags.reason);
    },
  );
}

/** One question to the network, without a playbook. */
function registerProbe(program: Command): void {
  const probe = program
    .command('probe')
    .description('ask hosts one thing about their network, and change nothing')
    .argument('<hosts>', 'host pattern: who asks')
    .argument('<probe>', 'such as ping; `netplay doc` lists them')
    .argument('<parameters...>', 'its short form (10.0.0.1), key=value words, or a map in JSON or YAML');
  withHosts(probe, INVENTORY).action(async (hosts: string, name: string, words: string[], flags: Given) => {
    const { probeCommand } = await import('./probe.js');
    process.exitCode = await probeCommand(hosts, name, words, withLists(flags));
  });
}

/** What was understood of an inventory; the words are those of ansible-inventory. */
function registerInventory(program: Command): void {
  const inventory = program
    .command('inventory')
    .description('show what an inventory holds, as ansible-inventory does');
  withVault(inventory)
    .argument('[group]', 'with --graph: where to begin')
    .option('-i, --inventory <source>', INVENTORY, collect)
    .option('--list', 'all groups and hosts, in JSON')
    .option('--graph [group]', 'groups and hosts as a tree')
    .option('--host <host>', 'the variables of one host, in JSON')
    .option('-y, --yaml', 'print YAML instead of JSON')
    .option('--vars', 'with --graph: show variables, too')
    .option('--export', 'with --list: each variable where it is set, to be read as an inventory again')
    .option('--explain <variable>', 'with --host: where the value is set, and what that hides')
    .option('-l, --limit <pattern>', 'no other hosts than these')
    .option('--playbook-dir <folder>', 'whose group_vars and host_vars are read, too; by default this folder')
    .option('-e, --extra-vars <vars>', 'k=v, JSON or @file; stands above all other variables', collect)
    .option('--output <file>', 'write to a file')
    .action(async (group: string | undefined, flags: Partial<InventoryFlags>) => {
      const { inventoryCommand } = await import('./inventory.js');
      await inventoryCommand(group, { inventory: [], extraVars: [], ...flags });
    });
}

function registerDoc(program: Command): void {
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  program
    .command('doc')
    .description('show what a resource does, with its parameters and examples')
    .argument('[resource]', 'such as route; without it, all are listed')
    .action(async (name: string | undefined) => print((await import('./doc.js')).docCommand(name)));
  program
    .command('schema')
    .description('print the JSON Schema of a file, for editors')
    .addArgument(new Argument('<file>', 'which kind of file').choices(['playbook']))
    .action(async () => print((await import('./doc.js')).schemaCommand()));
}
