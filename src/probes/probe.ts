/** A probe: a question to a host's network that is answered by yes or no, and within a bounded time. */
import type { JsonSchema } from '../resources/resource.js';
import type { Violation } from '../resources/validate.js';

/** One kind of probe, as a value. Its schema is the documentation that users read, as a resource's is. */
export interface ProbeKind<Params> {
  /** The key in a playbook: `ping`. */
  name: string;
  summary: string;
  schema: JsonSchema;
  /** Whole probes that work as they stand, for the documentation and as tests of the schema. */
  examples: readonly Readonly<Record<string, unknown>>[];
  /** What is wrong between parameters that are each right by the schema; of those that hold templates nothing is known. */
  contradiction?(params: Params): Violation | undefined;
  /** The parameters that one word stands for: `ping: 10.0.0.1`. */
  fromShort(text: string): unknown;
  /** What is asked, where the user has given it no name: `ping 10.0.0.1`. */
  describe(params: Params): string;
  /** Seconds after which one try is broken off. */
  seconds(params: Params): number;
  /** POSIX shell text for `sh -c` on the host, whose exit code 0 says yes. What it prints is what was seen. */
  script(params: Params): string;
  /** What the tools' last words come to, for the user; undefined where they say it best themselves. */
  explain?(words: string, passed: boolean, params: Params): string | undefined;
  /** Who else takes part, where the parameters name somebody; `script` is then not run. */
  partner?(params: Params): Partner | undefined;
}

/** What one host does in a turn. */
export interface Part {
  /** As a probe's script: exit code 0 says that all is well so far. */
  script: string;
  /** Seconds after which it is broken off. */
  seconds: number;
}

/** Parts that are run at the same time: on the host that asks, and on its partner. */
export interface Turn {
  here?: Part;
  there?: Part;
}

/** Another host that has a part in a probe. */
export interface Partner {
  /** The parameter that names it. */
  param: string;
  /** Its name in the inventory. */
  host: string;
  /**
   * One after another, until one says no. A script finds what the two hosts said last, in turns before, in its
   * variables `here` and `there`. What is said in the last turn is what was seen.
   */
  turns: readonly Turn[];
}

/** A probe that is ready to be run on a host. */
export interface Probe {
  label: string;
  /** Seconds after which one try is broken off. */
  seconds: number;
  script: string;
  explain?(words: string, passed: boolean): string | undefined;
  partner?: Partner;
}

/** Seconds of one try where the user says nothing. */
export const DEFAULT_TIMEOUT = 2;

/** `timeout`, the same for every kind. */
export const TIMEOUT = {
  type: 'integer',
  minimum: 1,
  maximum: 300,
  default: DEFAULT_TIMEOUT,
  examples: [5],
} as const;

/**
 * Makes a probe from parameters that its kind's schema takes.
 * @param label what a report calls it; made from the parameters where it is left out
 */
export function makeProbe<Params>(kind: ProbeKind<Params>, params: Params, label?: string): Probe {
  const partner = kind.partner?.(params);
  return {
    label: label ?? kind.describe(params),
    seconds: kind.seconds(params),
    script: kind.script(params),
    explain: (words, passed) => kind.explain?.(words, passed, params),
    ...(partner !== undefined && { partner }),
  };
}
