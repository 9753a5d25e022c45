import type { BootPart } from '../boot.js';

/** netplay's own script that runs at boot, and what it was made of. */
export const bootPart: BootPart = {
  facts: `for c in udevadm rc-update; do if command -v $c >/dev/null 2>&1; then echo "tool $c"; fi; done`,
  files: [
    '/etc/netplay/persistent.jsonl',
    '/etc/netplay/boot',
    '/etc/systemd/system/netplay-boot.service',
    '/etc/systemd/system/netplay-boot@.service',
    '/etc/systemd/system/multi-user.target.d/netplay.conf',
    '/etc/udev/rules.d/90-netplay.rules',
    '/etc/init.d/netplay',
    '/etc/rc.local',
    '/etc/rc.d/rc.local',
  ],
};
