/**
 * Virtual machines for what namespaces have none of: an init system, a reboot, a loss of power, a clock of their own.
 *
 * Every machine begins as the image's: booted, idle, from its saved memory, in a second or two. What it writes
 * goes to a file without a name, which is gone with it. The kernel ends QEMU when the process that started it
 * ends, however it does.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { stringify } from 'yaml';
import type { ExecResult } from './netns.js';
import { connectQmp, type Qmp } from './qmp.js';

export interface Vm {
  readonly name: string;
  /** For `netplay run -i`: this one host. */
  readonly inventory: string;
  /** `ssh` with all that it needs to become root on it; a command for it may follow. */
  readonly login: readonly string[];
  /** Runs a script with `sh` on it as root, by a connection of its own. Never throws for a non-zero code. */
  ssh(script: string): Promise<ExecResult>;
  /** As `ssh`, but throws where the script fails, with its words; returns its standard output. */
  must(script: string): Promise<string>;
  /** The reset button: nothing is written any more. Returns at once; `booted` waits. */
  reset(): Promise<void>;
  /** Waits until it answers SSH in another boot than when this was called last. */
  booted(): Promise<void>;
  /** Pulls the plug: nothing answers on its port any more. May be called twice. */
  powerOff(): Promise<void>;
  /** `powerOff`, and removes what belongs to it alone. */
  stop(): Promise<void>;
}

const IMAGE_SCRIPT = join(import.meta.dirname, '../vm/image.sh');
/** Seconds; under emulation and on a busy machine even a handshake takes one. */
const SSH_TIMEOUT = 60;
const BOOT_TIMEOUT = 300;
const MEMORY_MB = 384;
const BOOT_ID = 'cat /proc/sys/kernel/random/boot_id';

interface Machine {
  process: ChildProcessWithoutNullStreams;
  qmp: Qmp;
  /** On 127.0.0.1, forwarded to its SSH. */
  port: number;
}

/** The arguments that must be the same where the memory is saved and where it is loaded. */
function hardware(image: string): string[] {
  const nic = (id: string): string[] => ['-device', `virtio-net-pci,netdev=${id},romfile=`];
  return [
    ...['-nodefaults', '-display', 'none', '-machine', 'q35', '-m', String(MEMORY_MB)],
    ...['-accel', 'tcg,thread=multi,tb-size=256', '-cpu', 'max'],
    ...['-kernel', join(image, 'vmlinuz'), '-initrd', join(image, 'initrd.img')],
    // QEMU translates a program anew wherever it is loaded: at the same place each time, it starts four times as fast.
    ...['-append', 'root=/dev/vda rw console=ttyS0 net.ifnames=0 mitigations=off norandmaps quiet'],
    // Four more NICs to play with; at the far end of each a gateway, `.2`, that answers ARP and ping.
    ...['-netdev', 'user,id=lan,restrict=on,ipv6=off,hostfwd=tcp:127.0.0.1:0-:22', ...nic('lan')],
    ...['-netdev', 'user,id=one,restrict=on,ipv6=off,net=10.9.1.0/24', ...nic('one')],
    ...['-netdev', 'user,id=two,restrict=on,ipv6=off,net=10.9.2.0/24', ...nic('two')],
    ...['-netdev', 'user,id=three,restrict=on,ipv6=off,net=10.9.3.0/24', ...nic('three')],
    ...['-netdev', 'user,id=four,restrict=on,ipv6=off,net=10.9.4.0/24', ...nic('four')],
    ...['-device', 'virtio-rng-pci'],
  ];
}

async function launch(image: string, console: string, more: readonly string[]): Promise<Machine> {
  const argv = ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...hardware(image), ...more];
  const child = spawn('setpriv', [...argv, '-serial', `file:${console}`, '-qmp', 'stdio']);
  const qmp = await connectQmp(child);
  const forwards = await qmp.execute('human-monitor-command', { 'command-line': 'info usernet' });
  const port = Number(/HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)/.exec(String(forwards))?.[1]);
  return { process: child, qmp, port };
}

