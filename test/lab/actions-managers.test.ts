/**
 * Services and packages. No test installs anything or talks to a service manager: programs of the same names stand in for
 * both (test/support/managers), in a mount namespace with an /etc of its own.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ActionResult } from '../../src/actions/action.js';
import type { Session } from '../../src/transport/session.js';
import { contextOf, runTask } from '../support/actions.js';
import { createNetns, type Netns } from '../support/netns.js';
import { scriptSession } from '../support/script-session.js';

type Task = Readonly<Record<string, unknown>>;

const STANDINS = join(import.meta.dirname, '../support/managers');
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
let netns: Netns;
let root: string;

beforeAll(async () => {
  netns = await createNetns();
  // What a machine under systemd is told by must not be there.
  netns.must('mount -t tmpfs tmpfs /run');
});
afterAll(() => netns?.close());
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'netplay-managers-'));
  return () => rmSync(root, { recursive: true, force: true });
});

/** A host whose programs of these names are stand-ins. */
function host(standins: Readonly<Record<string, string>>, env: Readonly<Record<string, string>>): Session {
  const bin = join(root, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const [name, file] of Object.entries(standins)) symlinkSync(join(STANDINS, file), join(bin, name));
  const enter = ['/usr/bin/nsenter', '-t', String(netns.pid), '-n', '-m', '--', '/bin/sh'];
  return scriptSession(enter, { PATH: `${bin}:${PATH}`, ...env });
}

/** In check mode, then for real: both say the same of it; and then once more, which changes nothing. */
async function thrice(task: Task, session: Session, again = false): Promise<ActionResult> {
  const context = contextOf(session, root);
  const checked = await runTask(task, { ...context, check: true });
  const done = await runTask(task, context);
  expect(done).not.toHaveProperty('failed');
  expect([checked.changed, checked.diff]).toEqual([done.changed, done.diff]);
  expect((await runTask(task, context)).changed).toBe(again);
  return done;
}

/** A manager of services: its stand-ins, and how its units are made and looked at. */
interface Manager {
  standins: Readonly<Record<string, string>>;
  /** The action's key in a task. */
  key: string;
  prepare?: (units: string) => void;
}

const INIT_SCRIPT = `#!/bin/sh
echo "$1" >>"$UNITS/calls"
case $1 in
  status) [ -e "$UNITS/frr/active" ] || exit 3 ;;
  start|restart|reload) : >"$UNITS/frr/active" ;;
  stop) rm -f "$UNITS/frr/active" ;;
esac
`;

function prepareInit(units: string): void {
  netns.must(
    ['sh', '-c', 'mkdir -p /etc/init.d /etc/rc2.d && cat >/etc/init.d/frr && chmod 755 /etc/init.d/frr'],
    INIT_SCRIPT,
  );
  const bin = join(root, 'bin');
  mkdirSync(bin, { recursive: true });
  const update = `#!/bin/sh
case $2 in
  enable) ln -sf ../init.d/$1 /etc/rc2.d/S01$1; : >"${units}/$1/enabled" ;;
  disable) rm -f /etc/rc2.d/S01$1 "${units}/$1/enabled" ;;
esac
`;
  writeFileSync(join(bin, 'update-rc.d'), update);
  chmodSync(join(bin, 'update-rc.d'), 0o755);
}

const managers: Record<string, Manager> = {
  systemd: { standins: { systemctl: 'systemctl' }, key: 'systemd' },
  OpenRC: { standins: { 'rc-service': 'rc-service', 'rc-update': 'rc-update' }, key: 'service' },
  "init's scripts": { standins: {}, key: 'service', prepare: prepareInit },
};

