import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { expect, test } from 'vitest';
import { becomeCommand, becomeMarkers } from '../../../src/transport/become.js';

test('root becomes root on a host that has no sudo', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netplay-become-'));
  for (const program of ['id', 'env']) symlinkSync(`/usr/bin/${program}`, join(folder, program));
  const markers = becomeMarkers();
  const [file = '', ...argv] = becomeCommand({ method: 'sudo', user: 'root' }, markers);
  const env = { PATH: folder };
  const done = execaSync(file, argv, { env, extendEnv: false, input: 'echo "here $(id -u)"\n' });
  expect(done).toMatchObject({ stdout: 'here 0', stderr: markers.ready });
});

test('the connection is handed through a sudo that empties the environment, and nothing is run by its text', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netplay-become-'));
  const exe = join(folder, 'sudo');
  writeFileSync(exe, '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec env -i "$@"\n', {
    mode: 0o755,
  });
  const [file = '', ...argv] = becomeCommand({ method: 'sudo', user: 'root', exe }, becomeMarkers());
  const told = (connection: string): string =>
    execaSync(file, argv, { env: { SSH_CONNECTION: connection }, input: 'echo "[$SSH_CONNECTION]"\n' })
      .stdout;
  expect(told('10.0.0.5 50000 10.0.0.1 22')).toBe('[10.0.0.5 50000 10.0.0.1 22]');
  expect(told("'; echo bad; '")).toBe('[]');
});

test('doas is not let ask, since it would ask a terminal', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netplay-become-'));
  const exe = join(folder, 'doas');
  writeFileSync(exe, '#!/bin/sh\n[ "$1 $2 $3" = "-n -u ada" ] || exit 9\nshift 3\nexec env -i "$@"\n', {
    mode: 0o755,
  });
  const become = { method: 'doas', user: 'ada', exe, password: 'p' } as const;
  const [file = '', ...argv] = becomeCommand(become, becomeMarkers());
  const env = { SSH_CONNECTION: '10.0.0.5 50000 10.0.0.1 22' };
  expect(execaSync(file, argv, { env, input: 'echo "[$SSH_CONNECTION]"\n' }).stdout).toBe(
    '[10.0.0.5 50000 10.0.0.1 22]',
  );
});
