/** Changes as they are told. */
import type { Change } from '../shared/change.js';
import type { ReportedChange } from '../shared/events.js';
import { describeStep } from '../transaction/steps.js';

/** With its steps as the command lines that they stand for; of one whose task has `no_log`, its resource. */
export function reportChange(change: Omit<Change, 'effects'>): ReportedChange {
  const { resource, address, action, before, after, hidden } = change;
  if (hidden) return censoredChange(change);
  return { resource, address, action, before, after, commands: change.do.map(describeStep) };
}

export function censoredChange({ resource }: Pick<Change, 'resource'>): ReportedChange {
  return {
    resource,
    address: `${resource} (no_log)`,
    action: 'run',
    before: null,
    after: 'changed',
    commands: [],
  };
}
