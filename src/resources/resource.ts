import type { Change, Problem } from '../shared/change.js';
import type { Kept } from '../snapshot/kept.js';
import type { Read, Snapshot } from '../snapshot/model.js';

/** A JSON Schema (draft 2020-12 or 7, as ajv takes it) of a resource's parameters. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface PlanResult {
  changes: readonly Change[];
  /** Why the host can't be brought there; with one, nothing at all is applied to that host. */
  problems?: readonly Problem[];
  /** What a user should know though it stops nothing: a rule that is there but dead. */
  warnings?: readonly string[];
  /** Why nothing changes, where that is not plain: `present, made by protocol kernel`. */
  reason?: string;
}

/** A task's parameters as a host's play declared them, for `settle`. */
export interface Declared {
  resource: string;
  params: unknown;
}

/**
 * What a key of a playbook's task says of itself.
 * Schema properties with `description` and `examples` are the documentation that users read.
 */
export interface TaskKind<Params> {
  /** The key in a playbook: `route`. */
  name: string;
  /** The key that takes many: `routes`. */
  plural: string;
  /** Where `plural` is given a map, the parameter that its keys stand for: `dst`. */
  mapKey: string;
  /** Where that map's values are plain, the parameter that they stand for (sysctl: `value`). */
  mapValue?: string;
  summary: string;
  schema: JsonSchema;
  /** Whole tasks that work as they stand, for the documentation and as tests of the schema. */
  examples: readonly Readonly<Record<string, unknown>>[];
  reads(params: Params): readonly Read[];
}

/** One kind of network state, as a value. `plan` is pure: it compares and returns changes. */
export interface Resource<Params> extends TaskKind<Params> {
  plan(params: Params, snapshot: Snapshot): PlanResult;
  /**
   * Called once per play and host, after all its tasks are planned, for each task of this resource:
   * for what only the whole play can tell (an exclusive table's surplus routes).
   */
  settle?(params: Params, declared: readonly Declared[], snapshot: Snapshot): PlanResult;
  /**
   * What a reboot would lose of what the task asks for, as it stands in the snapshot of after all changes.
   * Left out where a reboot loses nothing: files, databases.
   */
  kept?(params: Params, snapshot: Snapshot): readonly Kept[];
  /** True where `settle` only finds what later tasks do to this one: it is left out where they change nothing. */
  settlesChanges?: true;
}

/** A plain task that an intent stands for. */
export interface Part {
  resource: Resource<unknown>;
  params: unknown;
}

/** A part, with parameters of its resource's own type. */
export function part<Params>(resource: Resource<Params>, params: Params): Part {
  return { resource, params };
}

/** What an intent stands for on one host. */
export interface Expansion extends Omit<PlanResult, 'changes'> {
  /** In the order in which they are planned. */
  parts: readonly Part[];
}

/**
 * What users think in, made of plain resources: it has no changes of its own, and so no check mode, undo or
 * verification of its own either. `expand` is pure.
 */
export interface Intent<Params> extends TaskKind<Params> {
  /** Also what the resources of the parts need to read, whatever they will be. */
  reads(params: Params): readonly Read[];
  expand(params: Params, snapshot: Snapshot): Expansion;
  /** Others bring back what it sets, at the right moment: OpenVZ's hooks, when the container starts. */
  keepsItself?: true;
}

/** Whatever a task may name. */
export type AnyKind = Resource<unknown> | Intent<unknown>;
