/** `--explain`: the plain tasks that each intent of a run stands for, as a playbook would have them. */
import { stringify } from 'yaml';
import type { HostEnd, TaskResult } from '../shared/events.js';
import { hostList } from './host-list.js';
import type { Style } from './style.js';

/** Hosts for which a task stands for the same are told together. */
interface Explained {
  hosts: string[];
  task: TaskResult;
}

/** In the order of the hosts and their tasks; nothing where the run had no intent. */
export function renderExplained(ends: readonly HostEnd[], style: Style): string[] {
  const folded = new Map<string, Explained>();
  for (const { play, host, tasks } of ends)
    for (const task of tasks) {
      if (task.parts === undefined) continue;
      const key = JSON.stringify([play, task.index, task.parts]);
      const explained = folded.get(key) ?? { hosts: [], task };
      explained.hosts.push(host);
      folded.set(key, explained);
    }
  return [...folded.values()].flatMap(({ hosts, task }) => [
    `  ${style.yellow(task.name)} on ${hostList(hosts)}${(task.parts ?? []).length === 0 ? ': nothing' : ''}`,
    ...(task.parts ?? []).map((part) => `    - ${taskText(part)}`),
  ]);
}

/** On one line, as a playbook takes it. */
function taskText(part: Readonly<Record<string, unknown>>): string {
  return stringify(part, {
    collectionStyle: 'flow',
    flowCollectionPadding: false,
    lineWidth: 0,
  })
    .trimEnd()
    .replace(/^\{(.*)\}$/, '$1');
}
