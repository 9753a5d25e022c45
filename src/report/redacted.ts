/** Events without the secrets that their texts hold. */
import type { NetplayEvent } from '../shared/events.js';
import type { Redactor } from '../shared/redactor.js';

/** Fields that hold words of netplay's own, or names that another command finds its hosts and files by. */
const OWN = new Set([
  ...['type', 'v', 'run', 'netplay', 'status', 'phase', 'code', 'action', 'resource'],
  ...['host', 'hosts', 'playbook', 'inventory', 'gitCommit', 'digests'],
]);

/** Fields below which a user's words are keys as well. */
const FREE = new Set(['result', 'parts']);

export function redactEvent(event: NetplayEvent, secrets: Redactor): NetplayEvent {
  return secrets.redactAll(event, { kept: OWN, free: FREE });
}
