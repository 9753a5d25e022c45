/** How to log in, from the command line and settings. */
import type { RunOptions } from '../engine/prepare.js';
import { askPassword } from './ask.js';
import type { RunFlags } from './flags.js';

type TargetDefaults = RunOptions['target'];

/** @throws NetplayError `usage` where a password can't be had */
export async function targetDefaults(flags: RunFlags): Promise<TargetDefaults> {
  const password = await passwordOf('SSH password', flags.askPass, flags.connectionPasswordFile);
  const becomePassword = await passwordOf('BECOME password', flags.askBecomePass, flags.becomePasswordFile);
  const { connection, become, becomeUser, becomeMethod, becomeExe, becomeFlags } = flags;
  const { user, privateKey: privateKeyFile, sshCommonArgs, sshExtraArgs, sshRetries: retries } = flags;
  return defined({
    ...{ user, connection, privateKeyFile, sshCommonArgs, sshExtraArgs, retries, password },
    ...{ become, becomeUser, becomeMethod, becomeExe, becomeFlags, becomePassword },
    connectTimeoutMs: flags.timeout === undefined ? undefined : flags.timeout * 1000,
    hostKeyChecking: hostKeyChecking(flags.hostKeyChecking),
  });
}

function hostKeyChecking(word: string | undefined): TargetDefaults['hostKeyChecking'] {
  if (word === undefined || word === 'accept-new') return word;
  return word === 'true' ? 'yes' : 'no';
}

const asked = new Map<string, Promise<string>>();

/** One process is one command, and nobody wants to be asked for each of its playbooks. */
async function passwordOf(
  prompt: string,
  ask: boolean | undefined,
  file: string | undefined,
): Promise<string | undefined> {
  if (ask === true) {
    const answer = asked.get(prompt) ?? askPassword(prompt);
    asked.set(prompt, answer);
    return answer;
  }
  if (file === undefined) return undefined;
  return (await import('./password-file.js')).readPasswordFile(file, prompt);
}

/** The fields that have a value. */
function defined(fields: { [Key in keyof TargetDefaults]: TargetDefaults[Key] | undefined }): TargetDefaults {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
