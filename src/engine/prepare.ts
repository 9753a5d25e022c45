/** Everything that can be found out without a host: who takes part, and what is to be done on each. */
import type { FactCache } from '../facts/index.js';
import type { LoadedInventory, Vars } from '../inventory/model.js';
import { selectHosts } from '../inventory/patterns.js';
import type { PersistMode } from '../persist/mode.js';
import type { Keywords, Play, Playbook, ResourceTask, Task } from '../playbook/model.js';
import type { BatchSize } from '../playbook/serial.js';
import type { Probe } from '../probes/probe.js';
import type { AnyKind } from '../resources/resource.js';
import { NetplayError, throwAll } from '../shared/errors.js';
import type { Place } from '../shared/place.js';
import type { Vault } from '../shared/vaulted.js';
import type { Templates } from '../template/model.js';
import type { VarScope } from '../template/scope.js';
import type { Target, Transport } from '../transport/session.js';
import type { TargetDefaults } from '../transport/target.js';
import { serialOf } from './batches.js';
import {
  type ExpandContext,
  type ExpandedTask,
  expandTask,
  flagOf,
  isStatic,
  persistVariable,
} from './expand.js';
import { checkFlow } from './flow/check.js';
import type { Dialog } from './flow/debugger.js';
import { Names } from './flow/names.js';
import { detailsOf, foldErrors, ofHost, placed } from './host-errors.js';
import { inOrder } from './host-order.js';
import { isPlain, tasksIn } from './plain.js';
import { patternOf } from './play-heading.js';
import { playVarsOf, promptedOf } from './play-vars.js';
import { expandProbes, expandVerify, noted, type VerifyCheck } from './probes.js';
import { recallFacts } from './recall-facts.js';
import { RunState } from './run-state.js';
import { Scopes } from './scopes.js';
import { saysOwnWay, targetFor } from './target-for.js';

export interface RunOptions {
  inventory: LoadedInventory;
  playbook: Playbook;
  registry: readonly AnyKind[];
  templates: Templates;
  transport: Transport;
  /** Host pattern that narrows every play's hosts. */
  limit?: string;
  /** Whether patterns may match nothing, and no host be left: default false. */
  allowEmpty?: boolean;
  /** Hosts at once. */
  forks: number;
  extraVars: Vars;
  check: boolean;
  diff: boolean;
  /** Exit with 3 where a check finds changes. */
  exitCode: boolean;
  /** How network state survives a reboot where neither a play nor a host says; default off. */
  persist?: PersistMode;
  /** Refuse a host's plan where it touches the way that the session itself uses; default false. */
  protectSession?: boolean;
  target: TargetDefaults;
  /** Names this run on its hosts: sorts by time. */
  run: string;
  /** Who makes the changes, and from which machine. */
  by: string;
  from: string;
  /** Seconds that a host waits until it undoes what nobody confirmed; null: nothing is on trial. */
  confirmTimeout: number | null;
  /** Asks a person whether changes that are on trial shall stay; undefined: they stay if they work. */
  decide?: (signal: AbortSignal) => Promise<'keep' | 'undo' | 'leave'>;
  /** No other hosts than these, where a run is resumed. */
  only?: ReadonlySet<string>;
  /** Seconds that an action may take whose task has no `timeout`; 0 and left out: as long as it takes. */
  taskTimeout?: number;
  /** Seconds to wait for a host that another run has. */
  lockTimeout: number;
  /** Variables that say how this run was called: `ansible_forks` and its like. */
  magic: Vars;
  /** How much is told, from 0: as many as there are `v` in `-vvv`. */
  verbosity: number;
  /** Whether --tags and its like leave a task in the run; all of them where it is left out. */
  selects?: (task: Task) => boolean;
  /** Facts of runs before. */
  factCache?: FactCache;
  /** Whether those stand for new ones: `gathering: smart`. */
  smartGathering?: boolean;
  /** Who answers where a task's `debugger` asks; without it none is opened. */
  dialog?: Dialog;
  /** Asks before each task whether it shall be done. */
  confirmTask?: (name: string) => Promise<boolean>;
  /** Asks the person at the terminal. @param echo whether what is typed is shown */
  ask?: (prompt: string, echo: boolean) => Promise<string>;
  /** What of a value must not be shown: texts that were encrypted, and passwords. */
  secretsIn?: (value: unknown) => string[];
  /** Opens what is encrypted; without it that is an error when it is used. */
  vault?: Vault;
  /** Starts no further host, and applies nothing more, once aborted. */
  signal: AbortSignal;
}

