/** What somebody meets who captures a host: files, names, a lab of it, hosts that can't be reached. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Lab, labUp } from '../../src/lab/index.js';
import { parseLab } from '../../src/lab/load.js';
import { changesByHost, netplay, problemsOf, runJson } from '../support/cli.js';
import { makeFolder, ownName } from '../support/lab-runs.js';

const folder = makeFolder();
let lab: Lab;

/** Names that are words of shell, YAML and templates, of devices, tables and an alias. */
const HOSTILE = `ip link add "a'b" type ifb
ip link add 'x$(y)' type ifb
ip link add '{{x}}' type ifb
ip link set dev '{{x}}' up
ip addr add 10.5.0.1/24 dev '{{x}}'
ip route add 10.6.0.0/16 dev '{{x}}'
ip rule add iif '{{x}}' lookup 100 pref 77
ip link add 'yes' type veth peer name '#z'
ip link set dev yes alias 'say "{{ hi }}" & go: #1'
ip link property add dev yes altname '{%y%}'
echo 1 > '/proc/sys/net/ipv4/conf/{{x}}/arp_ignore'
tc qdisc add dev '{{x}}' root handle 1: htb`;

beforeAll(async () => {
  const nics = { eth0: { switch: 'a', addresses: ['192.168.1.1/24'] }, eth1: { switch: 'b' } };
  lab = await labUp({
    name: ownName('capture-use'),
    hosts: { hand: { nics }, copy: { nics: { eth0: { switch: 'c' }, eth1: { switch: 'd' } } } },
  });
});
afterAll(async () => {
  await lab?.down();
  folder.remove();
});

const inventory = (): string[] => ['-i', lab.inventory];

test('hostile names come through as they are, and are no templates', async () => {
  const made = await lab.exec('hand', ['sh', '-e', '-c', HOSTILE]);
  expect(made.stderr).toBe('');
  const out = join(folder.path, 'hostile');
  const captured = await netplay(['capture', 'hand', ...inventory(), '--as', 'copy', '-o', out]);
  expect(captured.stderr).not.toContain('still change');
  expect(captured.code).toBe(0);
  const site = join(out, 'site.yml');
  expect((await netplay(['run', site, ...inventory(), '--syntax-check'])).code).toBe(0);

  const run = await runJson([...inventory(), site]);
  expect(problemsOf(run)).toEqual([]);
  const again = await runJson([...inventory(), site]);
  expect(Object.values(changesByHost(again)).flat()).toEqual([]);
  for (const command of [
    'ip -o link show type ifb | sed "s/.*: \\(.*\\): <.*/\\1/" | sort',
    "(ip -o -4 addr show dev '{{x}}'; ip rule show pref 77; ip route show dev '{{x}}') | sed 's/ proto [a-z0-9]*//'",
    'ip -d link show yes | grep -E "alias|altname"',
    "cat '/proc/sys/net/ipv4/conf/{{x}}/arp_ignore'; tc qdisc show dev '{{x}}' | sed 's/direct_packets_stat [0-9]*//'",
  ]) {
    const [wanted, is] = await Promise.all(
      ['hand', 'copy'].map(async (host) => (await lab.exec(host, ['sh', '-c', command])).stdout),
    );
    expect(wanted).not.toBe('');
    expect(withoutIndex(is)).toBe(withoutIndex(wanted));
  }
});

/** `!unsafe` is the program's own. */
function plays(text: string): unknown {
  return parse(text, { logLevel: 'silent' });
}

function withoutIndex(text = ''): string {
  return text.replaceAll(/^\d+: /gm, '');
}

describe('the files', () => {
  const out = join(folder.path, 'files');

  test('are written once, and replaced by --force alone', async () => {
    const words = ['capture', 'hand', ...inventory(), '-o', out];
    const first = await netplay(words);
    expect([first.code, first.stdout]).toEqual([
      0,
      `wrote ${['site', 'inventory', 'lab'].map((name) => join(out, `${name}.yml`)).join(', ')}`,
    ]);
    const before = readFileSync(join(out, 'site.yml'), 'utf8');
    const second = await netplay(words);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('site.yml is there already');
    expect(readFileSync(join(out, 'site.yml'), 'utf8')).toBe(before);
    expect((await netplay([...words, '--force'])).code).toBe(0);
  });

  test('are refused a place that is no folder before any host is asked', async () => {
    const { code, stderr } = await netplay([
      'capture',
      'nobody.invalid',
      '-o',
      join(out, 'site.yml'),
      '--force',
    ]);
    expect([code, stderr]).toEqual([1, `ERROR ${join(out, 'site.yml')} is no folder`]);
  });

  test('make a lab of the same NICs, on which the playbook runs', async () => {
    const spec = parseLab(readFileSync(join(out, 'lab.yml'), 'utf8'), 'lab.yml');
    const copy = await labUp({ ...spec, name: ownName('captured') });
    try {
      const run = await runJson(['-i', copy.inventory, join(out, 'site.yml')]);
      expect(problemsOf(run)).toEqual([]);
      const nics = 'cat /sys/class/net/eth0/address /sys/class/net/eth1/address; ip -o -4 addr show dev eth0';
      const shown = await Promise.all(
        [lab, copy].map(async (each) => (await each.exec('hand', ['sh', '-c', nics])).stdout),
      );
      expect(withoutIndex(shown[1])).toBe(withoutIndex(shown[0]));
    } finally {
      await copy.down();
    }
  });

  test('tell how the host was reached, without a password', async () => {
    const { ansible_host, ansible_port } = parse(readFileSync(lab.inventory, 'utf8')).all.hosts.hand;
    const written = parse(readFileSync(join(out, 'inventory.yml'), 'utf8'));
    expect(written.all.hosts.hand).toEqual({ ansible_host, ansible_port, ansible_user: 'root' });
  });
});

test('without an inventory the hosts are those that are named', async () => {
  const { all } = parse(readFileSync(lab.inventory, 'utf8'));
  const vars = JSON.stringify({ ...all.vars, ansible_port: all.hosts.hand.ansible_port });
  const { code, stdout } = await netplay(['capture', '127.0.0.1', '-e', vars]);
  expect(code).toBe(0);
  expect(plays(stdout)).toMatchObject([{ hosts: '127.0.0.1', become: true }]);
});

test('a host that can not be reached is told, the others are written', async () => {
  const { all } = parse(readFileSync(lab.inventory, 'utf8'));
  all.hosts.gone = { ansible_host: '127.0.0.1', ansible_port: 9 };
  const file = folder.write('gone.yml', { all });
  const out = join(folder.path, 'gone');
  const { code, stderr } = await netplay(['capture', 'hand', 'gone', '-i', file, '-o', out]);
  expect(code).toBe(4);
  expect(stderr).toContain('gone');
  expect(plays(readFileSync(join(out, 'site.yml'), 'utf8'))).toMatchObject([{ hosts: 'hand' }]);
  const none = await netplay(['capture', 'gone', '-i', file, '-o', join(folder.path, 'none')]);
  expect([none.code, existsSync(join(folder.path, 'none'))]).toEqual([4, false]);
});

test('what is no use is refused before any host is reached', async () => {
  const two = await netplay(['capture', 'hand', 'copy', ...inventory(), '--as', 'x']);
  expect([two.code, two.stderr]).toEqual([1, expect.stringContaining('--as names one host')]);
  const unknown = await netplay(['capture', 'nobody', ...inventory()]);
  expect(unknown.code).toBe(1);
});
