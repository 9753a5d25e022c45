/** Starting the session's shell as another user, through sudo. */
import { randomBytes } from 'node:crypto';
import { NetplayError } from '../shared/errors.js';
import { commandLine } from '../shared/shell.js';
import type { Become } from './session.js';
import type { ShellPipe } from './shell-pipe.js';
import { lastLine } from './shell-session.js';

/** The random words by which sudo's prompt and the started shell are known. */
export interface BecomeMarkers {
  prompt: string;
  ready: string;
}

/** Words of letters and digits that nothing else prints. */
export function becomeMarkers(): BecomeMarkers {
  const word = randomBytes(12).toString('hex');
  return { prompt: `NP${word}p`, ready: `NP${word}r` };
}

/** sudo's own words for `don't ask` and `ask by standard input`: chosen here, so dropped where given. */
const PROMPTING_FLAGS = new Set(['-n', '-S', '--non-interactive', '--stdin']);

/**
 * The command that starts `sh` as `become.user` and prints `ready` on standard error once it runs.
 * The password is no part of it. `env` and `sh` are programs, so this works from any login shell.
 * Who is root already needs no sudo to become root, and minimal hosts have none.
 */
export function becomeCommand(become: Become, markers: BecomeMarkers): string[] {
  const flags = (become.flags ?? ['-H']).filter((flag) => !PROMPTING_FLAGS.has(flag));
  const prompting = become.password === undefined ? ['-n'] : ['-S', '-p', markers.prompt];
  const exe = become.exe ?? 'sudo';
  const sudo = ['env', 'LC_ALL=C', exe, ...flags, ...prompting, '-u', become.user, '--', '/bin/sh', '-c'];
  const plain = become.user === 'root' && become.exe === undefined && become.flags === undefined;
  const start = `echo ${markers.ready} >&2; exec /bin/sh`;
  const unlessRoot = plain ? `[ "$(id -u)" != 0 ] || { ${start}; }; ` : '';
  return ['/bin/sh', '-c', `${unlessRoot}${withConnection(start)}`, 'sh', ...sudo];
}

/**
 * sudo takes sshd's SSH_CONNECTION out of the environment, so it goes along in the text that the started
 * shell runs: as its value, since `sudo -i` leaves a `$` to another shell.
 */
function withConnection(start: string): string {
  const sane = `case \${SSH_CONNECTION-} in *"'"*) SSH_CONNECTION= ;; esac`;
  return `${sane}; exec "$@" "SSH_CONNECTION='\${SSH_CONNECTION-}'; export SSH_CONNECTION; ${start}"`;
}

/** What the login shell of a host is asked to run: the shell itself, or the one that sudo starts. */
export function shellCommand(become: Become | undefined, markers: BecomeMarkers): string {
  return `exec ${become === undefined ? '/bin/sh' : commandLine(becomeCommand(become, markers))}`;
}

/**
 * Waits until the shell that `becomeCommand` starts is there, and gives the password when it is asked for.
 * @throws NetplayError `become`; `interrupted`
 */
export function awaitBecome(
  pipe: ShellPipe,
  become: Become,
  markers: BecomeMarkers,
  wait: { host: string; timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<void> {
  let said = '';
  let prompts = 0;
  return new Promise((resolve, reject) => {
    const settle = (error?: NetplayError): void => {
      clearTimeout(timer);
      wait.signal?.removeEventListener('abort', interrupt);
      pipe.stderr.off('data', listen);
      if (error === undefined) resolve();
      else reject(error);
    };
    const fail = (message: string, hint: string): void =>
      settle(new NetplayError('become', message, { hint, host: wait.host }));
    const interrupt = (): void =>
      settle(new NetplayError('interrupted', 'Interrupted while sudo was asked', { host: wait.host }));
    const listen = (chunk: Buffer): void => {
      said += chunk.toString('utf8');
      if (said.includes(`${markers.ready}\n`)) {
        settle();
        return;
      }
      const seen = said.split(markers.prompt).length - 1;
      if (seen === prompts) return;
      prompts = seen;
      if (prompts === 1) pipe.stdin.write(`${become.password}\n`);
      else fail('sudo did not take the password', 'Check ansible_become_password.');
    };
    const timer = setTimeout(() => {
      const asked = lastLine(said.replaceAll(markers.prompt, ''));
      const message = `sudo did not answer within ${wait.timeoutMs / 1000} s`;
      fail(asked === '' ? message : `${message}; it said “${asked}”`, 'Try sudo on the host by hand.');
    }, wait.timeoutMs);
    wait.signal?.addEventListener('abort', interrupt, { once: true });
    pipe.stderr.on('data', listen);
    void pipe.closed.then(() => fail(...explain(said.replaceAll(markers.prompt, ''), become)));
  });
}

/** Message and hint for the words with which sudo, sudo-rs or `env` gave up. */
const EXPLANATIONS: readonly (readonly [RegExp, (become: Become) => readonly [string, string]])[] = [
  [
    /must have a tty/,
    () => [
      'sudo demands a terminal on this host (requiretty)',
      'Add `Defaults:USER !requiretty` to its sudoers for the user that logs in.',
    ],
  ],
  [
    /password is required|interactive authentication is required|no password was provided/i,
    (become) =>
      become.password === undefined
        ? ['sudo asks for a password and none was given', 'Set ansible_become_password, or use -K.']
        : ['sudo did not take the password', 'Check ansible_become_password.'],
  ],
  [
    /sorry, try again|incorrect password|authentication failed/i,
    () => ['sudo did not take the password', 'Check ansible_become_password.'],
  ],
  [
    /not in the sudoers|is not allowed to|may not run sudo|i'm afraid i can't do that/i,
    (become) => [
      `sudo does not let this user run a shell as ${become.user}`,
      "Add the user to the host's sudoers, or log in as another one.",
    ],
  ],
  [
    /unknown user|user .* not found/i,
    (become) => [`The host has no user ${become.user}`, 'Check ansible_become_user.'],
  ],
  [
    /no such file|not found|can't execute/i,
    (become) => [
      `There is no ${become.exe ?? 'sudo'} on the host`,
      'Install sudo there, or log in as root and leave `become` out.',
    ],
  ],
];

function explain(said: string, become: Become): [string, string] {
  for (const [pattern, words] of EXPLANATIONS) if (pattern.test(said)) return [...words(become)];
  const last = lastLine(said);
  return [`sudo failed${last === '' ? '' : `: ${last}`}`, 'Try sudo on the host by hand.'];
}
