/** A rule has no device, but whoever keeps it may need one to keep it with. */
import { prefixContains } from '../shared/addr.js';
import type { Rule, Snapshot } from '../snapshot/model.js';

/** Devices that a rule is about, the nearest first: those it names, those with its address, those its table leads to. */
export function ruleDevices(
  { family, iif, oif, from, table }: Rule,
  { addresses, routes }: Snapshot,
): string[] {
  const holders = addresses.filter(
    (address) => from !== null && address.family === family && prefixContains(from, address.local),
  );
  const led = routes.filter((route) => route.family === family && route.table === table);
  const devices = [
    iif,
    oif,
    ...holders.map(({ dev }) => dev),
    ...led.flatMap(({ nexthops }) => nexthops.map(({ dev }) => dev)),
  ];
  return [...new Set(devices.filter((dev) => dev !== null))];
}
