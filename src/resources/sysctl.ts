import type { Problem } from '../shared/change.js';
import type { Read, Snapshot } from '../snapshot/model.js';
import { parseSysctlKey, type SysctlKey } from './links/sysctl-key.js';
import { chosenFile, persistedReads, planNotPersisted, planPersisted } from './links/sysctl-persisted.js';
import { isSpreadTo, rangeOf, spreadOf } from './links/sysctl-rules.js';
import { planRuntime, runtimeReads, waitsForDevice } from './links/sysctl-runtime.js';
import type { Declared, PlanResult, Resource } from './resource.js';

export interface SysctlParams {
  name: string;
  value?: string | number | boolean;
  state?: 'present' | 'absent';
  runtime?: boolean;
  file?: string | null;
}

function plan(params: SysctlParams, snapshot: Snapshot): PlanResult {
  const key = parseSysctlKey(params.name);
  if (key === undefined) return failed({ message: `${params.name} is no sysctl key`, path: ['name'] });
  const path = chosenFile(params.file, snapshot);
  if (params.state === 'absent') return planAbsent(key, path, snapshot);
  const value = textOf(params.value);
  const problem = valueProblem(key, value);
  if (problem !== undefined) return failed(problem);
  const runtime = params.runtime === false ? { changes: [] } : planNow(key, value, path, snapshot);
  const persisted = path === null ? { changes: [] } : planPersisted(key, value, path, snapshot);
  return {
    changes: [...runtime.changes, ...persisted.changes],
    problems: [...(runtime.problems ?? []), ...(persisted.problems ?? [])],
    warnings: [...(runtime.warnings ?? []), ...(persisted.warnings ?? [])],
  };
}

function planNow(key: SysctlKey, value: string, path: string | null, snapshot: Snapshot): PlanResult {
  if (!waitsForDevice(key, snapshot)) return planRuntime(key, value, snapshot);
  const missing = `no interface ${key.device?.dev} on this host`;
  if (path === null) {
    const hint = 'Give a file, or make the interface first.';
    return failed({ message: `${missing}, and no file to keep the value for it`, hint, path: ['name'] });
  }
  return { changes: [], warnings: [`${missing} yet: ${key.name} is only written to ${path}`] };
}

function planAbsent(key: SysctlKey, path: string | null, snapshot: Snapshot): PlanResult {
  if (path === null)
    return { changes: [], reason: 'no file is managed, and the running value is left alone' };
  const { changes } = planNotPersisted(key, path, snapshot);
  return {
    changes,
    reason: `${changes.length === 0 ? `not in ${path}; ` : ''}the running value is left alone`,
  };
}

/**
 * Some keys rewrite others (see `spreadOf`): what the play asks of those, in earlier tasks, is made good
 * by the last task that rewrites them.
 */
function settle(params: SysctlParams, declared: readonly Declared[], snapshot: Snapshot): PlanResult {
  // Of 10,000 keys only a few rewrite others: nothing else may look at all the rest.
  if (!rewritesOthers(params)) return { changes: [] };
  const tasks = declared.flatMap(({ resource, params: other }) =>
    resource === 'sysctl' ? [other as SysctlParams] : [],
  );
  const rewriters = tasks.filter(rewritesOthers);
  const last = new Map(tasks.map((task) => [pathOf(task), task]));
  const changes = tasks
    .filter((task) => last.get(pathOf(task)) === task)
    .filter(
      (task) => task.state !== 'absent' && rewriters.findLast((other) => rewrites(other, task)) === params,
    )
    .flatMap((task) => plan(task, snapshot).changes);
  return { changes };
}

function rewritesOthers(params: SysctlParams): boolean {
  const key = parseSysctlKey(params.name);
  return key !== undefined && spreadOf(key) !== undefined;
}

function rewrites(task: SysctlParams, other: SysctlParams): boolean {
  const [key, path] = [parseSysctlKey(task.name), pathOf(other)];
  return key !== undefined && path !== undefined && key.path !== path && isSpreadTo(key, path);
}