async function end({ process: child }: Machine): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function sshOptions(image: string, knownHosts: string): string[] {
  const options = ['BatchMode=yes', 'IdentitiesOnly=yes', 'LogLevel=ERROR', 'ConnectTimeout=10'];
  const known = [`UserKnownHostsFile=${knownHosts}`, 'GlobalKnownHostsFile=/dev/null'];
  return ['-F', 'none', '-i', join(image, 'id_ed25519'), ...[...options, ...known].flatMap((o) => ['-o', o])];
}

function login(options: readonly string[], port: number): string[] {
  return ['ssh', ...options, '-p', String(port), 'root@127.0.0.1'];
}

/** One connection for many scripts: under emulation a login takes two seconds. It ends by itself with the machine. */
function shared(folder: string): string[] {
  const options = [`ControlPath=${join(folder, 'ssh')}`, 'ControlMaster=auto', 'ControlPersist=yes'];
  return options.flatMap((option) => ['-o', option]);
}

async function overSsh(options: readonly string[], port: number, script: string): Promise<ExecResult> {
  const [command = '', ...args] = login(options, port);
  const done = await execa(command, [...args, 'sh'], {
    input: script,
    reject: false,
    timeout: SSH_TIMEOUT * 1000,
    stripFinalNewline: false,
  });
  return { code: done.exitCode ?? 255, stdout: done.stdout, stderr: done.stderr };
}