describe.each(Object.entries(managers))('a service under %s', (_, { standins, key, prepare }) => {
  let session: Session;
  let units: string;
  const is = (what: string): boolean => existsSync(join(units, 'frr', what));

  beforeEach(() => {
    units = join(root, 'units');
    mkdirSync(join(units, 'frr'), { recursive: true });
    prepare?.(units);
    session = host(standins, { UNITS: units });
  });

  test('is started and stopped', async () => {
    const started = await thrice({ [key]: { name: 'frr', state: 'started' } }, session);
    expect(started).toMatchObject({ changed: true, name: 'frr', state: 'started' });
    expect(started.diff).toMatchObject([{ before: 'state: stopped\n', after: 'state: started\n' }]);
    expect(is('active')).toBe(true);
    expect(await thrice({ [key]: { name: 'frr', state: 'stopped' } }, session)).toMatchObject({
      changed: true,
      state: 'stopped',
    });
    expect(is('active')).toBe(false);
  });

  test('is enabled and disabled', async () => {
    expect(await thrice({ [key]: { name: 'frr', enabled: true } }, session)).toMatchObject({
      changed: true,
      enabled: true,
    });
    expect(is('enabled')).toBe(true);
    expect(await thrice({ [key]: { name: 'frr', enabled: false } }, session)).toMatchObject({
      changed: true,
      enabled: false,
    });
    expect(is('enabled')).toBe(false);
  });

  test('is restarted and reloaded each time', async () => {
    expect(await thrice({ [key]: { name: 'frr', state: 'started' } }, session)).toMatchObject({
      changed: true,
    });
    for (const state of ['restarted', 'reloaded'])
      expect(await thrice({ [key]: { name: 'frr', state } }, session, true)).toMatchObject({
        changed: true,
        state: 'started',
      });
    expect(readFileSync(join(units, 'calls'), 'utf8').match(/restart|reload/g)).toEqual([
      'restart',
      'restart',
      'reload',
      'reload',
    ]);
  });

  test('that is not there is a failure, and in check mode one to come', async () => {
    const task = { [key]: { name: 'nosuch', state: 'started' } };
    const context = contextOf(session, root);
    expect(await runTask(task, context)).toMatchObject({
      failed: true,
      msg: 'there is no service nosuch on this host',
    });
    expect(await runTask(task, { ...context, check: true })).toMatchObject({ changed: true });
  });

  test('costs one frame', async () => {
    await runTask({ [key]: { name: 'frr', state: 'started', enabled: true } }, contextOf(session, root));
    expect(session.frames).toBe(1);
  });
});

describe('a unit of systemd', () => {
  let session: Session;
  const calls = (): string => readFileSync(join(root, 'calls'), 'utf8');

  beforeEach(() => {
    mkdirSync(join(root, 'frr'));
    session = host({ systemctl: 'systemctl' }, { UNITS: root });
  });

  test('is masked and unmasked, though it is not there', async () => {
    expect(await thrice({ systemd: { name: 'other', masked: true } }, session)).toMatchObject({
      changed: true,
    });
    expect(await thrice({ systemd: { name: 'other', masked: false } }, session)).toMatchObject({
      changed: true,
    });
  });

  test('is read again first, which is no change', async () => {
    const task = { systemd_service: { name: 'frr', state: 'started', daemon_reload: true } };
    expect(await thrice(task, session)).toMatchObject({ changed: true });
    expect(calls()).toMatch(/daemon-reload\nshow frr\nstart frr\n/);
    expect(await thrice({ systemd: { daemon_reload: true } }, session)).toMatchObject({ changed: false });
  });

  test('gives what systemctl shows of it', async () => {
    const { status } = await thrice({ systemd: { name: 'frr', state: 'stopped' } }, session);
    expect(status).toEqual({
      LoadState: 'loaded',
      ActiveState: 'inactive',
      ExecStart: '{ path=/bin/x ; argv[]=/bin/x ; }',
      Description: 'a = b',
    });
  });

  test('of a user is asked for as such', async () => {
    await runTask(
      { systemd: { name: 'frr', state: 'stopped', scope: 'user', no_block: true } },
      contextOf(session, root),
    );
    expect(calls()).toContain('--user --no-block show frr');
  });
});

