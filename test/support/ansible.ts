/** ansible-core as the judge: playbooks run by it, their results as data. */
import { join } from 'node:path';
import { execa } from 'execa';
import { ROOT } from './cli.js';

export interface AnsibleCase {
  name: string;
  /** A file. */
  playbook: string;
  args: readonly string[];
}

export interface AnsibleResult {
  task: string;
  action: string;
  host: string;
  status: 'ok' | 'changed' | 'failed' | 'ignored' | 'skipped' | 'unreachable';
  result: Readonly<Record<string, unknown>>;
}

export interface AnsibleRun {
  name: string;
  code: number;
  results: readonly AnsibleResult[];
  /** Ansible's recap, by host. */
  stats: Readonly<Record<string, Readonly<Record<string, number>>>>;
  printed: string;
}

/** Runs playbooks one after another, in one process for all. */
export async function ansiblePlaybooks(
  inventory: readonly string[],
  cases: readonly AnsibleCase[],
): Promise<readonly AnsibleRun[]> {
  const script = join(ROOT, 'test', 'support', 'ansible', 'playbooks.py');
  const { stdout } = await execa('/usr/bin/python3', [script], {
    input: JSON.stringify({ inventory, cases }),
  });
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map(readRun);
}

interface Line {
  name: string;
  code: number;
  printed: string;
  events: readonly (AnsibleResult | { stats: AnsibleRun['stats'] })[];
}

function readRun(text: string): AnsibleRun {
  const { name, code, printed, events }: Line = JSON.parse(text);
  return {
    name,
    code,
    printed,
    results: events.filter((event) => 'task' in event),
    stats: events.find((event) => 'stats' in event)?.stats ?? {},
  };
}

export interface AnsibleCall {
  code: number;
  stdout: string;
}

/** Calls `ansible` and `ansible-playbook`, each with its arguments, in one process for all. @param cwd a folder */
export async function ansibleCalls(
  cwd: string,
  calls: readonly (readonly string[])[],
): Promise<readonly AnsibleCall[]> {
  const script = join(ROOT, 'test', 'support', 'ansible', 'commands.py');
  const { stdout } = await execa('/usr/bin/python3', [script], { input: JSON.stringify({ cwd, calls }) });
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{"code"'))
    .map((line): AnsibleCall => JSON.parse(line));
}
