/** A port's QoS with its queues: rows of their own, which nobody removes but who made them. */
import type { Step } from '../../shared/change.js';
import { OVS_MARK, type Ovs, type OvsEffect, type OvsQos, type OvsQueue } from '../../snapshot/ovs.js';
import { createWords, ovsSteps, setCommands, word } from './columns.js';

type Command = readonly string[];

/** Who a row was made for; tells a stray of ours from anybody else's. */
export function qosMark(port: string): string {
  return port;
}

export function queueMark(port: string, id: string): string {
  return `${port}/${id}`;
}

/** A name for a new row within its transaction. */
function symbol(port: string, id = ''): string {
  const safe = port.replace(/[^A-Za-z0-9_]/g, (letter) => `-${letter.charCodeAt(0).toString(16)}-`);
  return `@qos_${safe}_${id}`;
}

/** The commands that give a port a QoS of its own, with new rows. */
export function createQos(port: string, { columns, queues }: Pick<OvsQos, 'columns' | 'queues'>): Command[] {
  const ids = Object.keys(queues);
  const words = [
    ...['set', 'Port', port, `qos=${symbol(port)}`],
    ...['--', `--id=${symbol(port)}`, 'create', 'QoS', ...createWords('QoS', columns)],
    ...ids.map((id) => `queues:${id}=${symbol(port, id)}`),
    ...ids.flatMap((id) => ['--', ...newQueue(port, id, queues[id])]),
  ];
  return [words];
}

function newQueue(port: string, id: string, queue: OvsQueue | undefined): Command {
  return [`--id=${symbol(port, id)}`, 'create', 'Queue', ...createWords('Queue', queue?.columns ?? {})];
}

function attachQueue(port: string, id: string, queue: OvsQueue): string[] {
  if (queue.shared && queue.uuid !== null) return ['set', 'QoS', port, `queues:${id}=${queue.uuid}`];
  return ['set', 'QoS', port, `queues:${id}=${symbol(port, id)}`, '--', ...newQueue(port, id, queue)];
}

/** Commands, and the marks of the rows among what is there that go with them: their UUIDs are known on the host alone. */
export interface QosCommands {
  commands: readonly Command[];
  /** Conditions for `ovs-vsctl find`, each with its table before it. */
  finds: readonly string[];
}

/**
 * What makes a port's QoS out of another one in place. A queue that another QoS has as well is left to that one.
 * @param before with UUIDs, unless it is what the same play made
 */
export function changeQos(port: string, before: OvsQos, after: OvsQos): QosCommands {
  const commands = setCommands('QoS', port, before.columns, after.columns);
  const finds: string[] = [];
  for (const [id, queue] of Object.entries(after.queues)) {
    const old = before.queues[id];
    if (old === undefined || old.shared !== queue.shared) commands.push(attachQueue(port, id, queue));
    else if (old.uuid !== null) commands.push(...setCommands('Queue', old.uuid, old.columns, queue.columns));
  }
  for (const [id, { uuid, shared }] of Object.entries(before.queues)) {
    const stays = after.queues[id] !== undefined && after.queues[id].shared === shared;
    if (stays) continue;
    if (after.queues[id] === undefined) commands.push(['--if-exists', 'remove', 'QoS', port, 'queues', id]);
    if (uuid === null) finds.push(findWords('Queue', queueMark(port, id)));
    else if (!shared) commands.push(['--if-exists', 'destroy', 'Queue', uuid]);
  }
  return { commands, finds };
}

/** What takes a port's QoS away, with the rows that nobody else refers to. */
export function destroyQos(port: string, qos: OvsQos): QosCommands {
  const commands: Command[] = [['--if-exists', 'clear', 'Port', port, 'qos']];
  const finds: string[] = [];
  if (qos.sharedWith.length > 0) return { commands, finds };
  const drop = (table: 'QoS' | 'Queue', uuid: string | null, mark: string): void => {
    if (uuid === null) finds.push(findWords(table, mark));
    else commands.push(['--if-exists', 'destroy', table, uuid]);
  };
  drop('QoS', qos.uuid, qosMark(port));
  for (const [id, { uuid, shared }] of Object.entries(qos.queues))
    if (!shared) drop('Queue', uuid, queueMark(port, id));
  return { commands, finds };
}

function findWords(table: 'QoS' | 'Queue', mark: string): string {
  return `${table} external_ids:${OVS_MARK}=${word(mark)}`;
}

/** The QoS of a port that is gone, as its undo brings it back: a row that others have as well is still there. */
export function restoreQos(port: string, qos: OvsQos): Command[] {
  return qos.sharedWith.length > 0 && qos.uuid !== null
    ? [['set', 'Port', port, `qos=${qos.uuid}`]]
    : createQos(port, qos);
}

/** Runs the commands of its arguments in one transaction, together with the removal of the rows that it finds. */
const FIND_SCRIPT = `finds=$1
shift
while read -r table condition; do
  for id in $(ovs-vsctl --timeout=10 --bare --no-headings --columns=_uuid find "$table" "$condition"); do
    set -- "$@" -- --if-exists destroy "$table" "$id"
  done
done <<END
$finds
END
exec ovs-vsctl --timeout=10 -- "$@"`;

export function qosSteps({ commands, finds }: QosCommands): Step[] {
  if (finds.length === 0) return ovsSteps(commands);
  const joined = commands.flatMap((command, index) => (index === 0 ? command : ['--', ...command]));
  return [{ kind: 'run', argv: ['sh', '-c', FIND_SCRIPT, 'netplay', finds.join('\n'), ...joined] }];
}

/** What becomes of the QoS of ports that go. */
export function dropQos(
  ports: readonly string[],
  ovs: Ovs,
): { do: Command[]; undo: Command[]; effects: OvsEffect[] } {
  const found = ports.flatMap((port) => {
    const qos = ovs.qos.get(port);
    return qos === undefined ? [] : [{ port, qos }];
  });
  return {
    do: found.flatMap(({ port, qos }) => destroyQos(port, qos).commands),
    undo: found.flatMap(({ port, qos }) => restoreQos(port, qos)),
    effects: found.map(({ port }) => ({ kind: 'ovs', part: 'qos', name: port, value: null })),
  };
}
