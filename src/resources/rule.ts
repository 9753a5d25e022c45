import type { Change, Problem } from '../shared/change.js';
import type { Kept } from '../snapshot/kept.js';
import type { Rule, Snapshot } from '../snapshot/model.js';
import { freePriority, rulesLike } from '../snapshot/rule-index.js';
import { applyEffects } from '../snapshot/simulate.js';
import { ipv6Problem, ipv6Reads } from './links/ipv6-switch.js';
import type { PlanResult, Resource } from './resource.js';
import { absentTable, PROTOCOL, protocolName } from './routing/names.js';
import { protocolReads, protocolRegistration } from './routing/ownership.js';
import { isKernelRule, meantBy, twinsOf } from './routing/rule-match.js';
import { ruleSchema } from './routing/rule-schema.js';
import { addedRule, movedRule, removedRules } from './routing/rule-steps.js';
import { showRule } from './routing/rule-text.js';
import {
  type RuleParams,
  type RuleWish,
  readRules,
  ruleFamilies,
  SELECTORS,
  wishedProtocol,
} from './routing/rule-wish.js';

/** Where priorities begin that netplay chooses: nmstate's base, below the kernel's main rule. */
const FIRST_PRIORITY = 30_000;
const MAIN_PRIORITY = 32_766;

/** Policy rules of both families, identified by their whole selector, action and priority. */
export const rule: Resource<RuleParams> = {
  name: 'rule',
  plural: 'rules',
  mapKey: 'from',
  mapValue: 'table',
  summary: 'A policy rule: which packets look up which table',
  schema: ruleSchema,
  examples: [
    { rule: { from: '192.168.1.1', table: 'local100', priority: 100 } },
    { rule: { fwmark: '0x1/0xff', iif: 'eth0', table: 100 } },
    { rule: { ipproto: 'tcp', dport: ['80', '8000-8080'], table: 100, family: 'both' } },
    { rule: { table: 'main', suppress_prefixlength: 0, priority: 90 } },
    { rule: { from: '10.0.0.0/8', action: 'prohibit' } },
    { rule: { from: '192.168.1.1', state: 'absent' } },
  ],
  reads: (params) => [
    { kind: 'links' },
    ...ruleFamilies(params).map((family) => ({ kind: 'rules', family }) as const),
    ...(ruleFamilies(params).includes(6) ? ipv6Reads : []),
    ...protocolReads,
  ],
  plan,
  settle,
  kept,
  settlesChanges: true,
};

function plan(params: RuleParams, snapshot: Snapshot): PlanResult {
  const nowhere = params.state === 'absent' ? absentTable(params.table, snapshot.names) : undefined;
  if (nowhere !== undefined) return { changes: [], warnings: [nowhere] };
  const problems: Problem[] = [];
  const wishes = readRules(params, snapshot, problems);
  const protocol = wishedProtocol(params, snapshot, problems);
  const off = ruleFamilies(params).includes(6) ? ipv6Problem(undefined, snapshot, ['family']) : undefined;
  if (off !== undefined && params.state !== 'absent') problems.push(off);
  if (problems.length > 0) return { changes: [], problems };
  return params.state === 'absent'
    ? planAbsent(params, wishes, protocol, snapshot)
    : planPresent(params, wishes, protocol, snapshot);
}

function kept(params: RuleParams, snapshot: Snapshot): readonly Kept[] {
  return readRules(params, snapshot, []).flatMap((wish): Kept[] => {
    const item = twinsOf(wish, snapshot).find(
      (twin) => params.priority === undefined || twin.priority === params.priority,
    );
    return item === undefined || isKernelRule(item) ? [] : [{ kind: 'rule', item }];
  });
}

/** Two tasks of one play that contradict each other would undo each other in every run. */
function settle(params: RuleParams, _declared: unknown, snapshot: Snapshot): PlanResult {
  if (params.state === 'absent') return { changes: [] };
  const [first] = plan(params, snapshot).changes.filter(
    (change) => change.resource === 'rule' && change.address !== 'rt_proto netplay',
  );
  if (first === undefined) return { changes: [] };
  return {
    changes: [],
    problems: [
      {
        message: `a later task of this play undoes this one: ${first.address}`,
        hint: 'The same selector and table can have one priority only, and be present or absent.',
      },
    ],
  };
}

function planPresent(
  params: RuleParams,
  wishes: readonly RuleWish[],
  protocol: number | undefined,
  snapshot: Snapshot,
): PlanResult {
  const changes: Change[] = [];
  const warnings = new Set<string>();
  let state = snapshot;
  for (const [index, wish] of wishes.entries()) {
    const twins = twinsOf(wish, state);
    const priority = params.priority ?? twins[0]?.priority ?? ownPriority(wish, state);
    const problem = priorityProblem(priority, wish);
    if (priority === undefined || problem !== undefined)
      return { changes: [], problems: problem === undefined ? [] : [problem] };
    const change = planWish(wish, priority, params, protocol, twins, state, warnings) ?? [];
    changes.push(...change);
    // Rules of two families have nothing to do with each other.
    if (wishes[index + 1]?.family === wish.family)
      state = applyEffects(
        state,
        change.flatMap((one) => one.effects),
      );
  }
  for (const wish of wishes) for (const warning of deadness(wish, params, snapshot)) warnings.add(warning);
  const marks = changes.some((change) =>
    change.effects.some(
      (effect) => effect.kind === 'rule' && 'set' in effect && effect.set.protocol === PROTOCOL.netplay,
    ),
  );
  const registration = marks ? protocolRegistration('rule', snapshot) : [];
  return { changes: [...registration, ...changes], warnings: [...warnings] };
}