/** Whether an SSH server greets: asked so until it does, since a whole login costs a booting machine a second. */
async function greets(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1').setTimeout(3000, () => socket.destroy());
  try {
    for await (const data of socket) return String(data).startsWith('SSH-');
    return false;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

interface Question {
  port: number;
  /** The file that holds what the machine writes on its console. */
  console: string;
  ssh: (script: string) => Promise<ExecResult>;
  script: string;
}

/** @returns what the script printed, as soon as that is something else than `not` */
async function answers({ port, console, ssh, script }: Question, not = ''): Promise<string> {
  const deadline = Date.now() + BOOT_TIMEOUT * 1000;
  while (Date.now() < deadline) {
    if (await greets(port)) {
      const { code, stdout } = await ssh(script);
      if (code === 0 && stdout.trim() !== not) return stdout.trim();
    }
    await sleep(200);
  }
  const said = readFileSync(console, 'utf8').split('\n').slice(-40).join('\n');
  throw new Error(`the virtual machine did not come up; its console says\n${said}`);
}

function knownHostsFile(folder: string, image: string, port: number): string {
  const file = join(folder, 'known_hosts');
  const key = readFileSync(join(image, 'host_key.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  writeFileSync(file, `[127.0.0.1]:${port} ${key.trim()}\n`);
  return file;
}

/**
 * What a new machine starts from, kept in NETPLAY_VM_DIR for all that use the same script; made where it is not there,
 * and waited for where another process is making it.
 */
export async function findImage(): Promise<string> {
  const cache = process.env.NETPLAY_VM_DIR ?? join(tmpdir(), 'netplay-vm');
  const qemu = await execa('qemu-system-x86_64', ['--version']);
  const made = [readFileSync(IMAGE_SCRIPT, 'utf8'), qemu.stdout, ...hardware('')];
  const image = join(cache, createHash('sha256').update(made.join('\n')).digest('hex').slice(0, 16));
  const maker = `${image}.maker`;
  while (isRunning(maker)) await sleep(500);
  if (existsSync(image)) return image;
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  writeFileSync(maker, String(process.pid));
  const work = mkdtempSync(`${image}.`);
  try {
    await execa('sh', [IMAGE_SCRIPT, work]);
    await saveBooted(work);
    // Somebody else may have been first; then it is his that is used.
    if (!existsSync(image)) renameSync(work, image);
  } finally {
    rmSync(work, { recursive: true, force: true });
    rmSync(maker, { force: true });
  }
  return image;
}

/** @param file with the id of another process; one that was killed leaves it behind */
function isRunning(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return pid > 0 && pid !== process.pid && process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Boots the image once and keeps its memory, so that no test has to wait for that. */
async function saveBooted(image: string): Promise<void> {
  const drive = `file=${join(image, 'disk.raw')},format=raw,if=virtio`;
  const machine = await launch(image, join(image, 'console'), ['-drive', drive]);
  try {
    const options = sshOptions(image, knownHostsFile(image, image, machine.port));
    const ssh = (script: string): Promise<ExecResult> => overSsh(options, machine.port, script);
    const { qmp, port } = machine;
    const console = join(image, 'console');
    await answers({ port, console, ssh, script: 'systemctl is-system-running --wait; sync' });
    await qmp.execute('stop');
    await qmp.execute('migrate', { uri: `exec:cat > '${join(image, 'memory')}'` });
    await migrated(qmp);
    await qmp.execute('quit');
    await once(machine.process, 'exit');
  } finally {
    await end(machine);
  }
}

async function migrated(qmp: Qmp): Promise<void> {
  for (;;) {
    const { status } = (await qmp.execute('query-migrate')) as { status?: string };
    if (status === 'completed') return;
    if (status === 'failed')
      throw new Error('the memory of the virtual machine could not be saved or loaded');
    await sleep(50);
  }
}

async function resume(image: string, folder: string): Promise<Machine> {
  const drive = `file=${join(image, 'disk.raw')},format=raw,if=virtio,snapshot=on`;
  const machine = await launch(image, join(folder, 'console'), ['-drive', drive, '-incoming', 'defer']);
  try {
    await machine.qmp.execute('migrate-incoming', { uri: `exec:cat '${join(image, 'memory')}'` });
    await migrated(machine.qmp);
    await machine.qmp.execute('cont');
    return machine;
  } catch (error) {
    await end(machine);
    throw error;
  }
}

/**
 * Starts a machine; with the first call ever, the image is made, which takes minutes. Needs root.
 * @param name of the host in its inventory
 */
export async function startVm(name = 'vm'): Promise<Vm> {
  const image = await findImage();
  const folder = mkdtempSync(join(tmpdir(), 'netplay-vm-'));
  const machine = await resume(image, folder);
  const { port } = machine;
  const knownHosts = knownHostsFile(folder, image, port);
  const options = sshOptions(image, knownHosts);
  const mux = shared(folder);
  const ssh = (script: string): Promise<ExecResult> => overSsh([...options, ...mux], port, script);
  // One that may still be that of the former boot is not kept.
  const alone = (script: string): Promise<ExecResult> => overSsh(options, port, script);
  const hangUp = async (): Promise<void> => {
    const [command = '', ...args] = login([...options, ...mux, '-O', 'exit'], port);
    await execa(command, args, { reject: false });
  };
  // Its clock stood still while it was saved.
  const setClock = `date -s @${Math.round(Date.now() / 1000)} >/dev/null`;
  const console = join(folder, 'console');
  let boot = await answers({ port, console, ssh: alone, script: `${setClock}; ${BOOT_ID}` });
  const vm: Vm = {
    name,
    inventory: join(folder, 'inventory.yml'),
    login: login(options, port),
    ssh,
    async must(script) {
      const { code, stdout, stderr } = await ssh(script);
      if (code !== 0) throw new Error(`${script}\n${stderr.trim() || stdout.trim()} (rc ${code})`);
      return stdout;
    },
    async reset() {
      await hangUp();
      await machine.qmp.execute('system_reset');
    },
    async booted() {
      await hangUp();
      boot = await answers({ port, console, ssh: alone, script: BOOT_ID }, boot);
    },
    powerOff: () => end(machine),
    async stop() {
      await hangUp();
      await end(machine);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  writeFileSync(vm.inventory, inventory(name, port, image, knownHosts));
  return vm;
}

function inventory(name: string, port: number, image: string, knownHosts: string): string {
  const vars = {
    ansible_host: '127.0.0.1',
    ansible_port: port,
    ansible_user: 'root',
    ansible_ssh_private_key_file: join(image, 'id_ed25519'),
    ansible_ssh_common_args: `-o UserKnownHostsFile=${knownHosts}`,
  };
  return stringify({ all: { hosts: { [name]: vars } } });
}
