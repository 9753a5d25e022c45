/** Flows of Open vSwitch that somebody set, of bridges without a controller. */
import { OWN_COOKIE } from '../resources/ovs_flow.js';
import type { Ovs, OvsFlow } from '../snapshot/ovs.js';
import { type Captured, given, type Params, type Reading, unless } from './reading.js';

/** linux's and OpenFlow's own where none is given. */
const DEFAULT_PRIORITY = 32_768;

export function flowItems(bridge: string, ovs: Ovs, reading: Reading): Captured[] {
  const own = [...ovs.flows.values()].filter((flow) => flow.bridge === bridge);
  if (own.length > 0 && (ovs.bridges.get(bridge)?.controllers.length ?? 0) > 0) {
    reading.leaveOut(`${own.length} flows of ${bridge}`, 'its controller sets them');
    return [];
  }
  if (ovs.bridges.get(bridge)?.columns.fail_mode !== 'secure' && !own.some(isUsual))
    reading.leaveOut(`${bridge} has no flow that makes it a plain switch`, 'a new bridge has one');
  return own
    .filter((flow) => !isUsual(flow))
    .flatMap((flow): Captured[] => {
      if (flow.other.length === 0) return [{ resource: 'ovs_flow', params: paramsOf(flow) }];
      reading.leaveOut(
        `flow ${flow.match || 'for all'} of ${bridge}`,
        `netplay has no parameter for ${flow.other.join(' ')}`,
      );
      return [];
    });
}

/** A new bridge is a switch by one flow. */
function isUsual({ table, priority, match, actions, cookie }: OvsFlow): boolean {
  return table === 0 && priority === 0 && match === '' && actions === 'NORMAL' && Number(cookie) === 0;
}

function paramsOf({ bridge, table, priority, match, actions, cookie }: OvsFlow): Params {
  return given({
    bridge,
    table: unless(table, 0),
    priority: unless(priority, DEFAULT_PRIORITY),
    match: match === '' ? undefined : match,
    actions,
    cookie: cookie === OWN_COOKIE || Number(cookie) === 0 ? undefined : cookie,
  });
}