/** One rule: there already, made, or moved from where netplay had put it before. */
function planWish(
  wish: RuleWish,
  priority: number,
  params: RuleParams,
  protocol: number | undefined,
  twins: readonly Rule[],
  snapshot: Snapshot,
  warnings: Set<string>,
): readonly Change[] | undefined {
  const { tools, names } = snapshot;
  const here = twins.filter((twin) => twin.priority === priority);
  const there = here.some((twin) => protocol === undefined || twin.protocol === protocol);
  const others =
    params.priority === undefined
      ? []
      : twins.filter((twin) => twin.priority !== priority && !isKernelRule(twin));
  const stale = others.filter((twin) => twin.protocol === PROTOCOL.netplay);
  for (const twin of others.filter((entry) => !stale.includes(entry))) {
    const maker =
      twin.protocol === null || twin.protocol === 0 ? '' : ` by ${protocolName(twin.protocol, names)}`;
    warnings.add(
      `the same rule is at priority ${twin.priority} too, made${maker || ' by hand'}; it was left there`,
    );
  }
  // Another maker at the same place is changed only where the task names one.
  const relabelled = there ? [] : here;
  if (there) return removedRules(stale, snapshot);
  const wanted: Rule = {
    ...wish,
    priority,
    protocol: tools.ruleProtocol ? (protocol ?? PROTOCOL.netplay) : null,
    iifDetached: wish.iif !== null && !snapshot.links.has(wish.iif),
    oifDetached: wish.oif !== null && !snapshot.links.has(wish.oif),
  };
  const gone = [...stale, ...relabelled];
  return gone.length === 0 ? [addedRule(wanted, snapshot)] : [movedRule(wanted, gone, snapshot)];
}

/** Why a rule can't stand at this priority; undefined is none that is free. */
function priorityProblem(priority: number | undefined, { goto }: RuleWish): Problem | undefined {
  if (priority === undefined)
    return {
      message: `no priority from ${FIRST_PRIORITY} to ${MAIN_PRIORITY - 1} is free`,
      path: ['priority'],
    };
  if (goto === null || goto > priority) return undefined;
  return {
    message: `goto ${goto} leads back: the rule would have priority ${priority}`,
    hint: `Give it a priority below ${goto}.`,
    path: ['goto'],
  };
}

/** The smallest priority from 30000 on that no rule of the family has, below the kernel's main rule. */
function ownPriority({ family }: RuleWish, { rules }: Snapshot): number | undefined {
  const priority = freePriority(rules, family, FIRST_PRIORITY);
  return priority < MAIN_PRIORITY ? priority : undefined;
}

/** Why a rule that is there does nothing, or does too much. */
function deadness(wish: RuleWish, params: RuleParams, snapshot: Snapshot): string[] {
  const missing = [wish.iif, wish.oif].filter((dev) => dev !== null && !snapshot.links.has(dev));
  const target = wish.goto;
  const lost =
    target !== null && rulesLike(snapshot.rules, { family: wish.family, priority: target }).length === 0;
  const drops = wish.action === 'blackhole' || wish.action === 'unreachable' || wish.action === 'prohibit';
  const unnarrowed = !SELECTORS.some((name) => params[name] != null && params[name] !== false);
  return [
    ...missing.map((dev) => `the rule is there but dead: no device ${dev}`),
    ...(lost ? [`the rule is there but dead: no rule has priority ${target}`] : []),
    ...(drops && unnarrowed ? [`${wish.action} without a selector holds for every packet of this host`] : []),
  ];
}

function planAbsent(
  params: RuleParams,
  wishes: readonly RuleWish[],
  protocol: number | undefined,
  snapshot: Snapshot,
): PlanResult {
  const named = params.priority !== undefined || SELECTORS.some((name) => params[name] !== undefined);
  if (!named)
    return {
      changes: [],
      problems: [
        {
          message: "absent without a selector or a priority would remove strangers' rules",
          hint: 'Give at least one of from, to, iif, oif, fwmark, … or priority.',
          path: ['state'],
        },
      ],
    };
  const meant = [...new Set(wishes.flatMap((wish) => meantBy(wish, params, snapshot)))].filter(
    (entry) => protocol === undefined || entry.protocol === protocol,
  );
  const doomed = meant.filter((entry) => !isKernelRule(entry));
  const kept = meant.filter((entry) => isKernelRule(entry)).map((entry) => showRule(entry, snapshot.names));
  return {
    changes: removedRules(doomed, snapshot),
    warnings: kept.map((shown) => `the kernel's own rule stays: ${shown}`),
  };
}
