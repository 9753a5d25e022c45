import type { Effect } from '../snapshot/effects.js';

/** One thing that is done on a host, as data; `transaction/` turns it into shell. */
export type Step =
  /** One iproute2 command: `ip [-4|-6] ARGS`. Neighbours are run as one `ip -batch`. */
  | { kind: 'ip'; family?: 4 | 6; args: readonly string[] }
  /** One command of tc, or of iproute2's bridge; neighbours of a kind are run as one `-batch`. */
  | { kind: 'tc' | 'bridge'; args: readonly string[] }
  /**
   * One command of ovs-vsctl with its arguments; neighbours are run as one transaction of Open vSwitch's database,
   * but that one which stands apart begins another.
   */
  | { kind: 'ovs'; args: readonly string[]; apart?: true }
  /** Any other command, as an argument list. */
  | { kind: 'run'; argv: readonly string[] }
  /** Replaces or makes a file through a temporary one and a rename; an existing file keeps its mode. */
  | {
      kind: 'write';
      path: string;
      content: string;
      mode?: string;
      /** Makes the folders that it stands in, where they are not there. */
      parents?: true;
    }
  | { kind: 'remove'; path: string }
  /** Writes below /proc/sys; `path` is relative to it, with slashes. */
  | { kind: 'sysctl'; path: string; value: string };

/** What a resource changes on one host: shown, made, undone and folded into the snapshot as data. */
export interface Change {
  /** The resource's name, as in a playbook: `route`. */
  resource: string;
  /** What it touches, in iproute2's words; unique on a host: `route 192.168.1.0/24 table 100`. */
  address: string;
  action: 'create' | 'update' | 'delete';
  /** As a person would write it; null where there was, or will be, nothing. */
  before: string | null;
  after: string | null;
  /** Its task has `no_log`: nothing of it is told but its resource. */
  hidden?: true;
  do: readonly Step[];
  /** Brings back exactly what was there, in this order. */
  undo: readonly Step[];
  /** What the host's state will be; folded into the snapshot before the next task is planned. */
  effects: readonly Effect[];
}

/** A reason why a host can't be brought to what a task asks for; found before anything is applied. */
export interface Problem {
  message: string;
  hint?: string;
  /** The parameter at fault, as a path into the task's parameters, so that its line can be shown. */
  path?: readonly (string | number)[];
}
