/** `boot`: a script that a host runs as it starts, and once more for a device that comes later. */
import type { HostFile, Snapshot } from '../snapshot/model.js';
import type { Backend, Written, WrittenFile } from './backend.js';
import { bootScript } from './boot-script.js';
import type { Entry } from './record.js';

export const BOOT_SCRIPT_FILE = '/etc/netplay/boot';
const UNITS = '/etc/systemd/system';

const SERVICE = `# Made by netplay.
[Unit]
Description=Network state that netplay keeps over a reboot
After=network.target network-online.target systemd-sysctl.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${BOOT_SCRIPT_FILE}
`;

const DEVICE_SERVICE = `# Made by netplay: for a network device that comes later.
[Unit]
Description=Network state that netplay keeps for %f

[Service]
Type=oneshot
ExecStart=${BOOT_SCRIPT_FILE} %f
`;

const WANTS = `# Made by netplay.
[Unit]
Wants=netplay-boot.service
`;

const UDEV = `# Made by netplay: sets what it keeps for a network device that comes later.
ACTION=="add", SUBSYSTEM=="net", TAG+="systemd", ENV{SYSTEMD_WANTS}+="netplay-boot@.service"
`;

const SYSTEMD_FILES: readonly (readonly [path: string, content: string])[] = [
  [`${UNITS}/netplay-boot.service`, SERVICE],
  [`${UNITS}/netplay-boot@.service`, DEVICE_SERVICE],
  // A drop-in and no link: it is a file like all others.
  [`${UNITS}/multi-user.target.d/netplay.conf`, WANTS],
  ['/etc/udev/rules.d/90-netplay.rules', UDEV],
];

function write(entries: readonly Entry[], snapshot: Snapshot): Written {
  const { init = null } = snapshot.boot ?? {};
  const kept = init === 'systemd' ? entries : [];
  const left = init === 'systemd' ? [] : entries;
  const script: WrittenFile = {
    path: BOOT_SCRIPT_FILE,
    file: kept.length === 0 ? null : { content: bootScript(kept, snapshot), mode: '755' },
    keys: kept.map(({ key }) => key),
  };
  const helpers = SYSTEMD_FILES.map(([path, content]): WrittenFile => {
    const file: HostFile | null = kept.length === 0 ? null : { content, mode: '644' };
    return { path, file, keys: [] };
  });
  return {
    files: [script, ...helpers],
    left: left.map((entry) => ({ entry, why: 'nothing on this host runs at boot that netplay knows' })),
  };
}

/** Every host has it: what is nobody else's is its. */
export const boot: Backend = { name: 'boot', manages: () => undefined, write };