/** A play with its hosts, and for each host what is to be done and how to get there. */
export interface PreparedPlay {
  play: Play;
  hosts: readonly string[];
  /** By host; none where what is to be done is found out task by task. */
  tasks: ReadonlyMap<string, readonly ExpandedTask[]>;
  /** Of these hosts, and of those that have a part in `verify`. */
  targets: ReadonlyMap<string, Target>;
  /** For `batches`; none where the play is one batch. */
  serial: readonly BatchSize[];
  /** By host: what its play asks before and after it is changed. */
  probes: ReadonlyMap<string, readonly Probe[]>;
  verify: readonly VerifyCheck[];
  /** By host: the id of the transaction that its tasks take back. */
  takesBack?: ReadonlyMap<string, string>;
  /** Where its tasks depend on what others before them came to. */
  flow?: { context: ExpandContext; scopes: Scopes };
}

export interface PreparedRun {
  playbook: Playbook;
  plays: readonly PreparedPlay[];
  /** Distinct hosts over all plays. */
  hosts: readonly string[];
  state: RunState;
}

/**
 * Everything that can be found out without a host: which hosts, and every task of every host that needs no
 * other one's result, rendered and checked.
 * @throws NetplayError | NetplayErrors all errors at once
 */
export async function prepareRun(options: RunOptions): Promise<PreparedRun> {
  const errors: NetplayError[] = [];
  const state = new RunState(options.inventory);
  await recallFacts(options, state);
  checkLimit(options);
  const plays: PreparedPlay[] = [];
  let flowed = false;
  for (const play of options.playbook.plays) {
    const prepared = await preparePlay(options, play, { errors, state, after: flowed });
    flowed ||= prepared.flow !== undefined;
    plays.push(prepared);
  }
  throwAll(foldErrors(errors));
  const hosts = [...new Set(plays.flatMap((play) => play.hosts))];
  if (hosts.length === 0 && options.allowEmpty !== true)
    throw new NetplayError('inventory', `no host is left to run on: ${reasonForNone(options)}`);
  return { playbook: options.playbook, plays, hosts, state };
}

function reasonForNone({ inventory, limit }: RunOptions): string {
  if (inventory.hosts.size === 0) return `the inventory has none (${inventory.sources.join(' ')})`;
  return limit === undefined ? "the plays' hosts: name none" : `--limit '${limit}' leaves none`;
}

/** A limit that names nobody is a mistake of the command line, not of a play. */
function checkLimit({ inventory, limit, allowEmpty }: RunOptions): void {
  if (limit === undefined || allowEmpty) return;
  try {
    selectHosts(inventory, 'all', limit);
  } catch (error) {
    if (!(error instanceof NetplayError)) throw error;
    throw new NetplayError('usage', `--limit: ${error.message}`, detailsOf(error));
  }
}

interface Preparing {
  errors: NetplayError[];
  state: RunState;
  /** Whether a play before this one finds out as it runs what is to be done. */
  after: boolean;
}

/** One play, with what the run knows by now. */
export async function preparePlay(
  options: RunOptions,
  play: Play,
  preparing: Preparing,
): Promise<PreparedPlay> {
  const { errors, state, after } = preparing;
  const prompted = await promptedOf(options, play, state);
  const unordered = playHosts(options, play, prompted, preparing);
  const hosts = inOrder(unordered, play);
  errors.push(...untried(options, play));
  const context = contextOf(options, play, unordered, state);
  const names = new Names(options.templates);
  const playVars = await playVarsOf(options, play, hosts, { errors, prompted });
  const scopes = new Scopes(context, state.vars, playVars);
  const plain = !after && options.confirmTask === undefined && isPlain(play, hosts, scopes, names);
  const targets = new Map<string, Target>();
  const probes = new Map<string, readonly Probe[]>();
  const tasks = new Map<string, readonly ExpandedTask[]>();
  const expand = expansion(context, scopes, options.selects);
  for (const host of hosts) {
    const scope = scopes.host(host);
    const own: NetplayError[] = [];
    if (plain) tasks.set(host, expand(host, own));
    const asked = expandProbes(context, scope, host, own);
    probes.set(host, asked);
    own.push(...tooSlow(options, play, asked));
    addTarget(options, play, host, { scope, targets, errors: own });
    errors.push(...own.map((error) => ofHost(error, host)));
  }
  if (!plain)
    errors.push(
      ...checkFlow(context, {
        scopes,
        names,
        plays: options.playbook.plays,
        selects: options.selects ?? (() => true),
      }),
    );
  const wide = preparePlayWide(options, context, { targets, errors, scopes });
  return { play, hosts, tasks, targets, probes, ...wide, ...(!plain && { flow: { context, scopes } }) };
}

function contextOf(
  options: RunOptions,
  play: Play,
  hosts: readonly string[],
  state: RunState,
): ExpandContext {
  return {
    playbook: options.playbook,
    extraVars: options.extraVars,
    check: options.check,
    diff: options.diff,
    persist: options.persist ?? 'off',
    templates: options.templates,
    magic: options.magic,
    play,
    playHosts: hosts,
    get inventory() {
      return state.inventory;
    },
    get groups() {
      return state.groups;
    },
    registry: new Map(options.registry.map((resource) => [resource.name, resource])),
  };
}

