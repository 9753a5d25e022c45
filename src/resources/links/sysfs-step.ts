import type { Step } from '../../shared/change.js';
import { SYSFS_NET } from '../../snapshot/parse-sysfs.js';

/** Writes a file below /sys/class/net, for what the host's tools are too old to set. */
export function writeSysfs(file: string, value: string): Step {
  return {
    kind: 'run',
    argv: ['sh', '-c', `printf '%s\\n' "$1" > "$2"`, 'sh', value, `${SYSFS_NET}${file}`],
  };
}
