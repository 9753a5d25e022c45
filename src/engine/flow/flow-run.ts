/** What a flow needs beside what every play does. */
import type { Task } from '../../playbook/model.js';
import type { ExpandContext } from '../expand.js';
import type { PlayRun } from '../play.js';
import type { Queues } from '../pool.js';
import type { RunState } from '../run-state.js';
import type { RunVars } from '../run-vars.js';
import type { Scopes } from '../scopes.js';
import type { Names } from './names.js';

export interface FlowRun extends PlayRun {
  context: ExpandContext;
  scopes: Scopes;
  runVars: RunVars;
  names: Names;
  /** What the run knows, over all plays. */
  state: RunState;
  /** What hosts have done on others: one after another on each of those. */
  delegates: Queues;
  /** Told when a host leaves the way, or comes back to it. */
  fell(): void;
  /** Whether --tags and its like leave a task in the run. */
  selected(task: Task): boolean;
}
