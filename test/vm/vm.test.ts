/** A whole machine: Debian with its own kernel and systemd, before and after a reboot. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changesByHost, problemsOf, runJson } from '../support/cli.js';
import { foretoldRun, makeFolder, settledRun } from '../support/lab-runs.js';
import { startVm, type Vm } from '../support/vm.js';
import { straysOn } from '../support/vm-runs.js';

const folder = makeFolder();
const uplink = { table: 100, dev: 'eth1' };
const playbook = folder.write('site.yml', [
  {
    name: 'some of everything',
    hosts: 'all',
    tasks: [
      { rt_table: { name: 'uplink', id: 100 } },
      { link: { name: 'eth1', state: 'up', mtu: 1400 } },
      { address: { address: '10.9.1.15/24', dev: 'eth1' } },
      { route: { dst: '10.9.1.0/24', src: '10.9.1.15', ...uplink } },
      { route: { dst: 'default', via: '10.9.1.2', ...uplink } },
      { rule: { from: '10.9.1.15', table: 'uplink', priority: 100 } },
      { bridge: { name: 'br0', ports: ['eth2'] } },
      { link: { name: 'br0', state: 'up' } },
      { sysctls: { 'net.ipv4.ip_forward': 1, 'net.ipv4.conf.all.arp_announce': 2 } },
    ],
  },
]);
let vm: Vm;

beforeAll(async () => {
  vm = await startVm();
});
afterAll(async () => {
  await vm?.stop();
  folder.remove();
});

const forwarding = async (): Promise<string> => (await vm.must('cat /proc/sys/net/ipv4/ip_forward')).trim();

test('a play does what its check foretold, and a second run changes nothing', async () => {
  expect(await forwarding()).toBe('0');
  expect(await vm.must('ps -o comm= -p 1')).toBe('systemd\n');

  const run = await settledRun(['-i', vm.inventory, playbook]);

  expect(changesByHost(run).vm?.length).toBeGreaterThan(8);
  expect(await vm.must('ip route show table uplink')).toMatch(/^default via 10\.9\.1\.2 dev eth1/m);
  expect(await vm.must('ip rule show')).toMatch(/^100:\s+from 10\.9\.1\.15 lookup uplink/m);
  expect(await vm.must('ip -o link show eth2')).toContain('master br0');
  expect(await forwarding()).toBe('1');
  // By its own address, through the table that the rule chooses: the gateway at the far end answers.
  expect(await vm.must('ping -n -c 1 -W 5 -I 10.9.1.15 10.9.1.2')).toContain(' 0% packet loss');
  expect(await straysOn(vm)).toEqual([]);
});

test('after a reboot the files of sysctl and of the tables are there, and the same play brings back the rest', async () => {
  await vm.ssh('systemctl reboot');
  await vm.booted();

  expect(await forwarding()).toBe('1');
  expect(await vm.must('cat /proc/sys/net/ipv4/conf/all/arp_announce')).toBe('2\n');
  expect(await vm.must('ip rule show')).not.toContain('10.9.1.15');
  const { run } = await foretoldRun(['-i', vm.inventory, playbook]);
  expect(run.code).toBe(0);
  const addresses = (changesByHost(run).vm ?? []).map(({ address }) => address);
  expect(addresses.filter((address) => /sysctl|rt_table/.test(address))).toEqual([]);
  expect(await vm.must('ip rule show')).toContain('from 10.9.1.15 lookup uplink');
});

test("what a tunnel's module brought along and nobody can take away is no word of an undo", async () => {
  const tasks = [{ ipip: { name: 'tun9', local: '10.9.1.15', remote: '10.9.1.9' } }];
  const verify = [{ ping: '10.66.77.88' }];
  const play = folder.write('refused.yml', [{ hosts: 'all', gather_facts: false, tasks, verify }]);
  await vm.must('! ls /sys/class/net | grep tunl0');
  const run = await runJson(['-i', vm.inventory, play]);
  expect(run.code).toBe(2);
  expect(await vm.must('ip -br link')).toMatch(/^tunl0/m);
  expect(problemsOf(run).join()).not.toContain('differ');
});

test('a machine whose plug is pulled is unreachable, and no other one', async () => {
  const other = await startVm('other');
  try {
    await other.powerOff();
    const { ends } = await runJson(['-i', vm.inventory, '-i', other.inventory, '-T', '20', playbook]);
    expect(Object.fromEntries(ends.map(({ host, status }) => [host, status]))).toEqual({
      vm: 'ok',
      other: 'unreachable',
    });
  } finally {
    await other.stop();
  }
});
