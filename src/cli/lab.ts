/** `netplay lab`: hosts in network namespaces, for trying and testing. */
import type { Command } from 'commander';

/** Adds `lab` with its subcommands. */
export function registerLab(program: Command): void {
  const lab = program
    .command('lab')
    .description('try playbooks on hosts made of network namespaces (root, Linux)')
    .enablePositionalOptions();
  lab
    .command('up')
    .description('start a lab, replacing one of the same name')
    .argument('[file]', 'lab file; default ./lab.yml or ./lab.yaml')
    .action(async (file: string | undefined) => (await import('./lab-actions.js')).up(file));
  lab
    .command('status')
    .description('show the labs and their hosts')
    .argument('[name]', 'of the lab; default all')
    .action(async (name: string | undefined) => (await import('./lab-actions.js')).status(name));
  lab
    .command('exec')
    .description('run a command in a host, in `controller`, or in `fabric` (the switches)')
    .usage('[-l NAME] HOST -- COMMAND [ARGUMENT...]')
    .option('-l, --lab <name>', 'which lab; may be left out where there is one')
    .argument('<host>')
    .argument('<command...>')
    .passThroughOptions()
    .action(async (host: string, argv: string[], { lab: name }: { lab?: string }) =>
      (await import('./lab-actions.js')).exec(name, host, argv),
    );
  lab
    .command('down')
    .description('end a lab and remove all that it left')
    .argument('[name]', 'of the lab; may be left out where there is one')
    .action(async (name: string | undefined) => (await import('./lab-actions.js')).down(name));
}
