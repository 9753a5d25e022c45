/** A lab that is up: run commands in it, find its files, take it down. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NetplayError } from '../shared/errors.js';
import { labDown } from './down.js';
import { isAlive } from './process.js';
import { searchPath } from './requirements.js';
import { type CommandOptions, type CommandResult, runCommand } from './run.js';
import { enterArgv } from './scripts.js';
import { type HostState, type LabState, labDir, listLabs, readState, recordedProcesses } from './state.js';
import { suggestion } from './suggestion.js';

export interface Lab {
  readonly name: string;
  /** Its folder, with all that `netplay` and `ssh` need to get in. */
  readonly dir: string;
  /** Path of the inventory for a netplay that runs on the machine itself. */
  readonly inventory: string;
  /** Path of the inventory for a netplay that runs in the lab's controller. */
  readonly inside: string;
  /** Path for `ssh -F`. */
  readonly sshConfig: string;
  /** The controller and the hosts, as the lab file made them. */
  readonly nodes: readonly HostState[];
  /**
   * Runs a command in a host, in `controller` or in `fabric` (the switches), and waits for its end.
   * @throws NetplayError `lab` where there is no such host, or it is dead
   */
  exec(host: string, argv: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Id, on the machine, of the host's first process; killing it removes the host as a power cut would. */
  hostPid(host: string): number;
  /** The port of the switch, in `fabric`, that a NIC's cable ends at: set it down to cut the cable. */
  port(host: string, nic: string): string;
  down(): Promise<void>;
}

/** The environment of commands in a host: nothing of the machine's user. */
export function hostEnvironment(): NodeJS.ProcessEnv {
  const { TERM } = process.env;
  const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  return { PATH, HOME: '/root', USER: 'root', LOGNAME: 'root', ...(TERM === undefined ? {} : { TERM }) };
}

/** How to run `argv` in a node: the hosts are bare machines, the controller has the user's files and settings. */
export function execCommand(
  pid: number,
  node: string,
  argv: readonly string[],
): { argv: string[]; env: NodeJS.ProcessEnv } {
  const isHost = node !== 'controller' && node !== 'fabric';
  const folder = isHost ? '/root' : process.cwd();
  const env = isHost ? hostEnvironment() : { ...process.env, PATH: searchPath() };
  return { argv: [...enterArgv(pid, folder), ...argv], env };
}

function livePid(dir: string, lab: string, node: string): number {
  const processes = recordedProcesses(dir);
  const found = processes.get(node);
  if (found === undefined) {
    const known = [...processes.keys()].filter((name) => !name.startsWith('.'));
    const hint = suggestion(node, known) ?? '`netplay lab status` lists them';
    throw new NetplayError('lab', `the lab "${lab}" has no host "${node}"`, { hint });
  }
  if (!isAlive(found))
    throw new NetplayError('lab', `the host "${node}" of the lab "${lab}" is dead`, {
      hint: '`netplay lab up` starts the lab anew',
    });
  return found.pid;
}

export function labOf(dir: string, state: LabState): Lab {
  return {
    name: state.name,
    dir,
    inventory: join(dir, 'inventory.yml'),
    inside: join(dir, 'inside.yml'),
    sshConfig: join(dir, 'ssh_config'),
    nodes: state.nodes,
    async exec(host, argv, options = {}) {
      const command = execCommand(livePid(dir, state.name, host), host, argv);
      return runCommand(command.argv, { env: command.env, ...options });
    },
    hostPid: (host) => livePid(dir, state.name, host),
    port(host, nic) {
      const found = state.nodes.find(({ name }) => name === host)?.nics.find(({ name }) => name === nic);
      if (found === undefined)
        throw new NetplayError('lab', `the lab "${state.name}" has no NIC "${nic}" on "${host}"`);
      return found.port;
    },
    async down() {
      await labDown(state.name);
    },
  };
}

/** The name given, or that of the only lab there is. */
export function chooseLab(name: string | undefined): string {
  const labs = listLabs();
  if (name !== undefined) {
    if (labs.includes(name)) return name;
    const hint = suggestion(name, labs) ?? '`netplay lab up` starts one';
    throw new NetplayError('lab', `there is no lab "${name}"`, { hint });
  }
  const [only, ...others] = labs;
  if (only === undefined)
    throw new NetplayError('lab', 'there is no lab', { hint: '`netplay lab up` starts one' });
  if (others.length > 0)
    throw new NetplayError('lab', `there are ${labs.length} labs`, { hint: `name one: ${labs.join(', ')}` });
  return only;
}

/**
 * A lab that an earlier `lab up` left running.
 * @throws NetplayError `lab` where there is none, or it never came up
 */
export function openLab(name?: string): Lab {
  const chosen = chooseLab(name);
  const dir = labDir(chosen);
  const state = existsSync(dir) ? readState(dir) : undefined;
  if (state === undefined)
    throw new NetplayError('lab', `the lab "${chosen}" never came up`, {
      hint: '`netplay lab up` starts it anew, `netplay lab down` removes what is left',
    });
  return labOf(dir, state);
}
