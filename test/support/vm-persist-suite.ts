/** The tests of test/vm/persist: the same for every manager. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changesByHost, runJson } from './cli.js';
import { makeFolder } from './lab-runs.js';
import { startVm, type Vm } from './vm.js';
import { type Managed, networkState, PROBES, playbookOf, reboot, runKept, scenario } from './vm-persist.js';

/** Sets a machine up, runs the scenario, reboots, compares; then takes all away, reboots, compares. */
export function persistSuite({ backend, setUp, settled, adds = [], bond }: Managed): void {
  const folder = makeFolder();
  let vm: Vm;
  let bare: string;

  beforeAll(async () => {
    vm = await startVm(backend);
    await vm.must(setUp);
    await reboot(vm, settled);
    bare = await networkState(vm);
  });
  afterAll(async () => {
    await vm?.stop();
    folder.remove();
  });

  test('the whole state is there after a reboot, and a second run changes nothing', async () => {
    const playbook = playbookOf(folder, scenario(bond));
    const changes = await runKept(vm, playbook);
    expect(changes.filter((change) => change.includes('keeps')).join('\n')).toContain(`by ${backend}`);
    const before = await networkState(vm);
    for (const probe of PROBES) expect(await vm.must(probe)).toContain(' 0% packet loss');

    await reboot(vm, settled);

    const lines = (await networkState(vm)).split('\n');
    expect(adds.filter((line) => !lines.includes(line))).toEqual([]);
    expect(lines.filter((line) => !adds.includes(line)).join('\n')).toBe(before);
    for (const probe of PROBES) expect(await vm.must(probe)).toContain(' 0% packet loss');
    const again = await runJson([
      '-i',
      vm.inventory,
      '--persist',
      'auto',
      playbook,
      '--check',
      '--exit-code',
    ]);
    expect(Object.values(changesByHost(again)).flat()).toEqual([]);
    expect(again.code).toBe(0);
  });

  test('what is withdrawn is gone after the next reboot, and kept no more', async () => {
    const gone = [
      {
        rules: [
          { from: '10.9.1.15', table: 'one' },
          { fwmark: '0x2', table: 'two' },
          { from: '10.9.2.15', table: 'two' },
        ],
      },
      {
        routes: [
          { dst: '10.9.1.0/24', table: 'one' },
          { dst: 'default', table: 'one' },
          { dst: '10.66.0.0/16', metric: 50 },
          { dst: '10.67.0.0/16' },
          { dst: 'default', table: 'two' },
        ],
      },
      { vlan: { name: 'eth1.5' } },
      { dummy: { name: 'dum0' } },
      { gretap: { name: 'gt7' } },
      { gre: { name: 'gre7' } },
      { dummy: { name: 'dum1' } },
      { vrf: { name: 'vrf9' } },
      { link: { name: 'eth2', master: null } },
      { bridge: { name: 'br0' } },
      { link: { name: 'eth3', master: null } },
      { bond: { name: 'bond0' } },
      { address: { address: '10.9.1.16/24', dev: 'eth1' } },
      {
        rt_tables: [
          { name: 'one', id: 101 },
          { name: 'two', id: 102 },
        ],
      },
      { sysctls: [{ name: 'net.ipv4.conf.all.arp_announce' }, { name: 'net.ipv4.conf.br0.rp_filter' }] },
    ].map((task) => absent(task));
    await runKept(vm, playbookOf(folder, gone, 'gone.yml'));

    await reboot(vm, settled);

    expect(await networkState(vm)).toBe(bare);
    // The port was brought up for the bridge, and is up still.
    const left = (await vm.must('cat /etc/netplay/persistent.jsonl 2>/dev/null || :')).trim().split('\n');
    expect(left.filter((line) => line !== '' && !line.includes('"name":"state"'))).toEqual([]);
  });
}

function absent(task: object): object {
  return Object.fromEntries(
    Object.entries(task).map(([key, value]: [string, object | object[]]) => {
      const gone = (one: object): object => ('master' in one ? one : { ...one, state: 'absent' });
      return [key, Array.isArray(value) ? value.map(gone) : gone(value)];
    }),
  );
}
