/** The tests of test/vm/persist: the same for every manager. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changesByHost } from './cli.js';
import { makeFolder } from './lab-runs.js';
import { judgeResult, reasonsTold, verdicts } from './persist-results.js';
import { isOvs, SCENARIO, type ScenarioTask, WITHDRAWN } from './persist-scenario.js';
import { startVm, type Vm } from './vm.js';
import {
  check,
  checked,
  expectNothingToDo,
  expectProbes,
  holdScript,
  idle,
  letScriptGo,
  type Managed,
  networkState,
  playbookOf,
  powerCycle,
  reboot,
  runKept,
} from './vm-persist.js';

/** Sets a machine up, runs the scenario, reboots, compares; then takes all away, reboots, compares. */
export function persistSuite({ backend, setUp, ovs, settled, adds = [], lacks = [] }: Managed): void {
  const isAsked = ({ task }: ScenarioTask): boolean => ovs === true || !isOvs(task);
  const folder = makeFolder();
  let vm: Vm;
  let bare: string;

  beforeAll(async () => {
    vm = await startVm(backend);
    await vm.must(`${setUp}${ovs === true ? '\nsystemctl -q enable openvswitch-switch.service' : ''}`);
    await powerCycle(vm, settled);
    await idle(vm);
    bare = await networkState(vm);
  });
  afterAll(async () => {
    await vm?.stop();
    folder.remove();
  });

  test('the whole state is there after a reboot, by whom the table says', async () => {
    // What stands on no NIC is nobody's: who shall keep it is said.
    const tasks = SCENARIO.filter(isAsked).map(({ row, task }) =>
      row === undefined ? task : { name: row, ...task, ...(backend !== 'boot' && { persist: backend }) },
    );
    const playbook = playbookOf(folder, tasks);
    const run = await runKept(vm, playbook);
    const told = Object.values(changesByHost(run))
      .flat()
      .map(({ after }) => after ?? '');
    expect(told.filter((after) => after.includes('keeps')).join('\n')).toContain(`by ${backend}`);
    const before = (await networkState(vm)).split('\n');
    await expectProbes(vm);

    await holdScript(vm);
    await reboot(vm, settled);
    const heldCheck = await check(vm, playbook);
    await letScriptGo(vm);
    await idle(vm);
    const bootedCheck = await check(vm, playbook);
    const checks = { bare: checked(run), held: checked(heldCheck), booted: checked(bootedCheck) };
    judgeResult(backend, { rows: verdicts(checks), reasons: reasonsTold(told, backend) });

    const after = (await networkState(vm)).split('\n');
    const isLacking = (line: string): boolean => lacks.some((begin) => line.startsWith(begin));
    expect(adds.filter((line) => !after.includes(line))).toEqual([]);
    expect(lacks.filter((begin) => !before.some((line) => line.startsWith(begin)))).toEqual([]);
    expect(after.filter((line) => !adds.includes(line)).join('\n')).toBe(
      before.filter((line) => !isLacking(line)).join('\n'),
    );
    await expectProbes(vm);
    expectNothingToDo(bootedCheck);
  });

  test('what is withdrawn is gone after the next reboot, and kept no more', async () => {
    const gone = WITHDRAWN.filter((task) => isAsked({ task }));
    await runKept(vm, playbookOf(folder, gone, 'gone.yml'));

    await powerCycle(vm, settled);
    await idle(vm);

    expect(await networkState(vm)).toBe(bare);
    // A NIC that is up, with the settings that it had, stays so.
    const left = (await vm.must('cat /etc/netplay/persistent.jsonl 2>/dev/null || :')).trim().split('\n');
    expect(left.filter((line) => !/^$|"name":"(state|mtu)"|"kind":"ethtool"/.test(line))).toEqual([]);
  });
}
