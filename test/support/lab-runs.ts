/** What lab tests of the whole program share: names of their own, files of their own, and runs that were foretold. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import type { Lab } from '../../src/lab/index.js';
import { loadLab } from '../../src/lab/load.js';
import type { LabSpec } from '../../src/lab/spec.js';
import { changesByHost, problemsOf, ROOT, type RunReport, runJson } from './cli.js';

/** A lab of this process alone, so that test files can run beside each other. */
export function ownName(name: string): string {
  return `${name}-${process.pid}`;
}

/** One of the project's own labs under a name of this process. */
export function projectLab(file: string, name: string): LabSpec {
  return { ...loadLab(join(ROOT, 'inventory', 'lab', file)).spec, name: ownName(name) };
}

export interface Folder {
  path: string;
  /** Writes a text as it is, and anything else as YAML. */
  write(name: string, content: unknown): string;
  remove(): void;
}

export function makeFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'netplay-test-'));
  return {
    path,
    write(name, content) {
      const file = join(path, name);
      writeFileSync(file, typeof content === 'string' ? content : stringify(content));
      return file;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** A run after its check: what the check foretold is what the run did. */
export async function foretoldRun(args: readonly string[]): Promise<{ check: RunReport; run: RunReport }> {
  const check = await runJson([...args, '--check', '--exit-code']);
  const run = await runJson(args);
  // Hosts end in any order.
  expect(problemsOf(run).sort()).toEqual(problemsOf(check).sort());
  expect(changesByHost(run)).toEqual(changesByHost(check));
  return { check, run };
}

/** A run that must do what its check foretold on every host, and leave nothing for a second one. */
export async function settledRun(args: readonly string[]): Promise<RunReport> {
  const { run } = await foretoldRun(args);
  expect(problemsOf(run)).toEqual([]);
  expect(run.code).toBe(0);
  const again = await runJson(args);
  expect(again.code).toBe(0);
  expect(Object.values(changesByHost(again)).flat()).toEqual([]);
  return run;
}

/** How many connections a host's kernel has accepted so far: who has not been touched is at the same number. */
export async function acceptedConnections(lab: Lab, host: string): Promise<number> {
  const { stdout } = await lab.exec(host, ['cat', '/proc/net/snmp']);
  const [names = '', values = ''] = stdout.match(/^Tcp:.*$/gm) ?? [];
  return Number(values.split(' ')[names.split(' ').indexOf('PassiveOpens')]);
}

/** All that a playbook could change on a host: its network as the kernel tells it, and its /etc. */
export async function stateOf(lab: Lab, host: string): Promise<string> {
  const script = `
    for family in 4 6; do ip -$family -d route show table all; ip -$family -d rule show; done
    ip -d link show; ip -d address show
    grep -rs '' /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf /proc/sys/net/ipv4/ip_forward
    find /etc -type f -o -type l | sort | xargs -r ls -ld --time-style=full-iso
    find /etc -type f | sort | xargs -r sha256sum`;
  const { stdout } = await lab.exec(host, ['sh', '-c', script]);
  // Lifetimes of addresses and timers of bridges run down by themselves.
  return stdout.replaceAll(/(valid|preferred)_lft \d+sec/g, '$1_lft').replaceAll(/_timer +[\d.]+/g, '_timer');
}
