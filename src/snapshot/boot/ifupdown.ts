import type { BootPart } from '../boot.js';

/** Debian's /etc/network/interfaces, for ifupdown and ifupdown2. */
export const ifupdownPart: BootPart = {
  facts: `for c in ifup ifreload; do if command -v $c >/dev/null 2>&1; then echo "tool $c"; fi; done`,
  files: ['/etc/network/interfaces', '/etc/network/interfaces.d/*', '/run/network/ifstate'],
};
