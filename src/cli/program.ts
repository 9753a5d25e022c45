import { Argument, Command, Option } from 'commander';
import type { CaptureFlags } from './capture.js';
import type { ConfigFlags } from './config.js';
import { DOC_TYPES, type DocFlags } from './doc-types.js';
import type { DriftFlags } from './drift.js';
import type { ExecFlags } from './exec.js';
import type { RunFlags } from './flags.js';
import type { InventoryFlags } from './inventory.js';
import { registerLab } from './lab.js';
import type { LintFlags } from './lint.js';
import { confirmTime } from './settings.js';
import { applySettings, parsed, withSettings } from './settings-apply.js';
import { count } from './settings-kinds.js';
import { registerVault } from './vault.js';
import { withVault } from './vault-options.js';
import { version } from './version.js';

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
    .showSuggestionAfterError()
    .hook('preAction', (_, command) => applySettings(command, process.env));
  registerRun(program);
  registerDrift(program);
  registerExec(program);
  registerTrials(program);
  registerPast(program);
  registerProbe(program);
  registerInventory(program);
  registerCapture(program);
  registerLint(program);
  registerVault(program);
  registerLab(program);
  registerDoc(program);
  registerConfig(program);
  return program;
}

/** Options that may be given many times; not there where they were not given. */
type Lists = 'inventory' | 'extraVars';
type Given<Flags extends RunFlags = RunFlags> = Omit<Flags, Lists> & Partial<Pick<Flags, Lists>>;

/** How to log in, for every command that reaches hosts. */
function withLogin(command: Command): Command {
  command.optionsGroup('Logging in:');
  return withVault(
    withSettings(command, [
      'remote_user',
      'ask_pass',
      'connection_password_file',
      'become',
      'become_method',
      'become_user',
      'become_ask_pass',
      'become_password_file',
      'private_key_file',
      'connection',
      'timeout',
      'ssh_common_args',
      'ssh_extra_args',
    ]),
  );
}

/** How changes are kept from stranding a host. */
function withGuard(command: Command): Command {
  command.optionsGroup('Safety:');
  return withSettings(command, ['persist', 'protect_session', 'confirm_timeout', 'lock_timeout'])
    .option('--confirm <how>', 'manual: a person says yes or no, here or by netplay confirm RUN')
    .option('--no-confirm', 'keep changes as soon as they are made: nothing undoes them if the host is lost');
}

/** On which hosts, and with which variables. */
function withReach(command: Command, inventory?: string): Command {
  withSettings(command, ['inventory'], inventory === undefined ? {} : { description: inventory });
  command.option('-l, --limit <pattern>', 'no other hosts than these');
  return withSettings(command, ['forks', 'task_timeout']).option(
    '-e, --extra-vars <vars>',
    'k=v, JSON or @file; stands above all other variables',
    collect,
  );
}

/** For commands that reach hosts without a playbook. @param inventory where it is by default, if not in a setting */
function withHosts(command: Command, inventory?: string): Command {
  return withLogin(withReach(command, inventory).option('--json', 'print lines of JSON'));
}

function registerRun(program: Command): void {
  const command = program
    .command('run')
    .description('run playbooks on the hosts of an inventory')
    .argument('[playbook...]', 'YAML files with plays; the next one begins where all of the last went well');
  withReach(command)
    .option('--allow-empty', 'patterns may match nothing; a run on no host at all has gone well')
    .option('-C, --check', 'change nothing; show what a run would change')
    .option('--explain', 'show the plain tasks that each intent stands for')
    .option('--exit-code', 'with --check: exit with 3 where something would change')
    .option('--json', 'print events as lines of JSON');
  withSettings(command, ['diff', 'verbosity', 'timing', 'junit_output_dir', 'force_handlers'])
    .option('--flush-cache', "forget the facts that are kept of the inventory's hosts")
    .option('--resume <run>', 'go on with the hosts that an earlier run left')
    .optionsGroup('Part of the playbook:');
  withSettings(command, ['tags', 'skip_tags'])
    .option('--start-at-task <name>', 'leave out all tasks before the first of this name')
    .option('--step', 'ask before each task')
    .optionsGroup('Nothing is done, but listed:')
    .option('--list-hosts', 'the hosts of each play')
    .option('--list-tasks', 'the tasks of each play')
    .option('--list-tags', 'the tags of each play')
    .option('--syntax-check', 'what is wrong in the playbooks');
  withGuard(withLogin(command)).action(async (playbooks: string[], flags: Given) => {
    const { runCommand } = await import('./run.js');
    process.exitCode = await runCommand(playbooks, withLists(flags));
  });
}

