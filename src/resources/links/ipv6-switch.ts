/** Whether a host, and each of its devices, does IPv6 at all: what is off takes no IPv6 address or route. */
import type { Problem } from '../../shared/change.js';
import type { Read, Snapshot } from '../../snapshot/model.js';
import { deviceSysctl } from './sysctl-key.js';

/** What `ipv6Problem` needs to see. `all` is there wherever the kernel has IPv6. */
export const ipv6Reads: readonly Read[] = ['all', '*'].map((dev) => ({
  kind: 'sysctl',
  path: switchOf(dev).path,
}));

function switchOf(dev: string) {
  return deviceSysctl({ family: 'ipv6', table: 'conf', dev, key: 'disable_ipv6' });
}

/**
 * Why the host takes nothing of IPv6, or nothing on one of its devices.
 * @param dev undefined for what belongs to no device: a rule.
 */
export function ipv6Problem(
  dev: string | undefined,
  snapshot: Snapshot,
  path: Problem['path'] & object,
): Problem | undefined {
  if (snapshot.sysctls.get(switchOf('all').path) === null)
    return {
      message: 'this host has no IPv6',
      hint: 'Its kernel has none, or was started with ipv6.disable=1.',
      path,
    };
  if (dev === undefined) return undefined;
  const { path: file, name } = switchOf(dev);
  if (snapshot.sysctls.get(file)?.trim() !== '1') return undefined;
  return {
    message: `IPv6 is switched off on ${dev} (disable_ipv6 = 1)`,
    hint: `Put a task before this one: sysctl: {name: ${name}, value: 0}`,
    path,
  };
}
