/** Starts a lab: namespaces, then cables, then what is in each host, then the way in. */
import { readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { NetplayError } from '../shared/errors.js';
import { insideInventory, knownHosts, outsideInventory, type Reachable, sshConfig } from './access.js';
import { labDown } from './down.js';
import { fillFolder } from './folder.js';
import { startForwarder } from './forwarder.js';
import { type Lab, labOf } from './lab.js';
import { type Layout, layOut, type Node } from './layout.js';
import { loadLab } from './load.js';
import { identify } from './process.js';
import { kernelHint, requireTools, searchPath } from './requirements.js';
import { type CommandResult, runCommand } from './run.js';
import { CONFIGURE_SCRIPT, fabricBatch, LAUNCH_SCRIPT } from './scripts.js';
import type { LabSpec } from './spec.js';
import { createDir, type HostState, labDir, writeState } from './state.js';

export interface UpOptions {
  /** Ends the start and takes down what was started. */
  signal?: AbortSignal;
}

export interface StartedLab extends Lab {
  /** Whether a lab of that name, or what was left of one, had to go first. */
  readonly replaced: boolean;
}

function fail(message: string, said: string): NetplayError {
  const hint = kernelHint(said);
  return new NetplayError('lab', message, hint === undefined ? {} : { hint });
}

/** The last things that were said about a host while it started, with the line that `ip -batch` stopped at. */
function lastWords(dir: string, name: string): string {
  const log = readFileSync(join(dir, 'log', name), 'utf8')
    .trim()
    .split('\n')
    .slice(-3)
    .join('\n');
  const said = log.replace(/Command failed (\S+):(\d+)/, (whole, batch: string, line: string) => {
    const command = readFileSync(batch, 'utf8').split('\n')[Number(line) - 1];
    return command === undefined ? whole : `ip ${command}`;
  });
  return said || 'it said nothing';
}

/** Runs a start-up script: nothing of the user's environment gets into the lab. */
async function runScript(
  script: string,
  dir: string,
  input: string,
  signal?: AbortSignal,
): Promise<CommandResult> {
  return runCommand(['sh', '-c', script, 'sh', dir], {
    input,
    env: { PATH: searchPath(), HOME: '/root' },
    ...(signal ? { signal } : {}),
  });
}

/** Starts all namespaces; each reports when its mounts are there. */
async function launch(dir: string, layout: Layout, signal?: AbortSignal): Promise<Map<string, number>> {
  const plain = ['fabric fabric', 'controller controller'];
  const lines = [...plain, ...layout.hosts.map(({ name }) => `${name} host`)];
  const { stdout, stderr } = await runScript(LAUNCH_SCRIPT, dir, `${lines.join('\n')}\n`, signal);
  const pids = new Map<string, number>();
  for (const line of stdout.split('\n')) {
    const [name, pid] = line.split(' ');
    if (name !== undefined && pid !== undefined) pids.set(name, Number(pid));
  }
  if (stderr.trim() !== '') throw fail(`the lab can't make namespaces: ${stderr.trim()}`, stderr);
  for (const line of lines) {
    const name = line.split(' ')[0] ?? '';
    if (pids.has(name)) continue;
    const said = lastWords(dir, name);
    throw fail(`the host "${name}" did not start: ${said}`, said);
  }
  return pids;
}

async function wire(dir: string, layout: Layout, pids: ReadonlyMap<string, number>): Promise<void> {
  const batch = join(dir, 'batch');
  writeFileSync(batch, fabricBatch(layout, pids));
  const netns = `--net=/proc/${pids.get('fabric')}/ns/net`;
  const { code, stderr } = await runCommand(['nsenter', netns, 'ip', '-batch', batch], {
    env: { PATH: searchPath() },
  });
  if (code !== 0) throw fail(`the lab's switches can't be made: ${stderr.trim()}`, stderr);
}

async function configure(
  dir: string,
  pids: ReadonlyMap<string, number>,
  signal?: AbortSignal,
): Promise<void> {
  const nodes = [...pids].filter(([name]) => name !== 'fabric');
  const input = nodes.map(([name, pid]) => `${name} ${pid}\n`).join('');
  const { stdout, stderr } = await runScript(CONFIGURE_SCRIPT, dir, input, signal);
  const codes = new Map(stdout.split('\n').map((line) => line.split(' ') as [string, string]));
  for (const [name] of nodes) {
    if (codes.get(name) === '0') continue;
    throw new NetplayError('lab', `"${name}" did not start: ${stderr.trim() || lastWords(dir, name)}`);
  }
}

async function openWay(dir: string, layout: Layout, pids: ReadonlyMap<string, number>): Promise<Reachable[]> {
  const reached = layout.hosts.flatMap((node) =>
    node.sshAddress === null ? [] : [{ node, address: node.sshAddress }],
  );
  if (reached.length === 0) return [];
  const addresses = reached.map(({ address }) => address);
  const ports = await startForwarder(dir, pids.get('controller') ?? 0, addresses);
  return reached.map((host, index) => ({ ...host, port: ports[index] ?? 0 }));
}

function writeAccess(dir: string, hosts: readonly Reachable[]): void {
  const publicKey = readFileSync(join(dir, 'ssh_host_ed25519_key.pub'), 'utf8');
  writeFileSync(join(dir, 'inventory.yml'), outsideInventory(dir, hosts));
  writeFileSync(join(dir, 'inside.yml'), insideInventory(dir, hosts));
  writeFileSync(join(dir, 'known_hosts'), knownHosts(hosts, publicKey));
  writeFileSync(join(dir, 'ssh_config'), sshConfig(dir, hosts));
}

function hostState({ name, nics, sshAddress }: Node, reachable: readonly Reachable[]): HostState {
  const port = reachable.find(({ node }) => node.name === name)?.port ?? null;
  return { name, nics, sshAddress, port };
}

/**
 * Starts a lab from its file or an object, replacing one of the same name. A start that fails leaves nothing.
 * @throws NetplayError or NetplayErrors `lab`: the file is wrong, the machine lacks something, a host fails
 */
export async function labUp(input: string | LabSpec, { signal }: UpOptions = {}): Promise<StartedLab> {
  const { spec, name, file } = loadLab(input);
  const { sshd } = requireTools();
  const layout = layOut(spec, name);
  const dir = labDir(layout.name);
  const self = identify(process.pid);
  if (self === undefined) throw new NetplayError('lab', "can't read /proc");
  const replaced = await labDown(layout.name);
  createDir(dir, self);
  try {
    await fillFolder({ dir, layout, sshd });
    const pids = await launch(dir, layout, signal);
    await wire(dir, layout, pids);
    await configure(dir, pids, signal);
    const reachable = await openWay(dir, layout, pids);
    signal?.throwIfAborted();
    writeAccess(dir, reachable);
    const nodes = [layout.controller, ...layout.hosts].map((node) => hostState(node, reachable));
    const state = { v: 1, name: layout.name, file, nodes } as const;
    writeState(dir, state);
    await rm(join(dir, 'starter'));
    return { ...labOf(dir, state), replaced };
  } catch (error) {
    await labDown(layout.name);
    if (signal?.aborted) throw new NetplayError('interrupted', 'interrupted: the lab was taken down again');
    throw error;
  }
}
