/** What is kept over a reboot, by the whole program: the report, the record, drift, withdrawal, taking back. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import { changesByHost, netplay, problemsOf, type RunReport, runJson } from '../support/cli.js';
import { type Folder, foretoldRun, makeFolder, ownName, settledRun, stateOf } from '../support/lab-runs.js';

const HOST = 'h1';

let lab: Lab;
let folder: Folder;

beforeAll(async () => {
  folder = makeFolder();
  lab = await labUp({
    name: ownName('keep'),
    hosts: {
      [HOST]: {
        nics: {
          eth0: { switch: 'lan', addresses: ['10.6.0.1/24'] },
          eth1: { switch: 'other', addresses: ['10.6.1.1/24'] },
        },
      },
    },
  });
  // All that netplay asks to know that a host has systemd.
  await lab.exec(HOST, ['mkdir', '-p', '/run/systemd/system']);
});
afterAll(async () => {
  folder?.remove();
  await lab?.down();
});
beforeEach(async () => {
  await sh(
    'rm -rf /etc/netplay /etc/udev/rules.d/90-netplay.rules /etc/systemd/system/netplay-boot* /etc/systemd/system/multi-user.target.d/netplay.conf',
  );
});

async function sh(script: string): Promise<string> {
  const { code, stdout, stderr } = await lab.exec(HOST, ['sh', '-c', script]);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

/** The lab's inventory says off. */
const KEPT = ['-e', 'netplay_persist=auto'];

function args(tasks: readonly unknown[], play: object = {}): string[] {
  const file = folder.write('play.yml', [{ hosts: HOST, gather_facts: false, ...play, tasks }]);
  return [file, '-i', lab.inventory, ...KEPT];
}

const ROUTE = { route: { dst: '10.77.0.0/16', via: '10.6.1.254', dev: 'eth1' } };
const RULE = { rule: { from: '10.6.1.1', table: 100, priority: 1000 } };
const kept = async (): Promise<string[]> =>
  (await sh('cat /etc/netplay/boot')).split('\n').filter((line) => /^ {2}on .* (ip|rule) -/.test(line));
const persisted = (report: RunReport): string[] =>
  (changesByHost(report)[HOST] ?? []).flatMap(({ resource, before, after }) =>
    resource === 'persist' ? [`${before} → ${after}`] : [],
  );

test('what a play sets is written down, last, and a second run finds nothing', async () => {
  const run = await settledRun(args([ROUTE, RULE]));
  expect(persisted(run)).toEqual([
    'not persistent → keeps route 10.77.0.0/16, rule 1000 from 10.6.1.1, by boot (nothing else configures eth1)',
  ]);
  expect(await kept()).toEqual([
    '  on eth1 ip -4 route replace 10.77.0.0/16 via 10.6.1.254 dev eth1 table 254 proto 201',
    "  on '' rule -4 from 10.6.1.1 priority 1000 table 100 protocol 201",
  ]);
  await sh('ip route del 10.77.0.0/16; ip rule del priority 1000; /etc/netplay/boot; /etc/netplay/boot');
  expect(await sh('ip route show 10.77.0.0/16; ip rule show priority 1000')).toBe(
    '10.77.0.0/16 via 10.6.1.254 dev eth1 proto netplay \n1000:\tfrom 10.6.1.1 lookup 100 proto netplay\n',
  );
  const second = await foretoldRun(args([ROUTE, RULE]));
  expect(persisted(second.run)).toEqual([]);
});

test("a rule comes back where somebody else's are there twice, and is there once", async () => {
  await settledRun(args([RULE]));
  // What is restored is added without a look at what is there.
  await sh('ip rule add from 10.9.9.9 table 9 priority 900; ip rule save > /tmp/rules');
  await sh('ip rule restore < /tmp/rules; while ip rule del priority 1000; do :; done 2>/dev/null');
  await sh('/etc/netplay/boot; /etc/netplay/boot');
  expect(await sh('ip rule show priority 900')).toBe('900:\tfrom 10.9.9.9 lookup 9\n'.repeat(2));
  expect(await sh('ip rule show priority 1000')).toBe('1000:\tfrom 10.6.1.1 lookup 100 proto netplay\n');
  await sh('for n in 900 900 1000 32766 32767; do ip rule del priority $n; done');
});

test('files that were altered or lost are a change, as is what runs and is not kept', async () => {
  await settledRun(args([ROUTE]));
  const whole = await sh('cat /etc/netplay/boot');
  await sh('echo "# mine" >> /etc/netplay/boot');
  expect(persisted((await foretoldRun(args([ROUTE]))).run)).toEqual([
    'altered → keeps route 10.77.0.0/16, by boot (nothing else configures eth1)',
  ]);
  await sh('rm -r /etc/netplay');
  expect(persisted((await foretoldRun(args([ROUTE]))).run)).toEqual([
    'runtime right, not persistent → keeps route 10.77.0.0/16, by boot (nothing else configures eth1)',
  ]);
  expect(await sh('cat /etc/netplay/boot')).toBe(whole);
});

test('only what is the same already is right at run time', async () => {
  await settledRun(args([ROUTE]));
  const another = { route: { ...ROUTE.route, via: '10.6.1.253' } };
  expect(persisted((await foretoldRun(args([another]))).run)).toEqual([
    'not persistent → keeps route 10.77.0.0/16, by boot (nothing else configures eth1)',
  ]);
  await sh('ip link set eth1 mtu 1400');
  expect(persisted((await foretoldRun(args([{ link: { name: 'eth1', mtu: 1400 } }]))).run)).toEqual([
    'runtime right, not persistent → keeps link eth1 mtu, by boot (nothing else configures eth1)',
  ]);
  expect(persisted((await foretoldRun(args([{ link: { name: 'eth1', mtu: 1300 } }]))).run)).toEqual([
    'not persistent → keeps link eth1 mtu, by boot (nothing else configures eth1)',
  ]);
  await settledRun(
    args([{ link: { name: 'eth1', mtu: 1500 } }, { route: { ...another.route, state: 'absent' } }]),
  );
});

