/** Where variables come from: told while an inventory is read, for whoever asks for one of them. */
import type { PlacedVar } from './draft.js';

/** Told of every variable that is set. Places are worked out only where somebody asks for them. */
export interface Trace {
  /** A source says it. */
  set(kind: 'group' | 'host', name: string, variable: PlacedVar): void;
  /** A file in `folder/group_vars` or `folder/host_vars` says it. */
  fileVar(folder: string, kind: 'group' | 'host', name: string, variable: PlacedVar): void;
}
