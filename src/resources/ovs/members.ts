/** The interfaces of a bond: they come and go while the bond stays. */
import { isDeepStrictEqual } from 'node:util';
import type { Change } from '../../shared/change.js';
import type { Effect } from '../../snapshot/effects.js';
import type { Snapshot } from '../../snapshot/model.js';
import type { Ovs, OvsInterface, OvsPort } from '../../snapshot/ovs.js';
import { newInterface } from './bridge-rows.js';
import { createWords, ovsSteps } from './columns.js';
import { enslaved, isSystem, NOT_YET, released } from './state.js';

/** @returns undefined where the bond has those already */
export function membersChange(
  name: string,
  current: OvsPort,
  members: readonly string[],
  { links }: Snapshot,
  ovs: Ovs,
): Change | undefined {
  if (isDeepStrictEqual([...current.interfaces].sort(), members)) return undefined;
  const come = members.filter((member) => !current.interfaces.includes(member));
  const gone = current.interfaces.filter((member) => !members.includes(member));
  const bridge = ovs.bridges.get(current.bridge);
  const value = (member: string): OvsInterface =>
    ovs.interfaces.get(member) ?? { columns: newInterface(''), error: null, ofport: NOT_YET };
  const link = (member: string, joins: boolean): Effect[] => {
    const found = links.get(member);
    if (found === undefined || bridge === undefined || !isSystem(value(member))) return [];
    return [{ kind: 'link', set: joins ? enslaved(found, bridge) : released(found) }];
  };
  return {
    resource: 'ovs_port',
    address: `ovs_port ${name} interfaces`,
    action: 'update',
    before: current.interfaces.join(','),
    after: members.join(','),
    // Those that come are first: a port without an interface is none.
    do: ovsSteps([
      ...come.map((member) => join(name, member, value(member))),
      ...gone.map((member) => leave(name, member)),
    ]),
    undo: ovsSteps([
      ...gone.map((member) => join(name, member, value(member))),
      ...come.map((member) => leave(name, member)),
    ]),
    effects: [
      { kind: 'ovs', part: 'ports', name, value: { ...current, interfaces: members } },
      ...come.map(
        (member): Effect => ({ kind: 'ovs', part: 'interfaces', name: member, value: value(member) }),
      ),
      ...gone.map((member): Effect => ({ kind: 'ovs', part: 'interfaces', name: member, value: null })),
      ...come.flatMap((member) => link(member, true)),
      ...gone.flatMap((member) => link(member, false)),
    ],
  };
}

function join(port: string, member: string, { columns }: OvsInterface): string[] {
  const row = `@member_${member.replace(/[^A-Za-z0-9_]/g, '-')}`;
  const words = [`name=${JSON.stringify(member)}`, ...createWords('Interface', columns)];
  return [`--id=${row}`, 'create', 'Interface', ...words, '--', 'add', 'Port', port, 'interfaces', row];
}

/** The row itself goes with the last that refers to it. */
function leave(port: string, member: string): string[] {
  const row = `@member_${member.replace(/[^A-Za-z0-9_]/g, '-')}`;
  return [`--id=${row}`, 'get', 'Interface', member, '--', 'remove', 'Port', port, 'interfaces', row];
}
