/** Captures as the text of a playbook. */
import { isDeepStrictEqual } from 'node:util';
import { resources } from '../resources/registry.js';
import type { Capture, CapturedTask } from './capture.js';
import type { Params } from './reading.js';
import { holdsTemplate, yamlText } from './yaml-text.js';

/** A host's capture, by the name that it shall have in the playbook. */
export interface HostCapture extends Pick<Capture, 'tasks' | 'leftOut'> {
  host: string;
  /** What a run would still change, if anything. */
  differs: readonly string[];
}

/** What no capture reads, so that nobody takes it for captured. */
const NOT_READ =
  'Not read: firewalls (nftables, iptables), IPsec, keys of WireGuard, settings of ethtool, OpenVZ and other containers.';

/** One play for all hosts that are captured alike, in the order of their first. */
export function playbookText(captures: readonly HostCapture[]): string {
  const groups: HostCapture[][] = [];
  for (const capture of captures) {
    const alike = groups.find(
      ([first]) => first !== undefined && isDeepStrictEqual(tasksOf(first), tasksOf(capture)),
    );
    if (alike === undefined) groups.push([capture]);
    else alike.push(capture);
  }
  const plays = groups.map((group) => playOf(group));
  return yamlText(plays, isBlock, {
    top: [
      `What netplay capture read: the network of ${captures.map(({ host }) => oneLine(host)).join(', ')}.`,
      NOT_READ,
      '',
    ],
    items: groups.map((group) => group.flatMap(notesOf)),
  });
}

function tasksOf({ tasks }: HostCapture): unknown {
  return tasks.map(({ name, resource, items }) => [name, resource.name, items]);
}

function playOf(group: readonly HostCapture[]): Params {
  const [first] = group;
  return {
    name: `the network of ${group.map(({ host }) => host).join(', ')}`,
    hosts: group.length === 1 ? first?.host : group.map(({ host }) => host),
    become: true,
    gather_facts: false,
    tasks: first?.tasks.map(taskOf) ?? [],
  };
}

const PLURALS: ReadonlySet<string> = new Set(resources.map(({ plural }) => plural));
/** How many maps and lists are around a task's parameters. */
const OF_TASK = 4;

/** Plays, tasks and each item of a task that has many begin a line. */
function isBlock(depth: number, key: string | undefined): boolean {
  if (depth === OF_TASK) return PLURALS.has(key ?? '');
  return depth < OF_TASK && key !== 'hosts';
}

function taskOf({ name, resource, items }: CapturedTask): Params {
  const [only, ...others] = items;
  if (others.length === 0) return { name, [resource.name]: only };
  return { name, [resource.plural]: mapOf(resource, items) ?? items };
}

/** Resources whose items are best told apart by a key. */
const KEYED: ReadonlySet<string> = new Set(['name', 'address']);

/** Items by the parameter that tells them apart; undefined where a list is called for. */
function mapOf({ mapKey, mapValue }: CapturedTask['resource'], items: readonly Params[]): Params | undefined {
  const keys = items.map((params) => String(params[mapKey]));
  const distinct = new Set(keys).size === keys.length;
  if (!KEYED.has(mapKey) || !distinct || keys.some(holdsTemplate)) return undefined;
  return Object.fromEntries(
    items.map(({ [mapKey]: key, ...rest }) => {
      const [[name, value] = [], ...others] = Object.entries(rest);
      const plain = mapValue !== undefined && name === mapValue && others.length === 0;
      return [String(key), plain ? value : rest];
    }),
  );
}

function notesOf({ host, leftOut, differs }: HostCapture): string[] {
  return [
    ...(leftOut.length === 0 ? [] : [`Left out of ${oneLine(host)}:`]),
    ...leftOut.map(({ what, why }) => oneLine(`- ${what}: ${why}`)),
    ...(differs.length === 0 ? [] : [`A run would still change on ${oneLine(host)}:`]),
    ...differs.map((line) => oneLine(`- ${line}`)),
  ];
}

/** A name can't end a comment. */
function oneLine(text: string): string {
  return text.replaceAll(/[^\P{Cc}\t]|[\u2028\u2029]/gu, '?');
}
