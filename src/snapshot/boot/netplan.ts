import type { BootPart } from '../boot.js';

/** netplan's own files, from which it makes those of its renderers. */
export const netplanPart: BootPart = {
  facts: `if command -v netplan >/dev/null 2>&1; then echo 'tool netplan'; fi`,
  files: ['/etc/netplan/*.yaml', '/run/netplan/*.yaml', '/lib/netplan/*.yaml'],
};
