/** What a flow needs beside what every play does. */
import type { Action } from '../../actions/action.js';
import type { Task } from '../../playbook/model.js';
import type { ExpandContext } from '../expand.js';
import type { PlayRun } from '../play.js';
import type { RunState } from '../run-state.js';
import type { RunVars } from '../run-vars.js';
import type { Scopes } from '../scopes.js';
import type { Names } from './names.js';

export interface FlowRun extends PlayRun {
  context: ExpandContext;
  scopes: Scopes;
  runVars: RunVars;
  names: Names;
  actions: ReadonlyMap<string, Action<unknown>>;
  /** What the run knows, over all plays. */
  state: RunState;
  /** Whether --tags and its like leave a task in the run. */
  selected(task: Task): boolean;
}