test('what another playbook sets stays kept; what is withdrawn, or goes along with something else, does not', async () => {
  await settledRun(args([RULE]));
  await settledRun(
    args([
      { address: { address: '10.6.9.1/24', dev: 'eth1' } },
      { route: { dst: '10.78.0.0/16', via: '10.6.9.254', dev: 'eth1' } },
    ]),
  );
  expect((await kept()).map((line) => line.split(' ').slice(4, 8).join(' '))).toEqual([
    'ip -4 address replace',
    'ip -4 route replace',
    'rule -4 from 10.6.1.1',
  ]);
  await settledRun(args([{ rule: { from: '10.6.1.1', state: 'absent' } }]));
  expect((await kept()).join()).not.toContain('rule');
  // Gone by another hand, and asked to be absent: it must not come back either.
  await sh('ip route del 10.78.0.0/16');
  await settledRun(args([{ route: { dst: '10.78.0.0/16', state: 'absent' } }]));
  await settledRun(args([{ address: { address: '10.6.9.1/24', dev: 'eth1', state: 'absent' } }]));
  expect(await sh('ls -d /etc/netplay /etc/systemd/system/netplay* 2>&1 || :')).not.toMatch(/^\//m);
});

test('persist: off writes nothing, task by task', async () => {
  const off = { ...RULE, persist: 'off' };
  const file = args([ROUTE, off]).slice(0, -2);
  // The inventory's word stands above the command line's.
  const run = await settledRun([...file, '--persist', 'auto']);
  expect(persisted(run)).toEqual([]);
  const inventory = folder.write('own.yml', await inventoryWithout());
  const more = await settledRun([file[0] ?? '', '-i', inventory, '--persist', 'auto']);
  expect(persisted(more)).toEqual([
    'runtime right, not persistent → keeps route 10.77.0.0/16, by boot (nothing else configures eth1)',
  ]);
  expect((await kept()).join()).not.toContain('rule');
  const wrong = await runJson([...args([{ ...ROUTE, persist: 'sometimes' }]).slice(0, 1), '-i', inventory]);
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain('persist: must be auto, off, netplan');
});

/** The lab's inventory without its own word on persistence. */
async function inventoryWithout(): Promise<string> {
  return (await readFile(lab.inventory, 'utf8')).replace(/^.*netplay_persist.*\n/m, '');
}

test('a failed change is not written, and a host that nobody boots says what it will lose', async () => {
  const before = await stateOf(lab, HOST);
  const failing = { sysctl: { name: 'net.ipv4.tcp_congestion_control', value: 'nosuch' } };
  const run = await runJson(args([{ address: { address: '10.6.8.1/24', dev: 'eth1' } }, failing]));
  expect(run.code).toBe(2);
  expect(await stateOf(lab, HOST)).toBe(before);

  await sh('mv /run/systemd /run/away');
  const lost = await runJson([...args([{ address: { address: '10.6.8.1/24', dev: 'eth1' } }]), '--check']);
  await sh('mv /run/away /run/systemd');
  expect(lost.ends.flatMap(({ tasks }) => tasks.flatMap(({ warnings }) => warnings))).toEqual([
    'will not be there after a reboot: address 10.6.8.1/24 dev eth1 (nothing on this host runs at boot that netplay knows)',
  ]);
});

test('who may not read what is kept is told so, and of no drift that is none', async () => {
  await settledRun(args([ROUTE]));
  // The key that root has; no password, and not locked.
  await sh(
    `useradd -m -p '*' -s /bin/sh op; mkdir -p ~op/.ssh; cp ~root/.ssh/authorized_keys ~op/.ssh/; chown -R op ~op/.ssh`,
  );
  const drift = (...more: string[]) => netplay(['drift', ...args([ROUTE]), '-e', 'ansible_user=op', ...more]);
  const { code, stdout, stderr } = await drift();
  expect([code, stdout.split('\n')[0]]).toEqual([0, `${HOST}  ok`]);
  const words =
    'only root may read /etc/netplay/persistent.jsonl: nothing is known of what will be there after a reboot (become: true)';
  expect(stderr).toBe(`warning: ${HOST}: ${words}`);
  const json: unknown = JSON.parse((await drift('--json')).stdout);
  expect(json).toEqual({ host: HOST, status: 'ok', drift: [], warnings: [words] });
});

test('a transaction that is taken back is kept no more, though later ones wrote the same files', async () => {
  const address = (n: number) => ({ address: { address: `10.6.${n}.1/24`, dev: 'eth1' } });
  const first = await runJson(args([address(20)]));
  expect(problemsOf(first)).toEqual([]);
  const start = first.events.find((event) => event.type === 'run_start');
  await runJson(args([address(21)]));
  const back = await netplay(['rollback', HOST, `${start?.run}.0`, '-i', lab.inventory]);
  expect(back.code, back.stdout).toBe(0);
  expect((await kept()).join()).not.toContain('10.6.20.1');
  expect((await kept()).join()).toContain('10.6.21.1');
  expect(await sh('ip -o -4 address show eth1')).not.toContain('10.6.20.1');
});
