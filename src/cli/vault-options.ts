/** The options that give passwords of vaults, for every command that reads users' files. */
import { type Command, Option } from 'commander';
import { LOCKED, type Vault } from '../shared/vaulted.js';
import type { VaultChoice } from '../vault/sources.js';

export interface VaultFlags {
  askVaultPass?: boolean;
  vaultPasswordFile?: string[];
  vaultId?: string[];
  /** Ansible's other words for the first two. */
  askVaultPassword?: boolean;
  vaultPassFile?: string[];
  /** From settings: beside what is given, not in its place. */
  settledVaultPasswordFile?: string;
  vaultIdentityList?: string[];
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** Adds the options, under Ansible's names. */
export function withVault(command: Command): Command {
  return command
    .option('-J, --ask-vault-pass', 'ask for the password of encrypted files and values')
    .option('--vault-password-file <file>', 'file with that password, or a script that prints it', collect)
    .option(
      '--vault-id <label@source>',
      'password of a label; the source is a file, a script or prompt',
      collect,
    )
    .addOption(new Option('--ask-vault-password').hideHelp())
    .addOption(new Option('--vault-pass-file <file>').argParser(collect).hideHelp());
}

/** What options and settings say; in Ansible's order, since the first password that fits is taken. */
export function choiceOf(flags: VaultFlags): VaultChoice {
  const { vaultPasswordFile = [], vaultPassFile = [], settledVaultPasswordFile: settled } = flags;
  return {
    ids: [...(flags.vaultIdentityList ?? []), ...(flags.vaultId ?? [])],
    passwordFiles: [...vaultPasswordFile, ...vaultPassFile, ...(settled === undefined ? [] : [settled])],
    ask: flags.askVaultPass === true || flags.askVaultPassword === true,
  };
}

/**
 * What opens encrypted files and values. Whatever it opens, and the passwords, are told to `hide`.
 * @throws NetplayError `usage` where a password can't be had
 */
export async function openVault(flags: VaultFlags, hide: (text: string) => void): Promise<Vault> {
  const choice = choiceOf(flags);
  if (choice.ids.length === 0 && choice.passwordFiles.length === 0 && !choice.ask) return LOCKED;
  // Nobody wants to be asked anew for each playbook of a command.
  const key = JSON.stringify(choice);
  const vault = opened.get(key) ?? openedBy(choice, hide);
  opened.set(key, vault);
  return vault;
}

const opened = new Map<string, Promise<Vault>>();

async function openedBy(choice: VaultChoice, hide: (text: string) => void): Promise<Vault> {
  const { readVaultSecrets } = await import('../vault/sources.js');
  const { VaultSecrets } = await import('../vault/secrets.js');
  const secrets = await readVaultSecrets(choice, { ask: askVaultPassword });
  for (const { password } of secrets) hide(password.toString('utf8'));
  return new VaultSecrets(secrets, hide);
}

/** @throws NetplayError `usage` where there is no terminal to ask on */
export async function askVaultPassword(prompt: string): Promise<string> {
  const { askPassword } = await import('./ask.js');
  return askPassword(prompt, 'say --vault-password-file FILE');
}
