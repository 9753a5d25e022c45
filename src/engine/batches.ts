/** The batches of a play with `serial`. */

import type { Serial } from '../playbook/model.js';
import { type BatchSize, batchSizes, SERIAL_FORMS } from '../playbook/serial.js';
import { NetplayError } from '../shared/errors.js';
import type { Scope, Templates } from '../template/model.js';

/**
 * Cuts a play's hosts into batches, with Ansible's rules (ansible-core 2.14, `_get_serialized_batches`): the
 * last size stands for all further batches; a percentage is one of all the play's hosts, rounded towards
 * zero, and one host where that gives none; a size of zero or less takes all hosts that are left.
 * @returns the batches in their order, none of them empty; one of all hosts where there are no sizes
 */
export function batches(hosts: readonly string[], serial: readonly BatchSize[] = []): string[][] {
  const found: string[][] = [];
  let start = 0;
  while (start < hosts.length) {
    const size = serial[Math.min(found.length, serial.length - 1)] ?? { hosts: 0 };
    const count = countOf(size, hosts.length);
    const end = count > 0 ? start + count : hosts.length;
    found.push(hosts.slice(start, end));
    start = end;
  }
  return found;
}

function countOf(size: BatchSize, total: number): number {
  if ('hosts' in size) return size.hosts;
  // The same division as Python's, so that the same share is rounded the same way.
  return Math.trunc((size.percent / 100) * total) || 1;
}

/**
 * The sizes that a play's `serial` comes to once its templates are rendered.
 * @throws NetplayError `playbook` where that is no size, `template`
 */
export function serialOf(serial: Serial | undefined, templates: Templates, scope: Scope): BatchSize[] {
  if (serial === undefined) return [];
  const { value, place } = serial;
  const rendered = templates.render(value, scope, place);
  const sizes = batchSizes(rendered);
  if (sizes !== undefined) return sizes;
  throw new NetplayError('playbook', `serial: must be ${SERIAL_FORMS}, not ${JSON.stringify(rendered)}`, {
    place,
  });
}
