/**
 * Private network namespaces on a virtual machine, whose kernel has what that of the machine may lack: VLANs,
 * bonds, VRFs, netem, policing. Each is a `Netns` as those of netns.ts, so that planIn, applyIn and undoOf work on it.
 *
 * All scripts go through one shell, started once and moved into the namespace: under emulation, a login takes half a
 * second and the start of a program a hundredth.
 */
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quote } from '../../src/shared/shell.js';
import { ENV, type ExecResult, type Netns, PREPARE } from './netns.js';
import { startVm, type Vm } from './vm.js';

/** A machine for a test's file. */
export interface VmLab {
  readonly vm: Vm;
  /** A network and a mount namespace on it with only `lo`, which is up. */
  createNetns(): Netns;
  /** Ends the machine, and all in it. */
  stop(): Promise<void>;
}

/** Milliseconds. */
const TIMEOUT = 120_000;

/** A shell on the machine that runs one script after another and waits for each, as `spawnSync` does. */
interface Shell {
  /** @param inside the process whose namespaces it shall run in; without one, the machine's own */
  run(script: string, inside?: string): ExecResult;
  end(): void;
}

/** Starts a machine (see `startVm`) with a shell on it. */
export async function startVmLab(name = 'vm'): Promise<VmLab> {
  const vm = await startVm(name);
  const shell = openShell(vm);
  return {
    vm,
    createNetns: () => createVmNetns(shell),
    async stop() {
      shell.end();
      await vm.stop();
    },
  };
}

function createVmNetns(shell: Shell): Netns {
  const made = shell.run(`rm -f /run/holder; mkfifo /run/holder
unshare -n -m --propagation private sh -c ${quote(`${PREPARE}\nexec sleep infinity`)} </dev/null >/run/holder 2>&1 &
read -r line </run/holder; echo "$! $line"`);
  const [, pid = '', line] = /^(\d+) (.*)$/m.exec(made.stdout) ?? [];
  if (line !== 'ready') throw new Error(`no private namespace: ${line ?? ''} ${made.stderr}`);

  const exec = (command: string | readonly string[], stdin = ''): ExecResult =>
    shell.run(scriptOf(command, stdin), pid);
  return {
    pid: Number(pid),
    exec,
    must(command, stdin) {
      const { code, stdout, stderr } = exec(command, stdin);
      if (code !== 0) throw new Error(`${String(command)}\n${stderr.trim() || stdout.trim()} (rc ${code})`);
      return stdout;
    },
    close() {
      shell.run(`kill ${pid} 2>/dev/null; :`);
    },
  };
}

/** A script that is a shell's argument, or its standard input, needs no shell of its own. */
function scriptOf(command: string | readonly string[], stdin: string): string {
  const argv = typeof command === 'string' ? ['sh', '-c', command] : command;
  const [program, option, script] = argv;
  if (program === 'sh' && argv.length === 1 && stdin !== '') return `eval ${quote(stdin)} </dev/null`;
  const run = program === 'sh' && option === '-c' && argv.length === 3 ? ['eval', script ?? ''] : argv;
  return `${run.map(quote).join(' ')} ${here(stdin)}`;
}

/** Standard input as a here-document, which ends its last line. */
function here(stdin: string): string {
  if (stdin === '') return '</dev/null';
  const word = `end-${randomBytes(8).toString('hex')}`;
  return `<<'${word}'\n${stdin}${stdin.endsWith('\n') ? '' : '\n'}${word}`;
}

function openShell(vm: Vm): Shell {
  const { to, from, errors, end } = startShell(vm);
  const mark = randomBytes(16).toString('hex');
  const answered = new RegExp(`(?:^|\\n)${mark} (\\d+)\\n$`);
  const run = (script: string): ExecResult => {
    writeSync(to, `( ${script}\n); printf '\\n${mark} %s\\n' $?; echo ${mark} >&2\n`);
    const stdout = readUntil(from, answered);
    const stderr = readUntil(errors, new RegExp(`${mark}\\n$`));
    return { code: Number(stdout.found), stdout: stdout.text, stderr: stderr.text };
  };
  /** What a shell has begun to carry out keeps it from reading what follows. */
  const become = (command: string): void => {
    writeSync(to, `echo ${mark} 0; ${command}\n`);
    readUntil(from, answered);
  };
  let place: string | undefined;
  return {
    run(script, inside) {
      if (place !== undefined && place !== inside) become('exit');
      if (inside !== undefined && place !== inside) become(`nsenter -t ${inside} -n -m sh`);
      place = inside;
      return run(script);
    },
    end,
  };
}

interface Streams {
  to: number;
  from: number;
  errors: number;
  end(): void;
}

/** Named pipes, since those that Node makes for a child can't be read while the test waits. */
function startShell(vm: Vm): Streams {
  const folder = mkdtempSync(join(tmpdir(), 'netplay-shell-'));
  // The end that reads comes first: else opening the other one would wait for it.
  const [input, output, errors] = ['in', 'out', 'err'].map((name) => {
    const path = join(folder, name);
    execFileSync('mkfifo', [path]);
    const reads = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return { reads, writes: openSync(path, constants.O_WRONLY) };
  }) as [Ends, Ends, Ends];
  rmSync(folder, { recursive: true });
  const [command = '', ...args] = vm.login;
  const environment = Object.entries(ENV).map(([key, value]) => quote(`${key}=${value}`));
  const child = spawn(command, [...args, `env -i ${environment.join(' ')} sh`], {
    stdio: [input.reads, output.writes, errors.writes],
  });
  child.unref();
  for (const fd of [input.reads, output.writes, errors.writes]) closeSync(fd);
  return {
    to: input.writes,
    from: output.reads,
    errors: errors.reads,
    end() {
      child.kill();
      for (const fd of [input.writes, output.reads, errors.reads]) closeSync(fd);
    },
  };
}

interface Ends {
  reads: number;
  writes: number;
}

/** All up to what ends it, and what that holds in brackets. */
function readUntil(fd: number, end: RegExp): { text: string; found: string | undefined } {
  const deadline = Date.now() + TIMEOUT;
  const chunk = Buffer.alloc(65_536);
  const parts: Buffer[] = [];
  for (let tail = ''; ; ) {
    const size = readSome(fd, chunk);
    if (size === 0) throw new Error('the shell on the virtual machine ended');
    if (size === undefined) {
      if (Date.now() > deadline) throw new Error(`no answer from the virtual machine within ${TIMEOUT} ms`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      continue;
    }
    parts.push(Buffer.from(chunk.subarray(0, size)));
    tail = (tail + chunk.toString('latin1', 0, size)).slice(-TAIL);
    if (!end.test(tail)) continue;
    const text = Buffer.concat(parts).toString('utf8');
    const ending = end.exec(text.slice(-TAIL));
    return { text: text.slice(0, -(ending?.[0].length ?? 0)), found: ending?.[1] };
  }
}

/** Characters, more than what ends an answer. */
const TAIL = 64;

/** @returns bytes, 0 at the end, undefined where there is nothing yet */
function readSome(fd: number, buffer: Buffer): number | undefined {
  try {
    return readSync(fd, buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}
