import type { Problem } from '../../shared/change.js';
import { parseRate } from '../../shared/rate.js';
import { parseSize } from '../../shared/tc-units.js';
import type { Link, Read, Snapshot } from '../../snapshot/model.js';
import { qdiscAt } from '../../snapshot/tc-tree.js';
import { tcClass } from '../class.js';
import { filter } from '../filter.js';
import { ifb } from '../ifb.js';
import { qdisc } from '../qdisc.js';
import { type Expansion, type Intent, type Part, part } from '../resource.js';
import { missingDevice } from '../routing/route-checks.js';
import { findLink } from '../routing/route-wish.js';
import { HANDLE, readClasses, type Side, WHOLE } from '../shaping/classes.js';
import { ifbOf, ifbParts, ingressGone, othersFirst, policeParts, wayIn } from '../shaping/ingress.js';
import { matchesOf, sortsOf } from '../shaping/matches.js';
import { packetOf } from '../shaping/rates.js';
import {
  type ClassParams,
  type IngressParams,
  type ShapeParams,
  shapeSchema,
} from '../shaping/shape-schema.js';
import { ownRoot, type Tree, treeParts } from '../shaping/tree.js';

/** How fast a device may send and be sent to, and who gets how much of it. */
export const shape: Intent<ShapeParams> = {
  name: 'shape',
  plural: 'shapes',
  mapKey: 'dev',
  mapValue: 'egress',
  summary: 'Limits what leaves and comes in by a device, and shares it among classes of packets',
  schema: shapeSchema,
  examples: [
    { shape: { dev: 'eth1', egress: '100mbit', ingress: '20mbit' } },
    {
      shape: {
        dev: 'eth1',
        egress: '100mbit',
        classes: [
          { name: 'voice', rate: '5%', priority: 0, match: { dscp: 'ef' } },
          {
            name: 'web',
            rate: '60mbit',
            match: [
              { protocol: 'tcp', sport: 80 },
              { protocol: 'tcp', sport: 443 },
            ],
          },
          { name: 'backup', rate: '5mbit', ceil: '50mbit', priority: 7, match: { dst: '192.168.9.0/24' } },
        ],
      },
    },
    {
      shape: {
        dev: 'venet0',
        egress: '100mbit',
        classes: [
          { name: 'www', rate: '30mbit', ceil: '50mbit', match: { ve: 101 } },
          { name: 'rest', default: true },
        ],
      },
    },
    { shape: { dev: 'eth1', ingress: { rate: '20mbit', by: 'police' } } },
    { shape: { dev: 'eth1', state: 'absent' } },
  ],
  reads,
  expand,
};

function reads({ dev, classes = [], ingress }: ShapeParams): readonly Read[] {
  const all = [...classes, ...(typeof ingress === 'object' ? (ingress.classes ?? []) : [])];
  const containers = all.flatMap(matchesOf).some(({ ve }) => ve !== undefined);
  return [
    ...ifb.reads({ name: ifbOf(dev) }),
    ...ifb.reads({ name: ifbOf(dev), state: 'absent' }),
    ...[dev, ifbOf(dev)].flatMap((each) => [
      ...qdisc.reads({ dev: each }),
      ...tcClass.reads({ dev: each, classid: WHOLE }),
      ...filter.reads({ dev: each, parent: `${HANDLE}:` }),
    ]),
    ...(containers ? ([{ kind: 'openvz' }] as const) : []),
  ];
}

function expand(params: ShapeParams, snapshot: Snapshot): Expansion {
  const link = findLink(params.dev, snapshot);
  if (link === undefined) return { parts: [], problems: [missingDevice(params.dev, snapshot, ['dev'])] };
  if (params.state === 'absent')
    return { parts: [...egressGone(link.name, snapshot), ...ingressGone(link.name, snapshot)] };
  const problems: Problem[] = ovsProblems(link);
  const warnings: string[] = [];
  const egress = egressParts(params, link, { snapshot, problems, warnings });
  const ingress = ingressParts(params, link, { snapshot, problems, warnings });
  return problems.length > 0 ? { parts: [], problems } : { parts: [...egress, ...ingress], warnings };
}

interface Context {
  snapshot: Snapshot;
  problems: Problem[];
  warnings: string[];
}

/** Open vSwitch makes qdiscs of its own on its ports, and removes others. */
function ovsProblems({ name, master }: Link): Problem[] {
  if (master !== 'ovs-system') return [];
  return [
    {
      message: `${name} is a port of an Open vSwitch bridge, which does its own traffic control there`,
      hint: 'ovs_qos and ovs_rate_limit are for such ports.',
      path: ['dev'],
    },
  ];
}

function egressParts({ egress, burst, classes = [] }: ShapeParams, link: Link, context: Context): Part[] {
  const { snapshot, warnings } = context;
  if (egress === undefined) return egressGone(link.name, snapshot);
  const paths = { rate: ['egress'], burst: ['burst'], classes: ['classes'] };
  const tree = treeOf(sideOf('egress', { rate: egress, burst, classes }, paths), link, context);
  warnings.push(...foreignRoot(link.name, snapshot));
  return treeParts(tree, { dev: link.name, mtu: link.mtu, snapshot });
}

function ingressParts({ ingress }: ShapeParams, link: Link, context: Context): Part[] {
  const { snapshot, problems, warnings } = context;
  if (ingress === undefined) return ingressGone(link.name, snapshot);
  const given: IngressParams = typeof ingress === 'object' ? ingress : { rate: ingress };
  const path = (key: string): string[] => (typeof ingress === 'object' ? ['ingress', key] : ['ingress']);
  const paths = { rate: path('rate'), burst: path('burst'), classes: path('classes') };
  const side = sideOf('ingress', given, paths);
  const way = wayIn(given, snapshot);
  const tree = treeOf(side, link, context);
  warnings.push(...othersFirst(link.name, snapshot));
  if (way === 'police') return policeParts(side, link.name, snapshot);
  if (way === 'ifb') return ifbParts(tree, link.name, link.mtu, snapshot);
  problems.push(way);
  return [];
}

interface Given {
  rate: string | number;
  burst?: string | number | undefined;
  classes?: readonly ClassParams[];
}

function sideOf(name: Side['name'], { rate, burst, classes = [] }: Given, paths: Side['paths']): Side {
  return {
    name,
    rate: parseRate(String(rate)) ?? 0,
    burst: burst === undefined ? undefined : parseSize(String(burst)),
    classes,
    paths,
  };
}

function treeOf(side: Side, { name, mtu }: Link, { snapshot, problems, warnings }: Context): Tree {
  if (side.burst !== undefined && side.burst < packetOf(mtu))
    problems.push({
      message: `burst ${side.burst} bytes is less than one frame of ${name}, ${packetOf(mtu)}: nothing would pass at all`,
      path: side.paths.burst,
    });
  const classes = readClasses(side, problems);
  return { side, classes, sorts: sortsOf({ dev: name, side, snapshot, problems, warnings }) };
}

/** Whoever made it is not asked: the shape owns all of the device's tree. */
function foreignRoot(dev: string, snapshot: Snapshot): string[] {
  const root = snapshot.tc && qdiscAt(snapshot.tc, dev, 'root');
  if (root === undefined || ownRoot(dev, snapshot) !== undefined) return [];
  return [`${dev} has a ${root.kind} of somebody else at its root, which the shape replaces`];
}

function egressGone(dev: string, snapshot: Snapshot): Part[] {
  if (ownRoot(dev, snapshot) === undefined) return [];
  return [part(qdisc, { dev, parent: 'root', handle: `${HANDLE}:`, kind: 'htb', state: 'absent' })];
}
