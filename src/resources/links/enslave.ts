/** Putting a link into a bridge (or bond, or VRF) and taking it out, with `ip` or with old hosts' brctl. */
import type { Change, Problem, Step } from '../../shared/change.js';
import type { Link, Snapshot } from '../../snapshot/model.js';
import { attributeChange, master, setLink } from './attributes.js';

/**
 * The change of a link's master.
 * @param to the new master, null for none.
 * @returns undefined where the link has that master already; a problem where the host has no tool for it.
 */
export function masterChange(
  resource: string,
  link: Link,
  to: string | null,
  snapshot: Snapshot,
): Change | Problem | undefined {
  const change = attributeChange(resource, link, master, to);
  const busy = change === undefined || to === null ? undefined : busyProblem(resource, link, to, snapshot);
  if (busy !== undefined) return busy;
  if (change === undefined || snapshot.tools.linkMaster) return change;
  if (!snapshot.tools.others.includes('brctl')) {
    return {
      message: `this host's ip (${snapshot.tools.iproute2}) knows no master, and there is no brctl`,
      hint: 'Install bridge-utils on the host.',
    };
  }
  return {
    ...change,
    do: moveWithBrctl(link.name, link.master, to),
    undo: moveWithBrctl(link.name, to, link.master),
  };
}

/** Kinds that take all that a device receives, as a bridge does: the kernel lets only one do so (rx_handler). */
const TAKING: ReadonlySet<string> = new Set(['macvlan', 'macvtap', 'ipvlan', 'ipvtap']);

function busyProblem(resource: string, link: Link, to: string, { links }: Snapshot): Problem | undefined {
  if (links.get(to)?.kind === 'vrf') return undefined;
  const upper = [...links.values()].find(
    ({ kind, lower }) => lower === link.name && kind !== null && TAKING.has(kind),
  );
  if (upper === undefined) return undefined;
  return {
    message: `${link.name} can't be a port of ${to} while ${upper.name} (${upper.kind}) is on it`,
    hint: `Put ${upper.name} on ${to}, or remove it.`,
    path: [resource === 'bridge' ? 'ports' : resource === 'tap' ? 'bridge' : 'master'],
  };
}

/** The step that puts a port into a bridge, by what the host has. */
export function enslaveStep(port: string, bridge: string, snapshot: Pick<Snapshot, 'tools'>): Step {
  return snapshot.tools.linkMaster
    ? setLink(port, ['master', bridge])
    : { kind: 'run', argv: ['brctl', 'addif', bridge, port] };
}

/** The steps that move a link from one bridge, or none, to another, by what the host has. */
export function moveSteps(port: string, from: string | null, to: string | null, snapshot: Snapshot): Step[] {
  if (from === to) return [];
  if (!snapshot.tools.linkMaster) return moveWithBrctl(port, from, to);
  return [setLink(port, to === null ? ['nomaster'] : ['master', to])];
}

/** brctl refuses a port that another bridge has, so it is taken out first. */
function moveWithBrctl(port: string, from: string | null, to: string | null): Step[] {
  return [
    ...(from === null ? [] : [{ kind: 'run', argv: ['brctl', 'delif', from, port] } as const]),
    ...(to === null ? [] : [{ kind: 'run', argv: ['brctl', 'addif', to, port] } as const]),
  ];
}
