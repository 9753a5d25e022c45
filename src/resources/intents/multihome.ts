import type { Problem } from '../../shared/change.js';
import type { Read, Snapshot } from '../../snapshot/model.js';
import { address } from '../address.js';
import type { Expansion, Intent } from '../resource.js';
import { route } from '../route.js';
import { rtTable } from '../rt_table.js';
import { rule } from '../rule.js';
import { mainDefault } from './main-default.js';
import { multihomeSchema } from './multihome-schema.js';
import { staleParts } from './stale.js';
import { type MultihomeParams, readUplinks } from './uplink.js';
import { absentRules, absentTables, presentParts } from './uplink-parts.js';
import { arpParts, filterParts, settingReads, settingsBack } from './uplink-settings.js';

/** Several ways out: what comes from an uplink's address leaves by that uplink. */
export const multihome: Intent<MultihomeParams> = {
  name: 'multihome',
  plural: 'multihomes',
  mapKey: 'name',
  mapValue: 'uplinks',
  summary: 'Several uplinks, each with its address: replies leave by the uplink that was asked',
  schema: multihomeSchema,
  examples: [
    {
      multihome: {
        name: 'providers',
        uplinks: [
          { dev: 'eth0', address: '172.16.1.162/24', gateway: '172.16.1.1', table: 102, name: 'wt' },
          { dev: 'eth1', address: '192.168.1.162/24', gateway: '192.168.1.1', table: 101, name: 'dx' },
        ],
      },
    },
    {
      multihome: {
        uplinks: [
          { dev: 'eth0', address: '2001:db8:1::2/64', gateway: 'fe80::1', table: 102, weight: 3 },
          { dev: 'eth1', address: '2001:db8:2::2/64', gateway: 'fe80::1', table: 101, weight: 1 },
        ],
      },
    },
    {
      multihome: {
        uplinks: [{ dev: 'eth1', address: '192.168.1.162/24', gateway: '192.168.1.1', table: 101 }],
        state: 'absent',
      },
    },
  ],
  reads,
  expand,
};

function expand(params: MultihomeParams, snapshot: Snapshot): Expansion {
  const problems: Problem[] = [];
  const uplinks = readUplinks(params, snapshot, problems);
  if (problems.length > 0) return { parts: [], problems };
  const managed = params.manage_addresses ?? false;
  const stale = staleParts(uplinks, snapshot);
  if (params.state === 'absent') {
    const { parts, warnings } = mainDefault(uplinks, snapshot, true);
    const tables = absentTables(uplinks, managed);
    const back = settingsBack(uplinks, snapshot);
    return { parts: [...absentRules(uplinks), ...parts, ...stale, ...tables, ...back], warnings };
  }
  const { parts, warnings } = mainDefault(uplinks, snapshot, false);
  const routing = [...presentParts(uplinks, managed), ...parts, ...stale];
  const settings = [...arpParts(uplinks, snapshot), ...filterParts(uplinks, routing, snapshot)];
  return { parts: [...routing, ...settings], warnings };
}

/** Whatever the parts may be, for each family that an uplink has. */
function reads({ uplinks }: MultihomeParams): readonly Read[] {
  const texts = uplinks.map((uplink) => uplink.address);
  return [
    ...rtTable.reads({ name: 'any' }),
    ...texts.flatMap((text) => address.reads({ dev: 'any', address: text })),
    ...texts.flatMap((text) => rule.reads({ from: text })),
    ...uplinks.flatMap(({ gateway }) => route.reads({ dst: 'default', via: gateway })),
    ...settingReads(uplinks.map(({ dev }) => dev)),
  ];
}