function pathOf(params: SysctlParams): string | undefined {
  return parseSysctlKey(params.name)?.path;
}

function textOf(value: SysctlParams['value']): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return String(value ?? '').trim();
}

/** The kernel stores numbers that mean nothing to it, and takes an empty write for done. */
function valueProblem(key: SysctlKey, value: string): Problem | undefined {
  const path = ['value'];
  if (value === '') return { message: `${key.name} needs a value: the kernel ignores an empty one`, path };
  if (/[\n\r\0]/.test(value)) return { message: `the value of ${key.name} must be one line`, path };
  if (startsOnly(key)) return { message: `${key.name} starts something and keeps no value`, path: ['name'] };
  const range = rangeOf(key);
  if (range === undefined) return undefined;
  const [min, max] = range;
  if (/^-?\d+$/.test(value) && Number(value) >= min && Number(value) <= max) return undefined;
  return {
    message: `${key.name} takes ${max - min === 1 ? `${min} or ${max}` : `${min} to ${max}`}, not ${value}`,
    hint: 'The kernel would store the value and make nothing of it.',
    path,
  };
}

/** Keys that only root may write and nobody may read. */
function startsOnly(key: SysctlKey): boolean {
  return /^net\/ipv[46]\/route\/flush$/.test(key.path);
}

function failed(problem: Problem): PlanResult {
  return { changes: [], problems: [problem] };
}

function reads(params: SysctlParams): readonly Read[] {
  const key = parseSysctlKey(params.name);
  if (key === undefined) return [];
  const now = params.state !== 'absent' && params.runtime !== false && !startsOnly(key);
  const runtime = now ? runtimeReads(key) : [];
  return [...runtime, ...persistedReads(params.file)];
}

/** A kernel setting below /proc/sys, now and after a reboot. */
export const sysctl: Resource<SysctlParams> = {
  name: 'sysctl',
  plural: 'sysctls',
  mapKey: 'name',
  mapValue: 'value',
  summary: 'A kernel setting (sysctl): the running value, and the file that sets it at boot.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    if: { required: ['state'], properties: { state: { const: 'absent' } } },
    else: { required: ['value'] },
    properties: {
      name: {
        type: 'string',
        format: 'sysctl-key',
        description:
          'The key, with dots or slashes. An interface whose name holds dots may be written in any of the usual ways.',
        examples: ['net.ipv4.ip_forward', 'net/ipv4/conf/eth0.100/rp_filter'],
      },
      value: {
        type: ['string', 'number', 'boolean'],
        description: 'The value; true is 1 and false is 0. Several words are separated by blanks.',
        examples: [1, '4096 131072 33554432'],
      },
      state: {
        enum: ['present', 'absent'],
        default: 'present',
        description: 'absent takes the key out of the file and leaves the running value alone.',
      },
      runtime: {
        type: 'boolean',
        default: true,
        description: 'Whether the running kernel is set, too.',
      },
      file: {
        type: ['string', 'null'],
        format: 'absolute-path',
        description:
          'The file that keeps the value for the next boot; null for none. Default: /etc/sysctl.d/zz-netplay.conf, or /etc/sysctl.conf on hosts without /etc/sysctl.d. It is written whatever `persist` says: only null leaves it alone.',
        examples: ['/etc/sysctl.d/60-router.conf'],
      },
    },
  },
  examples: [
    { sysctl: { name: 'net.ipv4.conf.all.arp_ignore', value: 1 } },
    { sysctl: { name: 'net.ipv4.tcp_rmem', value: '4096 131072 33554432' } },
    { sysctl: { name: 'net/ipv4/conf/eth0.100/rp_filter', value: 2, file: null } },
    { sysctl: { name: 'net.ipv4.ip_forward', state: 'absent' } },
  ],
  reads,
  plan,
  settle,
};
