/** Bonds with their ports. */
import { BOND_OPTION_NAMES, type BondOption, newBond } from '../resources/links/bond-options.js';
import { bondSchema } from '../resources/links/bond-schema.js';
import { isMap } from '../shared/is-map.js';
import { type BondSettings, bondFields, bondSettings } from '../snapshot/bond.js';
import type { Link } from '../snapshot/model.js';
import { furtherItems, ownMac, plainParams } from './link-settings.js';
import { masterOf } from './master.js';
import type { Making } from './order.js';
import { given, inNameOrder, isCaptured, type Params, type Reading, unless } from './reading.js';

export function bondMaking(link: Link, reading: Reading): Making {
  const { links } = reading.snapshot;
  const members = inNameOrder(links.values()).filter(
    (port) => port.master === link.name && isCaptured(reading, port.name),
  );
  const ports = members.map(({ name }) => name);
  for (const port of members)
    if ('queue' in bondFields(port))
      reading.leaveOut(`queue_id of ${port.name}`, 'bond has no parameter for it');
  const settings = bondSettings(link) ?? {};
  const above = links.get(masterOf(link, reading) ?? '');
  // A bridge names a bond among its ports.
  const master = above?.kind === 'bridge' ? undefined : above?.name;
  return {
    makes: [link.name],
    needs: [...ports, ...(master === undefined ? [] : [master])],
    items: [
      {
        resource: 'bond',
        params: given({
          name: link.name,
          mode: settings.mode,
          ...optionParams(settings),
          primary: settings.primary,
          ports: ports.length === 0 ? undefined : ports,
          mac: ownMac(link),
          mtu: unless(link.mtu, 1500),
          up: unless(link.flags.includes('UP'), true),
        }),
      },
      ...furtherItems(link, reading, { ...plainParams(link), master }),
    ],
  };
}

function optionParams(settings: BondSettings): Params {
  const usual = newBond(settings.mode ?? '');
  return Object.fromEntries(
    BOND_OPTION_NAMES.flatMap((name): [string, unknown][] => {
      const value = settings[name];
      if (name === 'mode' || value === undefined || value === usual[name]) return [];
      return [[name, paramOf(name, value)]];
    }),
  );
}

function paramOf(name: BondOption, value: string): unknown {
  const properties = bondSchema.properties;
  const schema = isMap(properties) ? properties[name] : undefined;
  const types = isMap(schema) ? [schema.type].flat() : [];
  if (types.includes('array')) return value.split(',');
  if (types.includes('boolean')) return value === '1' || value === 'on';
  return types.includes('integer') ? Number(value) : value;
}
