import type { Family } from '../shared/addr.js';
import type { Problem, Step } from '../shared/change.js';
import type { Effect } from '../snapshot/effects.js';
import { settingsOf } from '../snapshot/kinds/kinds.js';
import type { Rule } from '../snapshot/model.js';
import type { Besides, Wish } from './links/virtual/kind.js';
import { virtualLink } from './links/virtual/plan.js';
import { PROTOCOL, resolveTable } from './routing/names.js';

/** Where the kernel puts the rule that leads a VRF's packets to its table (drivers/net/vrf.c). */
const PRIORITY = 1000;

/** The kernel adds the rule with the first VRF ever of a namespace, and never again: where it is missing, it is added. */
const ENSURE = 'ip "$1" rule show | grep -q l3mdev || ip "$1" rule add l3mdev pref 1000 ${2:+protocol "$2"}';

function ruleOf(family: Family): Rule {
  return {
    family,
    priority: PRIORITY,
    not: false,
    ...{ from: null, to: null, iif: null, oif: null, iifDetached: false, oifDetached: false },
    ...{ fwmark: null, fwmask: 0xffff_ffff, tos: 0, ipproto: null, sport: null, dport: null },
    ...{ uidrange: null, tunId: null, l3mdev: true, action: 'lookup', table: null, goto: null },
    ...{ suppressPrefixlength: null, suppressIfgroup: null, realms: null, protocol: PROTOCOL.kernel },
  };
}

function besides({ snapshot }: Wish): Besides {
  const families = ([4, 6] as const).filter((family) => {
    const rules = snapshot.rules.filter((rule) => rule.family === family);
    return rules.length > 0 && !rules.some((rule) => rule.l3mdev);
  });
  const protocol = snapshot.tools.ruleProtocol ? [String(PROTOCOL.kernel)] : [];
  return {
    do: families.map(
      (family): Step => ({
        kind: 'run',
        argv: ['sh', '-c', ENSURE, 'l3mdev-rule', `-${family}`, ...protocol],
      }),
    ),
    undo: families.map(
      (family): Step => ({ kind: 'ip', family, args: ['rule', 'del', 'l3mdev', 'pref', String(PRIORITY)] }),
    ),
    effects: families.map((family): Effect => ({ kind: 'rule', set: ruleOf(family) })),
  };
}

function check({ params, wanted, current, snapshot }: Wish): Problem[] {
  const { master } = params;
  const above = snapshot.links.get(master ?? '');
  const twin = [...snapshot.links.values()].find(
    (link) => link.kind === 'vrf' && link.name !== params.name && settingsOf(link).table === wanted.table,
  );
  return [
    ...(above === undefined ? [] : [{ message: `a VRF can't be a port of ${above.name}`, path: ['master'] }]),
    ...(twin === undefined || (current !== undefined && settingsOf(current).table === wanted.table)
      ? []
      : [{ message: `table ${wanted.table} is that of ${twin.name} already`, path: ['table'] }]),
  ];
}

/** A routing domain. */
export const vrf = virtualLink({
  name: 'vrf',
  plural: 'vrfs',
  called: 'a VRF',
  summary: 'A VRF: a routing table that the devices in it have to themselves.',
  ethernet: true,
  required: ['table'],
  properties: {
    table: {
      type: ['string', 'integer'],
      format: 'table',
      minimum: 1,
      maximum: 4_294_967_295,
      description:
        'Its routing table, by name or number. A change makes the VRF anew. Devices join it by their `master`.',
      examples: ['blue', 100],
    },
  },
  examples: [
    { vrf: { name: 'blue', table: 100 } },
    { vrf: { name: 'red', table: 'red', alias: 'customers' } },
    { vrf: { name: 'blue', state: 'absent' } },
  ],
  fresh: () => ({ flags: ['NOARP', 'MASTER'], mtu: 65_575, broadcast: 'ff:ff:ff:ff:ff:ff' }),
  reads: () => [
    { kind: 'rules', family: 4 },
    { kind: 'rules', family: 6 },
  ],
  named({ table }, snapshot, problems) {
    if (table === undefined) return {};
    return { table: resolveTable(table as string | number, snapshot.names, problems) };
  },
  check,
  besides,
});
