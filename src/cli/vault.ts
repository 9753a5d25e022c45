/** `netplay vault`: encrypted files and values, as ansible-vault makes and opens them. */
import type { Command } from 'commander';
import type { StringFlags, WriteFlags } from './vault-actions.js';
import { type VaultFlags, withVault } from './vault-options.js';

const FILES = 'files; standard input where none is named';

/** Adds `vault` with its subcommands. */
export function registerVault(program: Command): void {
  const vault = program
    .command('vault')
    .description('encrypt files and values, and open them, as ansible-vault does')
    .enablePositionalOptions();
  registerWhole(vault);
  registerEditing(vault);
  registerStrings(vault);
}

function subcommand(vault: Command, name: string, description: string): Command {
  return withVault(vault.command(name).description(description));
}

function withLabel(command: Command): Command {
  return command.option('--encrypt-vault-id <label>', 'encrypt with the password of this label');
}

function withOutput(command: Command): Command {
  return command.option('--output <file>', 'write to this file; - is standard output');
}

function registerWhole(vault: Command): void {
  withLabel(withOutput(subcommand(vault, 'encrypt', 'encrypt files')))
    .argument('[file...]', FILES)
    .action(async (files: string[], flags: WriteFlags) =>
      (await import('./vault-actions.js')).encryptFiles(files, flags),
    );
  withOutput(subcommand(vault, 'decrypt', 'decrypt files'))
    .argument('[file...]', FILES)
    .action(async (files: string[], flags: WriteFlags) =>
      (await import('./vault-actions.js')).decryptFiles(files, flags),
    );
  subcommand(vault, 'view', 'print what encrypted files hold')
    .argument('<file...>')
    .action(async (files: string[], flags: VaultFlags) =>
      (await import('./vault-actions.js')).viewFiles(files, flags),
    );
  withLabel(subcommand(vault, 'rekey', 'encrypt files anew, with another password'))
    .option('--new-vault-password-file <file>', 'file with the new password, or a script that prints it')
    .option('--new-vault-id <label@source>', 'the new password with its label')
    .argument('<file...>')
    .action(async (files: string[], flags: WriteFlags) =>
      (await import('./vault-actions.js')).rekeyFiles(files, flags),
    );
}

function registerEditing(vault: Command): void {
  withLabel(subcommand(vault, 'create', 'write a new file in $EDITOR and encrypt it'))
    .argument('<file>')
    .action(async (file: string, flags: WriteFlags) =>
      (await import('./vault-actions.js')).createFile(file, flags),
    );
  subcommand(vault, 'edit', 'change an encrypted file in $EDITOR')
    .argument('<file...>')
    .action(async (files: string[], flags: VaultFlags) =>
      (await import('./vault-actions.js')).editFiles(files, flags),
    );
}

function registerStrings(vault: Command): void {
  const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];
  withLabel(withOutput(subcommand(vault, 'encrypt-string', 'encrypt values for variables of a file')))
    .alias('encrypt_string')
    .argument('[text...]', 'what to encrypt; - or none: standard input')
    .option('-n, --name <name>', 'name of the variable; may be given again, for each text', collect)
    .option('--stdin-name <name>', 'name of the variable that is read from standard input')
    .option('-p, --prompt', 'ask for the text')
    .option('--show-input', 'show what is typed')
    .action(async (texts: string[], flags: StringFlags) =>
      (await import('./vault-actions.js')).encryptStrings(texts, flags),
    );
  withOutput(subcommand(vault, 'decrypt-string', 'print the value that a !vault block holds'))
    .argument('[text]', 'the block, as it stands in a file; by default standard input')
    .action(async (text: string | undefined, flags: WriteFlags) =>
      (await import('./vault-actions.js')).decryptString(text, flags),
    );
}