/** A task that comes out the same for every host is expanded once. */
function expansion(context: ExpandContext, scopes: Scopes, selects: RunOptions['selects']) {
  const tasks = resourceTasks(context.play).filter((task) => selects?.(task) ?? true);
  const statics = tasks.map(isStatic);
  const shared = new Map<string, ExpandedTask>();
  return (host: string, errors: NetplayError[]): ExpandedTask[] => {
    // What a host says of all its tasks.
    const own = persistVariable(context, scopes.host(host));
    return tasks.map((task, index) => {
      const known = shared.get(`${index} ${own}`);
      if (known !== undefined) return known;
      const expanded = expandTask(context, task, index, scopes.task(host, task), errors);
      if (statics[index]) shared.set(`${index} ${own}`, expanded);
      return expanded;
    });
  };
}

/** The play's hosts; none where a play before it may yet add them. */
function playHosts(
  options: RunOptions,
  play: Play,
  prompted: Vars,
  { errors, state, after }: Preparing,
): string[] {
  try {
    const pattern = patternOf(play, options, prompted);
    const hosts = selectHosts(state.inventory, pattern, options.limit, options.allowEmpty);
    return hosts.filter((host) => options.only?.has(host) ?? true);
  } catch (error) {
    if (!(error instanceof NetplayError)) throw error;
    if (!after) errors.push(error.place ? error : placed(error, play));
    return [];
  }
}

function resourceTasks(play: Play): ResourceTask[] {
  return tasksIn(play.steps).filter((task) => task.kind === 'resource');
}

/** What belongs to no host of the play alone. */
function preparePlayWide(
  options: RunOptions,
  context: ExpandContext,
  { targets, errors, scopes }: { targets: Map<string, Target>; errors: NetplayError[]; scopes: Scopes },
): Pick<PreparedPlay, 'serial' | 'verify'> {
  const { play, playHosts, templates } = context;
  const [first] = playHosts;
  if (first === undefined || (play.serial === undefined && play.verify === undefined))
    return { serial: [], verify: [] };
  const scopeOf = (host: string): VarScope => scopes.host(host);
  const verify = expandVerify(context, scopeOf, errors);
  for (const host of new Set(verify.flatMap(hostsOf)))
    if (!targets.has(host)) addTarget(options, play, host, { scope: scopeOf(host), targets, errors });
  const serial = noted(errors, () => serialOf(play.serial, templates, scopeOf(first))) ?? [];
  return { serial, verify };
}

/** Those that ask, and those that have a part in what is asked. */
function hostsOf({ probes }: VerifyCheck): string[] {
  return [...probes].flatMap(([host, { partner }]) =>
    partner === undefined ? [host] : [host, partner.host],
  );
}

function addTarget(
  options: RunOptions,
  play: Play,
  host: string,
  { scope, targets, errors }: { scope: VarScope; targets: Map<string, Target>; errors: NetplayError[] },
): void {
  const target = noted(errors, () => targetFor(options, asOne(options, play, scope), host, scope));
  if (target !== undefined) targets.set(host, target);
}

const becomers = new WeakMap<Play, readonly (Keywords & { place: Place })[]>();

/** The play, or those of its tasks that go its way, that say whether to become somebody. */
function becomingIn(play: Play): readonly (Keywords & { place: Place })[] {
  const together = resourceTasks(play).filter((task) => !saysOwnWay(task, play));
  const known = becomers.get(play) ?? [play, ...together].filter(({ become }) => become !== undefined);
  becomers.set(play, known);
  return known;
}

/** What goes the play's way runs in one shell: where one of the tasks is to become somebody, all do. */
function asOne({ templates }: RunOptions, play: Play, scope: VarScope): Play {
  const becoming = becomingIn(play).find(({ become, place }) =>
    noted([], () => flagOf(templates, become, scope, place)),
  );
  return becoming === undefined ? play : { ...play, become: true };
}

/** The host counts its time while it is asked again: it would undo what works. */
function tooSlow(
  { confirmTimeout, check }: RunOptions,
  play: Play,
  probes: readonly Probe[],
): NetplayError[] {
  if (confirmTimeout === null || check) return [];
  return probes
    .filter(({ seconds }) => seconds >= confirmTimeout)
    .map(({ label, seconds }) => {
      const message = `probes: '${label}' may take ${seconds} s, and the host undoes its changes after ${confirmTimeout} s`;
      const hint =
        'Give it a shorter timeout, or the run a longer --confirm-timeout, or ask it under verify:.';
      return new NetplayError('usage', message, { place: play.place, hint });
    });
}

/** Hosts that keep their changes at once can't give them back when another one fails. */
function untried({ confirmTimeout, check }: RunOptions, play: Play): NetplayError[] {
  if (confirmTimeout !== null || check || play.transaction === undefined || play.transaction === 'host')
    return [];
  const hint = 'Leave --no-confirm out, or make it `transaction: host`.';
  const message = `transaction: ${play.transaction} does not go with --no-confirm`;
  return [new NetplayError('usage', message, { place: play.place, hint })];
}
