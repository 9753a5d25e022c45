/** Which of a host's devices Open vSwitch joins, and what decides about packets between them. */
import type { Snapshot } from './model.js';

/** The bridge of Open vSwitch that a device is an interface of. */
function switchOf({ ovs }: Snapshot, dev: string): string | undefined {
  if (ovs === undefined || !ovs.interfaces.has(dev)) return undefined;
  return [...ovs.ports.values()].find(({ interfaces }) => interfaces.includes(dev))?.bridge;
}

/** Whether what comes in by `port`, a device of the host's own, gets to `dev`, which Open vSwitch made. */
export function leadsTo(snapshot: Snapshot, port: string, dev: string): boolean {
  const typeOf = (name: string) => snapshot.ovs?.interfaces.get(name)?.columns.type;
  const own = switchOf(snapshot, dev);
  return (
    own !== undefined &&
    typeOf(dev) === 'internal' &&
    ['', 'system'].includes(String(typeOf(port))) &&
    switchOf(snapshot, port) === own
  );
}

/** All of Open vSwitch that a packet through these devices meets, as a text that differs where any of it does. */
export function passedBy(snapshot: Snapshot, devs: ReadonlySet<string>): string {
  const { ovs } = snapshot;
  if (ovs === undefined) return '';
  const bridges = new Set([...devs].flatMap((dev) => switchOf(snapshot, dev) ?? []));
  const ports = [...ovs.ports].filter(([, { interfaces }]) => interfaces.some((name) => devs.has(name)));
  const settings = [...devs].map((dev) => {
    const row = ovs.interfaces.get(dev);
    return row && { ...row.columns, external_ids: {} };
  });
  return JSON.stringify([
    [...bridges].map((name) => ({ ...ovs.bridges.get(name)?.columns, external_ids: {} })),
    ports.map(([name, { bridge, columns }]) => [
      name,
      bridge,
      { ...columns, external_ids: {} },
      ovs.qos.get(name),
    ]),
    settings,
    [...ovs.flows.values()].filter(({ bridge }) => bridges.has(bridge)),
  ]);
}
