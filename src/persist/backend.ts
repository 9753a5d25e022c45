/** One way in which a host's network comes up again after a reboot. */
import type { Change, Step } from '../shared/change.js';
import type { Effect } from '../snapshot/effects.js';
import type { Kept } from '../snapshot/kept.js';
import type { HostFile, Snapshot } from '../snapshot/model.js';
import type { BackendName } from './mode.js';
import type { Entry } from './record.js';

export interface WrittenFile {
  path: string;
  /** As it shall be; null where there shall be none. */
  file: HostFile | null;
  /** Keys of the entries that it holds; none for a file that only helps others (a unit, a rule of udev). */
  keys: readonly string[];
  /** What must succeed before it is written: the tool's own check of it. */
  first?: readonly Step[];
  /** What is to be run once it is written, and once it is as before: `nmcli connection load`. */
  then?: readonly Step[];
}

export interface Written {
  /** Every file that is netplay's, or has a part that is: also those that are as they shall be already. */
  files: readonly WrittenFile[];
  /** What this backend has no words for, and why: `boot` keeps it. */
  left: readonly { entry: Entry; why: string }[];
  warnings?: readonly string[];
}

export type Undoing = Pick<Change, 'do' | 'undo'>;

export interface Backend {
  name: BackendName;
  /** Whether the host has it: that something reads its files at boot. */
  isThere(snapshot: Snapshot): boolean;
  /** Why the device is this one's to configure, in words for the report; undefined where it is not. */
  manages(dev: string, snapshot: Snapshot): string | undefined;
  /** Why what has no device is nonetheless better kept here: who would take it away where it is not. */
  adopts?(kept: Kept, snapshot: Snapshot): string | undefined;
  /** Pure: what its daemon must be told before this is done, so that it does not put back what it sees go. */
  letGo?(effect: Effect, before: Snapshot): Undoing | undefined;
  /** Pure: what is kept in the files that the host has, and what was there before and is no more taken away. */
  write(entries: readonly Entry[], snapshot: Snapshot): Written;
}
