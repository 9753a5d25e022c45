/** What the loader needs to know of an action, a thing that a task does beside resources: `command`, `debug`. */
import type { JsonSchema } from '../resources/resource.js';

export interface ActionKind {
  /** The key in a playbook: `command`. */
  name: string;
  /** Further keys for the same action: `yum` for `dnf`. */
  aliases?: readonly string[];
  /** The parameter that free text stands for: `command: ls -l creates=/x`. Others take `k=v k2=v2` alone. */
  freeForm?: string;
  /** Other names of parameters, with the one that they stand for: `dest` for `path`. */
  parameterAliases?: Readonly<Record<string, string>>;
  /** A JSON Schema of its parameters; descriptions and examples are what users read. */
  schema: JsonSchema;
  /** Whether it can run in the background (`async`). */
  background?: true;
  summary: string;
  /** Whole tasks that work as they stand. */
  examples: readonly Readonly<Record<string, unknown>>[];
}