/** What is not as playbooks have it, for cron and for monitoring. */
function registerDrift(program: Command): void {
  const command = program
    .command('drift')
    .description('tell in a line a host what is not as playbooks have it; exits with 3 where there is any')
    .argument('<playbook...>', 'YAML files with plays');
  withReach(command)
    .option('--since', 'only what has changed from the last time, and nothing where nothing has')
    .option('--json', 'a line of JSON a host');
  withSettings(command, ['verbosity'], { description: 'name all that differs' });
  withSettings(command, ['tags', 'skip_tags', 'persist']);
  withLogin(command).action(async (playbooks: string[], flags: Given<DriftFlags>) => {
    const { driftCommand } = await import('./drift.js');
    process.exitCode = await driftCommand(playbooks, withLists(flags));
  });
}

/** One task without a playbook. */
function registerExec(program: Command): void {
  const command = program
    .command('exec')
    .description('do one task on hosts, or run one command there')
    .usage('[options] <hosts> [-m MODULE] [-a ARGS]\n       netplay exec [options] <hosts> -- COMMAND...')
    .argument('<hosts>', 'host pattern')
    .argument('[command...]', 'after --: a command and its arguments')
    .option('-m, --module-name <module>', 'action or resource; `netplay doc` lists them', 'command')
    .option('-a, --args <args>', 'its parameters: key=value words, its free text, or a map in JSON or YAML')
    .option('-C, --check', 'change nothing; show what would be changed')
    .option('--allow-empty', 'the pattern may match nothing')
    .option('-o, --one-line', 'a line for each host')
    .option(
      '-B, --background <seconds>',
      'run in the background on the host, for so long at most',
      parsed(count(1)),
    )
    .option(
      '-P, --poll <seconds>',
      'with -B: seconds between two looks; 0: go on without it (default: 15)',
      parsed(count(0)),
    )
    .option('-t, --tree <folder>', "keep each host's result as a file in this folder")
    .option('--list-hosts', 'do nothing; list the hosts');
  withGuard(withHosts(withSettings(command, ['diff', 'verbosity']))).action(
    async (hosts: string, words: string[], flags: Given<ExecFlags>) => {
      const { execCommand } = await import('./exec.js');
      process.exitCode = await execCommand(hosts, words, withLists(flags));
    },
  );
}

/** The other way round: from a host to a playbook. */
function registerCapture(program: Command): void {
  const command = program
    .command('capture')
    .description('write the playbook, inventory and lab file of hosts that somebody set up by hand')
    .argument('<hosts...>', 'host patterns; without an inventory, the hosts themselves')
    .option(
      '-o, --output <folder>',
      'write site.yml, inventory.yml and lab.yml there; else print the playbook',
    )
    .option('--as <name>', 'the name of the one host in what is written')
    .option('--force', 'replace files that are there');
  withLogin(withReach(command)).action(async (hosts: string[], flags: Given<CaptureFlags>) => {
    const { captureCommand } = await import('./capture.js');
    process.exitCode = await captureCommand(hosts, withLists(flags));
  });
}

function withLists<Flags extends RunFlags>(flags: Given<Flags>): Flags {
  return { inventory: [], extraVars: [], ...flags } as unknown as Flags;
}

