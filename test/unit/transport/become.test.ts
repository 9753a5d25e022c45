import { mkdtempSync, symlinkSync } from 'node:fs';
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
