/** What runs `boot`'s script as a host starts, and when a device comes: systemd, OpenRC, or rc.local with udev. */
import type { Step } from '../shared/change.js';
import type { Init } from '../snapshot/boot.js';
import type { HostFile, Snapshot } from '../snapshot/model.js';
import type { WrittenFile } from './backend.js';
import { markedPart, withoutPart } from './marked-part.js';

export const BOOT_SCRIPT_FILE = '/etc/netplay/boot';
const UNITS = '/etc/systemd/system';
const OPENRC_FILE = '/etc/init.d/netplay';
export const UDEV_RULES = '/etc/udev/rules.d/90-netplay.rules';
/** The first that a host has; the second is a link to it where there are both. */
const RC_LOCALS = ['/etc/rc.d/rc.local', '/etc/rc.local'] as const;

const SERVICE = `# Made by netplay.
[Unit]
Description=Network state that netplay keeps over a reboot
After=network.target network-online.target systemd-sysctl.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${BOOT_SCRIPT_FILE}
`;

/** Those that are there as the host starts come before the whole run has been: they wait for it. */
const DEVICE_SERVICE = `# Made by netplay: for a network device that comes later.
[Unit]
Description=Network state that netplay keeps for %f
After=netplay-boot.service

[Service]
Type=oneshot
ExecStart=${BOOT_SCRIPT_FILE} --added %f
`;

const WANTS = `# Made by netplay.
[Unit]
Wants=netplay-boot.service
`;

const UDEV_HEAD = '# Made by netplay: sets what it keeps for a network device that comes later.\n';
const UDEV_SYSTEMD = `${UDEV_HEAD}ACTION=="add", SUBSYSTEM=="net", TAG+="systemd", ENV{SYSTEMD_WANTS}+="netplay-boot@.service"\n`;
/** udev waits for what it runs. */
const UDEV_PLAIN = `${UDEV_HEAD}ACTION=="add", SUBSYSTEM=="net", KERNEL!="lo", RUN+="${BOOT_SCRIPT_FILE} --late $name"\n`;

const SYSTEMD_FILES: readonly (readonly [path: string, content: string])[] = [
  [`${UNITS}/netplay-boot.service`, SERVICE],
  [`${UNITS}/netplay-boot@.service`, DEVICE_SERVICE],
  // A drop-in and no link: it is a file like all others.
  [`${UNITS}/multi-user.target.d/netplay.conf`, WANTS],
];

const OPENRC = `#!/sbin/openrc-run
# Made by netplay.
description="Network state that netplay keeps over a reboot"

depend() {
  after net network networking sysctl
}

start() {
  ebegin "Setting the network state that netplay keeps"
  ${BOOT_SCRIPT_FILE}
  eend $?
}
`;

/** As the file is: its runlevel has it, or has it not. A script that is gone rc-update may not know any more. */
const RUNLEVEL: Step = {
  kind: 'run',
  argv: [
    'sh',
    '-c',
    `if [ -e ${OPENRC_FILE} ]; then rc-update -q add netplay default; else rc-update -q del netplay default 2>/dev/null || rm -f /etc/runlevels/default/netplay; fi`,
  ],
};

/** Some run with -e: what fails must not keep the rest from running. */
const PART = markedPart([
  '# Sets the network state that netplay keeps over a reboot.',
  `${BOOT_SCRIPT_FILE} || :`,
]);

/** Whether anything on the host runs the script at boot. */
export function canBoot({ boot, files }: Snapshot): boolean {
  const { init = null } = boot ?? {};
  return init === 'sysv' ? rcLocal(files) !== undefined : init !== null;
}

/** Every file that helps the script: as it is to be where that is kept, else gone. */
export function bootUnits({ boot, files }: Snapshot, keeps: boolean): WrittenFile[] {
  const init: Init = keeps ? (boot?.init ?? null) : null;
  const udev = init === 'systemd' ? UDEV_SYSTEMD : boot?.facts.has('tool udevadm') ? UDEV_PLAIN : null;
  const systemd = SYSTEMD_FILES.map(([path, content]) =>
    written(path, init === 'systemd' ? { content, mode: '644' } : null),
  );
  const openrc = written(OPENRC_FILE, init === 'openrc' ? { content: OPENRC, mode: '755' } : null);
  const chosen = rcLocal(files);
  return [
    ...systemd,
    written(UDEV_RULES, init === null || udev === null ? null : { content: udev, mode: '644' }),
    // biome-ignore lint/suspicious/noThenProperty: nobody awaits a file
    { ...openrc, ...(boot?.init === 'openrc' && { then: [RUNLEVEL] }) },
    ...RC_LOCALS.flatMap((path) => {
      const file = files.get(path) ?? null;
      // A link is written by the name of the file that it leads to.
      const other = path !== chosen && file?.content === files.get(chosen ?? '')?.content;
      if (file === null || other) return [];
      return [written(path, withPart(file, init === 'sysv' && path === chosen))];
    }),
  ];
}

function written(path: string, file: HostFile | null): WrittenFile {
  return { path, file, keys: [] };
}

function rcLocal(files: Snapshot['files']): string | undefined {
  return RC_LOCALS.find((path) => (files.get(path) ?? null) !== null);
}

/** The file with netplay's part before the line that ends it, or without; one that is run must be executable. */
function withPart(file: HostFile, wanted: boolean): HostFile {
  const bare = withoutPart(file.content).split('\n');
  if (!wanted) return { ...file, content: bare.join('\n') };
  const end = bare.findLastIndex((line) => /^\s*exit(\s|$)/.test(line));
  const at = end < 0 ? bare.length - (bare.at(-1) === '' ? 1 : 0) : end;
  return {
    content: bare.toSpliced(at, 0, ...PART).join('\n'),
    mode: file.mode.replace(/[4-7]/g, (digit) => String(Number(digit) | 1)),
  };
}
