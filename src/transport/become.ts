/** Starting the session's shell as another user, through sudo, su or doas. */
import { randomBytes } from 'node:crypto';
import { NetplayError } from '../shared/errors.js';
import { commandLine } from '../shared/shell.js';
import type { Become } from './session.js';
import type { ShellPipe } from './shell-pipe.js';
import { lastLine } from './shell-session.js';

/** The random words by which sudo's prompt (su has its own) and the started shell are known. */
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
  const words = ['env', 'LC_ALL=C', become.exe ?? become.method, ...WORDS[become.method](become, markers)];
  const plain = become.user === 'root' && become.exe === undefined && become.flags === undefined;
  const start = `echo ${markers.ready} >&2; exec /bin/sh`;
  const unlessRoot = plain ? `[ "$(id -u)" != 0 ] || { ${start}; }; ` : '';
  return ['/bin/sh', '-c', `${unlessRoot}${withConnection(start)}`, 'sh', ...words];
}

type Words = (become: Become, markers: BecomeMarkers) => string[];

/** What stands behind the program's name, before the text that a shell is to run. */
const WORDS: Readonly<Record<Become['method'], Words>> = {
  sudo: ({ flags = ['-H'], user, password }, { prompt }) => [
    ...flags.filter((flag) => !PROMPTING_FLAGS.has(flag)),
    ...(password === undefined ? ['-n'] : ['-S', '-p', prompt]),
    ...['-u', user, '--', '/bin/sh', '-c'],
  ],
  // BusyBox hands what stands behind the user to that user's shell; the others know `-c` wherever it is.
  su: ({ flags = [], user }) => [...flags, user, '-c'],
  // It takes a password from a terminal alone, so it is told not to ask.
  doas: ({ flags = [], user }) => [...flags, '-n', '-u', user, '/bin/sh', '-c'],
};

/**
 * sudo takes sshd's SSH_CONNECTION out of the environment, so it goes along in the text that the started shell runs: as
 * its value, since `sudo -i` leaves a `$` to another shell. su has the user's own shell read that text, whichever it is.
 */
function withConnection(start: string): string {
  const sane = `case \${SSH_CONNECTION-} in *"'"*) SSH_CONNECTION= ;; esac`;
  return `${sane}; exec "$@" "exec env SSH_CONNECTION='\${SSH_CONNECTION-}' /bin/sh -c '${start}'"`;
}

/** What the login shell of a host is asked to run: the shell itself, or the one that another user gets. */
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
  const { method } = become;
  let said = '';
  /** So much was said when the password was given. */
  let answered = 0;
  return new Promise((resolve, reject) => {
    const settle = (error?: NetplayError): void => {
      clearTimeout(timer);
      wait.signal?.removeEventListener('abort', interrupt);
      pipe.stderr.off('data', listen);
      pipe.stdout.off('data', listen);
      if (error === undefined) resolve();
      else reject(error);
    };
    const fail = (message: string, hint: string): void =>
      settle(new NetplayError('become', message, { hint, host: wait.host }));
    const interrupt = (): void =>
      settle(new NetplayError('interrupted', `Interrupted while ${method} was asked`, { host: wait.host }));
    const listen = (chunk: Buffer): void => {
      said += chunk.toString('utf8');
      if (said.includes(`${markers.ready}\n`)) {
        settle();
        return;
      }
      const further = said.slice(answered);
      const asks = method === 'su' ? SU_PROMPT.test(further) : further.includes(markers.prompt);
      if (!asks) return;
      if (become.password === undefined) fail(...noPassword(become));
      else if (answered === 0) pipe.stdin.write(`${become.password}\n`);
      else fail(...wrongPassword(become));
      answered = said.length;
    };
    const timer = setTimeout(() => {
      const asked = lastLine(said.replaceAll(markers.prompt, ''));
      const message = `${method} did not answer within ${wait.timeoutMs / 1000} s`;
      fail(asked === '' ? message : `${message}; it said “${asked}”`, `Try ${method} on the host by hand.`);
    }, wait.timeoutMs);
    wait.signal?.addEventListener('abort', interrupt, { once: true });
    pipe.stderr.on('data', listen);
    // BusyBox's su asks there.
    if (method === 'su') pipe.stdout.on('data', listen);
    void pipe.closed.then(() => fail(...explain(said.replaceAll(markers.prompt, ''), become)));
  });
}

/** What su asks with; PAM prints it in the language of `LC_ALL`, which is C. */
const SU_PROMPT = /password: ?$/i;

type Told = readonly [message: string, hint: string];

function noPassword({ method }: Become): Told {
  return [`${method} asks for a password and none was given`, 'Set ansible_become_password, or use -K.'];
}

function wrongPassword({ method }: Become): Told {
  return [`${method} did not take the password`, 'Check ansible_become_password.'];
}

/** Message and hint for the words with which sudo, sudo-rs, su, doas or `env` gave up. */
const EXPLANATIONS: readonly (readonly [RegExp, (become: Become) => Told])[] = [
  [
    /must have a tty/,
    () => [
      'sudo demands a terminal on this host (requiretty)',
      'Add `Defaults:USER !requiretty` to its sudoers for the user that logs in.',
    ],
  ],
  [
    /doas: (authori[sz]ation required|authentication required|a tty is required)/i,
    () => [
      'doas asks for a password, which it takes from a terminal alone',
      'Write `permit nopass` in its doas.conf for the user that logs in, or use sudo or su.',
    ],
  ],
  [
    /password is required|interactive authentication is required|no password was provided/i,
    (become) => (become.password === undefined ? noPassword(become) : wrongPassword(become)),
  ],
  [/sorry, try again|incorrect password|authentication fail(ed|ure)/i, wrongPassword],
  [
    /not in the sudoers|is not allowed to|may not run sudo|i'm afraid i can't do that|doas: operation not permitted/i,
    ({ method, user }) => [
      `${method} does not let this user run a shell as ${user}`,
      `Add the user to the host's ${method === 'doas' ? 'doas.conf' : 'sudoers'}, or log in as another one.`,
    ],
  ],
  [
    /unknown user|user .* (not found|does not exist)/i,
    ({ user }) => [`The host has no user ${user}`, 'Check ansible_become_user.'],
  ],
  [
    /no such file|not found|can't execute/i,
    ({ method, exe }) => [
      `There is no ${exe ?? method} on the host`,
      `Install ${method} there, or log in as root and leave \`become\` out.`,
    ],
  ],
];

function explain(said: string, become: Become): Told {
  for (const [pattern, words] of EXPLANATIONS) if (pattern.test(said)) return words(become);
  const last = lastLine(said);
  return [
    `${become.method} failed${last === '' ? '' : `: ${last}`}`,
    `Try ${become.method} on the host by hand.`,
  ];
}
