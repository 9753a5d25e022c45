/** A probe: a question to a host's network that is answered by yes or no, and within a bounded time. */
import type { JsonSchema } from '../resources/resource.js';

/** One kind of probe, as a value. Its schema is the documentation that users read, as a resource's is. */
export interface ProbeKind<Params> {
  /** The key in a playbook: `ping`. */
  name: string;
  summary: string;
  schema: JsonSchema;
  /** Whole probes that work as they stand, for the documentation and as tests of the schema. */
  examples: readonly Readonly<Record<string, unknown>>[];
  /** The parameters that one word stands for: `ping: 10.0.0.1`. */
  fromShort(text: string): unknown;
  /** What is asked, where the user has given it no name: `ping 10.0.0.1`. */
  describe(params: Params): string;
  /** Seconds after which one try is broken off. */
  seconds(params: Params): number;
  /** POSIX shell text for `sh -c` on the host, whose exit code 0 says yes. */
  script(params: Params): string;
  /** What the tools' last words come to, for the user; undefined where they say it best themselves. */
  explain?(words: string): string | undefined;
}

/** A probe that is ready to be run on a host. */
export interface Probe {
  label: string;
  /** Seconds after which one try is broken off. */
  seconds: number;
  script: string;
  explain?(words: string): string | undefined;
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
  const { explain } = kind;
  return {
    label: label ?? kind.describe(params),
    seconds: kind.seconds(params),
    script: kind.script(params),
    ...(explain !== undefined && { explain }),
  };
}