const packageManagers: Record<string, Readonly<Record<string, string>>> = {
  apt: { 'apt-get': 'package-manager', 'dpkg-query': 'package-manager' },
  dnf: { dnf: 'package-manager', rpm: 'package-manager' },
  yum: { yum: 'package-manager', rpm: 'package-manager' },
  apk: { apk: 'package-manager' },
  zypper: { zypper: 'package-manager', rpm: 'package-manager' },
};

describe.each(Object.entries(packageManagers))('packages of %s', (manager, standins) => {
  let session: Session;
  let packages: string;
  const key = ['apt', 'dnf', 'yum'].includes(manager) ? manager : 'package';
  const given = key === 'package' ? { use: manager } : {};
  const calls = (): string => readFileSync(join(packages, '.calls'), 'utf8');
  const version = (name: string): string | undefined => {
    const file = join(packages, name);
    return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
  };

  beforeEach(() => {
    packages = join(root, 'packages');
    mkdirSync(packages);
    writeFileSync(join(packages, 'old'), '1\n');
    session = host(standins, { PACKAGES: packages });
  });

  test('are installed where they are missing, and only those', async () => {
    const result = await thrice({ [key]: { name: ['frr', 'old', 'iproute2'], ...given } }, session);
    expect(result).toMatchObject({ changed: true, rc: 0 });
    expect(result.stdout).toContain('Setting up frr');
    expect(result.diff).toMatchObject([{ before: 'frr: not installed\niproute2: not installed\n' }]);
    expect([version('frr'), version('old')]).toEqual(['2', '1']);
    expect(calls()).not.toMatch(/(install|add) .*\bold\b/);
  });

  test('are brought to the latest', async () => {
    expect(await thrice({ [key]: { name: 'old,frr', state: 'latest', ...given } }, session)).toMatchObject({
      changed: true,
    });
    expect([version('frr'), version('old')]).toEqual(['2', '2']);
  });

  test('are removed where they are', async () => {
    expect(
      await thrice({ [key]: { name: ['old', 'frr'], state: 'absent', ...given } }, session),
    ).toMatchObject({ changed: true });
    expect(version('old')).toBeUndefined();
    expect(calls()).not.toMatch(/(remove|del) .*\bfrr\b/);
  });

  test('have their lists fetched, which alone is a change', async () => {
    const context = contextOf(session, root);
    expect(await runTask({ [key]: { update_cache: true, ...given } }, context)).toMatchObject({
      changed: true,
      cache_updated: true,
    });
    expect(await runTask({ [key]: { name: 'old', update_cache: true, ...given } }, context)).toMatchObject({
      changed: false,
    });
  });

  test('that nobody has fail with the words of the manager', async () => {
    const result = await runTask({ [key]: { name: 'nosuch', ...given } }, contextOf(session, root));
    expect(result).toMatchObject({ failed: true, changed: false });
    expect(result.msg).toContain('E: no package nosuch');
  });

  test('cost one frame', async () => {
    await runTask({ [key]: { name: 'frr', state: 'latest', ...given } }, contextOf(session, root));
    expect(session.frames).toBe(1);
  });
});

test('the host shows which manager it has', async () => {
  const packages = join(root, 'packages');
  mkdirSync(packages);
  const session = host(
    { 'apt-get': 'package-manager', 'dpkg-query': 'package-manager' },
    { PACKAGES: packages },
  );
  await thrice({ package: { name: 'frr' } }, session);
  expect(readFileSync(join(packages, '.calls'), 'utf8')).toMatch(/^apt-get .*install frr$/m);
});

test('a host without the manager says so', async () => {
  const session = host({}, {});
  expect(await runTask({ dnf: { name: 'frr' } }, contextOf(session, root))).toMatchObject({
    failed: true,
    msg: 'the host has no dnf',
  });
});
