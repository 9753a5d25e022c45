import { expect, test } from 'vitest';
import { boot } from '../../../src/persist/boot.js';
import { bootUnits, canBoot } from '../../../src/persist/boot-units.js';
import type { Step } from '../../../src/shared/change.js';
import type { Init } from '../../../src/snapshot/boot.js';
import type { HostFile, Snapshot } from '../../../src/snapshot/model.js';
import { snapshotOf } from '../../support/snapshots.js';

function host(init: Init, facts: readonly string[] = [], files: Record<string, HostFile> = {}): Snapshot {
  return { ...snapshotOf({ files }), boot: { init, facts: new Map(facts.map((fact) => [fact, ''])) } };
}

function filesOf(snapshot: Snapshot, keeps: boolean): Record<string, HostFile | null> {
  return Object.fromEntries(bootUnits(snapshot, keeps).map(({ path, file }) => [path, file]));
}

const there = (files: Record<string, HostFile | null>): string[] =>
  Object.entries(files).flatMap(([path, file]) => (file === null ? [] : [path]));

test('systemd: a service, one for devices, a drop-in and a rule of udev', () => {
  expect(there(filesOf(host('systemd', ['tool udevadm']), true))).toEqual([
    '/etc/systemd/system/netplay-boot.service',
    '/etc/systemd/system/netplay-boot@.service',
    '/etc/systemd/system/multi-user.target.d/netplay.conf',
    '/etc/udev/rules.d/90-netplay.rules',
  ]);
  expect(there(filesOf(host('systemd'), false))).toEqual([]);
});

test('OpenRC: a script in its runlevel, and out of it once it is gone; a rule where there is udev', () => {
  const files = bootUnits(host('openrc', ['tool udevadm']), true);
  const script = files.find(({ path }) => path === '/etc/init.d/netplay');
  expect(script?.file).toMatchObject({ mode: '755', content: expect.stringContaining('/etc/netplay/boot') });
  const [step] = (script?.then ?? []) as Extract<Step, { kind: 'run' }>[];
  expect(step?.argv.join(' ')).toContain('rc-update -q add netplay default');
  expect(files.find(({ path }) => path.includes('udev'))?.file?.content).toContain(
    'RUN+="/etc/netplay/boot --late $name"',
  );
  expect(there(filesOf(host('openrc'), true))).toEqual(['/etc/init.d/netplay']);
  expect(there(filesOf(host('openrc', ['tool udevadm']), false))).toEqual([]);
});

const RC = '#!/bin/sh -e\n# by hand\necho hello\nexit 0\n';
const WITH_PART = `#!/bin/sh -e
# by hand
echo hello
# netplay: begin
# Sets the network state that netplay keeps over a reboot.
/etc/netplay/boot || :
# netplay: end
exit 0
`;

test('rc.local: a part before the line that ends it, once, and the file executable', () => {
  const before = host('sysv', [], { '/etc/rc.local': { content: RC, mode: '644' } });
  const made = { '/etc/rc.local': { content: WITH_PART, mode: '755' } };
  expect(filesOf(before, true)['/etc/rc.local']).toEqual(made['/etc/rc.local']);
  expect(filesOf(host('sysv', [], made), true)['/etc/rc.local']).toEqual(made['/etc/rc.local']);
  expect(filesOf(host('sysv', [], made), false)['/etc/rc.local']).toEqual({ content: RC, mode: '755' });
  // A host that got systemd since then runs it by that alone.
  expect(filesOf(host('systemd', [], made), true)['/etc/rc.local']?.content).toBe(RC);
});

test('rc.local without an end, and one that another name leads to', () => {
  const plain = { content: '#!/bin/sh\ntouch /var/lock/subsys/local\n', mode: '755' };
  const files = { '/etc/rc.local': plain, '/etc/rc.d/rc.local': plain };
  const written = filesOf(host('sysv', [], files), true);
  expect(Object.keys(written).filter((path) => path.endsWith('rc.local'))).toEqual(['/etc/rc.d/rc.local']);
  expect(written['/etc/rc.d/rc.local']?.content).toBe(
    `${plain.content}# netplay: begin\n# Sets the network state that netplay keeps over a reboot.\n/etc/netplay/boot || :\n# netplay: end\n`,
  );
});

test('a host of which nothing is known keeps nothing, and that is told', () => {
  expect(canBoot(host(null))).toBe(false);
  expect(canBoot(host('sysv'))).toBe(false);
  const kept = { kind: 'setting', dev: 'eth0', name: 'mtu', words: ['mtu', '1400'] } as const;
  const { files, left } = boot.write([{ key: 'link eth0 mtu', by: 'auto', kept }], host(null));
  expect(files.every(({ file }) => file === null)).toBe(true);
  expect(left.map(({ why }) => why)).toEqual(['nothing on this host runs at boot that netplay knows']);
});