const RECORDED =
  'inventory file, folder or script, or `host1,host2,`; by default that of the run, where it was run from here';

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
    .argument('<time>', 'such as 2m: from now until they are undone', parsed(confirmTime));
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
    .option('-n, --number <n>', 'transactions of a host', parsed(count(1)), 20);
  withSettings(history, ['verbosity'], { description: 'show every change and its commands' });
  withHosts(history).action(async (hosts: string, flags: Given & { number: number }) => {
    const { historyCommand } = await import('./history.js');
    process.exitCode = await historyCommand(hosts, flags.number, withLists(flags));
  });
  const rollback = program
    .command('rollback')
    .description('undo what a run left on trial, or take back what was confirmed')
    .argument('<run-or-host>', 'a run whose changes are on trial, or a host pattern')
    .argument('[id]', 'of a host: the transaction, as history names it; by default the newest confirmed one')
    .option('--reason <text>', "of a run: why, for the hosts' journals")
    .option('-C, --check', 'of a host: change nothing; show what would be taken back');
  withSettings(rollback, ['diff', 'verbosity']);
  withGuard(withHosts(rollback, RECORDED)).action(
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
  withHosts(probe).action(async (hosts: string, name: string, words: string[], flags: Given) => {
    const { probeCommand } = await import('./probe.js');
    process.exitCode = await probeCommand(hosts, name, words, withLists(flags));
  });
}

/** What was understood of an inventory; the words are those of ansible-inventory. */
function registerInventory(program: Command): void {
  const command = program
    .command('inventory')
    .description('show what an inventory holds, as ansible-inventory does');
  withVault(withSettings(command, ['inventory']))
    .argument('[group]', 'with --graph: where to begin')
    .option('--list', 'all groups and hosts, in JSON')
    .option('--graph [group]', 'groups and hosts as a tree')
    .option('--host <host>', 'the variables of one host, in JSON')
    .option('-y, --yaml', 'print YAML instead of JSON')
    .option('--toml', 'print TOML instead of JSON')
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

/** What could be said better; whatever is wrong ends it. */
function registerLint(program: Command): void {
  const command = program
    .command('lint')
    .description('find what is wrong in playbooks, and what could be said better')
    .argument('[playbook...]', 'YAML files with plays');
  withVault(command)
    .option('--skip <rule>', 'not this rule; may be given again', collect)
    .option('-L, --list-rules', 'list the rules')
    .option('--json', 'print lines of JSON')
    .action(async (playbooks: string[], flags: LintFlags) => {
      const { lintCommand } = await import('./lint.js');
      process.exitCode = await lintCommand(playbooks, flags);
    });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function registerDoc(program: Command): void {
  program
    .command('doc')
    .description('show what a resource does, with its parameters and examples')
    .argument('[resource]', 'such as route; without it, all are listed')
    .option('-l, --list', 'list them, a line each')
    .option('-s, --snippet', 'a task with all parameters, for a playbook')
    .addOption(new Option('-t, --type <type>', 'only of this type').choices(DOC_TYPES))
    .action(async (name: string | undefined, flags: DocFlags) =>
      print((await import('./doc.js')).docCommand(name, flags)),
    );
  program
    .command('schema')
    .description('print the JSON Schema of a file, for editors')
    .addArgument(new Argument('<file>', 'which kind of file').choices(['playbook', 'settings']))
    .action(async (file: string) => print((await import('./doc.js')).schemaCommand(file)));
}

function registerConfig(program: Command): void {
  program
    .command('config')
    .description('show every setting, its value, and where it comes from')
    .addArgument(new Argument('[what]', 'the only one, for those who look for it').choices(['show', 'dump']))
    .option('--only-changed', 'only those that are not as they are by default')
    .option('--json', 'print it as JSON')
    .action(async (_: string | undefined, flags: ConfigFlags) =>
      print((await import('./config.js')).configCommand(flags, process.env)),
    );
}
