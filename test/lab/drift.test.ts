/** `netplay drift`: a line a host, and only news where that is asked for. A check changes nothing, so the machine itself will do. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { netplay, ROOT } from '../support/cli.js';
import { type Folder, makeFolder } from '../support/lab-runs.js';

let folder: Folder;
let playbook: string;
let file: string;

/** One key kept in a file of the test's own, and a second one. */
beforeEach(() => {
  folder = makeFolder();
  mkdirSync(join(folder.path, 'conf'));
  file = join(folder.path, 'conf', 'a.conf');
  const sysctl = (name: string) => ({ sysctl: { name, value: 1, runtime: false, file } });
  playbook = folder.write('site.yml', [
    {
      hosts: 'all',
      gather_facts: false,
      tasks: [sysctl('net.ipv4.ip_forward'), sysctl('net.ipv4.conf.all.arp_ignore')],
    },
  ]);
});
afterEach(() => folder.remove());

const RIGHT = 'net.ipv4.ip_forward = 1\nnet.ipv4.conf.all.arp_ignore = 1\n';

function drift(...words: string[]) {
  const env = { XDG_STATE_HOME: join(folder.path, 'state') };
  return netplay(['drift', playbook, '-i', 'h1,h22,', '-c', 'local', ...words], env);
}

test('a line a host, and exit codes that tell', async () => {
  writeFileSync(file, RIGHT);
  expect(await drift()).toMatchObject({ code: 0, stdout: 'h1   ok\nh22  ok\n\n2 hosts, no drift' });

  writeFileSync(file, 'net.ipv4.ip_forward = 0\n');
  const { code, stdout } = await drift();
  expect(code).toBe(3);
  const found = `${file}: net.ipv4.ip_forward (0, should be 1); ${file}: net.ipv4.conf.all.arp_ignore (absent, should be 1)`;
  expect(stdout).toBe(`h1   drift: ${found}\nh22  drift: ${found}\n\n2 hosts, 2 drift`);
  expect(readFileSync(file, 'utf8')).toBe('net.ipv4.ip_forward = 0\n');
});

test('--since tells what came and what went, and is silent where nothing did', async () => {
  writeFileSync(file, RIGHT);
  expect(await drift('--since')).toMatchObject({ code: 0, stdout: '' });

  writeFileSync(file, RIGHT.replace('ip_forward = 1', 'ip_forward = 0'));
  const come = await drift('--since', '-l', 'h1');
  // Another choice of hosts has a past of its own.
  expect(come).toMatchObject({ code: 3, stdout: `h1  drift: ${file}: net.ipv4.ip_forward (0, should be 1)` });
  expect(await drift('--since', '-l', 'h1')).toMatchObject({ code: 3, stdout: '' });

  writeFileSync(file, RIGHT);
  const gone = await drift('--since', '-l', 'h1');
  expect(gone).toMatchObject({ code: 0, stdout: `h1  ok again; no more: ${file}: net.ipv4.ip_forward` });
});

test('--json is a line a host, with what it should be', async () => {
  writeFileSync(file, RIGHT.replace('ip_forward = 1', 'ip_forward = 0'));
  const { code, stdout } = await drift('--json');
  expect(code).toBe(3);
  const lines = stdout.split('\n').map((line): unknown => JSON.parse(line));
  const change = { resource: 'sysctl', address: `${file}: net.ipv4.ip_forward`, before: '0', after: '1' };
  expect(lines).toEqual(['h1', 'h22'].map((host) => ({ host, status: 'drift', drift: [change] })));
});

test('a host that can not be reached keeps its past, and is told with the reason', async () => {
  writeFileSync(file, RIGHT.replace('ip_forward = 1', 'ip_forward = 0'));
  const hosts = folder.write('hosts', 'h1\n');
  const env = { XDG_STATE_HOME: join(folder.path, 'state') };
  const call = (...words: string[]) => netplay(['drift', playbook, '-i', hosts, '--since', ...words], env);
  expect((await call('-c', 'local')).code).toBe(3);
  const away = await call('-c', 'ssh', '-e', 'ansible_host=127.0.0.1', '-e', 'ansible_port=1', '-T', '2');
  expect(away.code).toBe(4);
  expect(away.stdout).toMatch(/^h1 {2}unreachable: .*127\.0\.0\.1/);
  const back = await call('-c', 'local');
  expect(back).toMatchObject({ code: 3, stdout: 'h1  drift: as before' });
  expect(readdirSync(join(folder.path, 'state', 'netplay', 'drift'))).toHaveLength(1);
});

test('what nobody could read is news the next time', async () => {
  writeFileSync(file, RIGHT.replace('ip_forward = 1', 'ip_forward = 0'));
  const words = ['bin/netplay.js', 'drift', playbook, '-i', 'h1,', '-c', 'local', '--since'];
  const env = { ...process.env, XDG_STATE_HOME: join(folder.path, 'state'), NETPLAY_CONFIG: '/dev/null' };
  for (const reader of ['> /dev/full', '| true']) {
    const { stderr } = await execa('sh', ['-c', `"$@" ${reader}`, 'sh', 'node', ...words], {
      cwd: ROOT,
      env,
      reject: false,
    });
    expect(stderr.includes('output is lost')).toBe(reader === '> /dev/full');
  }
  const { stdout } = await netplay(words.slice(1), { XDG_STATE_HOME: join(folder.path, 'state') });
  expect(stdout).toBe(`h1  drift: ${file}: net.ipv4.ip_forward (0, should be 1)`);
});
