/** Every named fault as data: the host, the play, what breaks when, and where the host must end. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Folder } from '../../support/lab-runs.js';
import { CONFIRM_TIMEOUT, type FaultCase, type Stage } from './case.js';
import type { Phase } from './controller.js';
import {
  busybox,
  cut,
  drain,
  fill,
  hangSshd,
  killWatchdogs,
  load,
  mend,
  readOnly,
  SMALL_DISKS,
  SUDO_USER,
  startSshd,
  stopSshd,
  sudoAsks,
  WITHOUT_SETSID,
  wakeSshd,
  writable,
} from './faults.js';

export type Fault = NonNullable<FaultCase['fault']>;
/** What needs no run: a disk, a cable. */
type Change = NonNullable<FaultCase['prepare']>;

/** Breaks something when the host's part of the run enters a phase, or `ms` milliseconds later. */
function at(phase: Phase, fault: Fault, ms = 0): Fault {
  return async (stage) => {
    await stage.run.phase(phase, stage.host);
    if (ms > 0) await sleep(ms);
    await fault(stage);
  };
}

export const kill: Fault = async ({ run }) => run.kill();
export const cutBoth: Change = ({ lab, host }) => cut(lab, host);
export const mendBoth: Change = ({ lab, host }) => mend(lab, host);
export const both =
  (...faults: readonly Fault[]): Fault =>
  async (stage) => {
    for (const fault of faults) await fault(stage);
  };

/** So long that a fault surely falls into the middle of the changes; each listing waits as well. */
const SLOW = { slow: 0.15 };
/** Milliseconds after the start of `apply` at which a slow host has made some of the changes. */
const MIDDLE = 500;

/** For a run that is to live long enough for another one to start beside it. */
const PATIENT = ['--confirm-timeout', '20s'];

const KILLED: readonly FaultCase[] = [
  { name: 'controller killed while it reads', play: 'much', fault: at('read', kill), ends: 'before' },
  { name: 'controller killed as it applies', play: 'much', fault: at('apply', kill), ends: 'either' },
  {
    name: 'controller killed in the middle of applying',
    host: SLOW,
    play: 'much',
    fault: at('apply', kill, MIDDLE),
    ends: 'before',
  },
  {
    name: 'controller killed after apply',
    host: SLOW,
    play: 'much',
    fault: at('reconnect', kill),
    ends: 'before',
  },
  { name: 'controller killed as it confirms', play: 'much', fault: at('confirm', kill), ends: 'either' },
  {
    name: 'controller stopped until long after the time-out',
    play: 'much',
    host: SLOW,
    fault: at('reconnect', async ({ run }) => {
      run.signal('SIGSTOP');
      await sleep((CONFIRM_TIMEOUT + 3) * 1000);
      run.signal('SIGCONT');
    }),
    ends: 'before',
  },
  {
    name: 'SIGINT once while it applies',
    host: SLOW,
    play: 'much',
    fault: at('apply', async ({ run }) => run.signal('SIGINT'), MIDDLE),
    ends: 'either',
  },
  {
    name: 'SIGINT twice while it applies',
    host: SLOW,
    play: 'much',
    fault: at(
      'apply',
      async ({ run }) => {
        run.signal('SIGINT');
        await sleep(100);
        run.signal('SIGINT');
      },
      MIDDLE,
    ),
    ends: 'before',
  },
  {
    name: 'SIGTERM and SIGHUP while it applies',
    host: SLOW,
    play: 'much',
    fault: at(
      'apply',
      async ({ run }) => {
        run.signal('SIGHUP');
        await sleep(100);
        run.signal('SIGTERM');
      },
      MIDDLE,
    ),
    ends: 'either',
  },
];

const CUTS: readonly FaultCase[] = [
  { name: 'cut before apply, for good', play: 'much', fault: at('read', cutBoth), ends: 'before' },
  {
    name: 'cut in the middle of applying, for good',
    host: SLOW,
    play: 'much',
    fault: at('apply', cutBoth, MIDDLE),
    ends: 'before',
  },
  {
    name: 'cut after apply, for good',
    host: SLOW,
    play: 'much',
    fault: at('reconnect', cutBoth),
    ends: 'before',
  },
  { name: 'cut as it confirms, for good', play: 'much', fault: at('confirm', cutBoth), ends: 'either' },
  {
    name: 'cut in the middle of applying, and the controller dies',
    host: SLOW,
    play: 'much',
    fault: at('apply', both(cutBoth, kill), MIDDLE),
    ends: 'before',
  },
  {
    name: 'cut in the middle of applying, for a second',
    host: SLOW,
    play: 'much',
    fault: at(
      'apply',
      both(cutBoth, () => sleep(1000), mendBoth),
      MIDDLE,
    ),
    ends: 'either',
  },
];

const CUT = CUTS.map((one): FaultCase => ({ ...one, mend: mendBoth, cut: true }));

const SSHD: readonly FaultCase[] = [
  {
    name: 'sshd stopped while it applies',
    host: SLOW,
    play: 'much',
    fault: at('apply', ({ lab, host }) => stopSshd(lab, host), MIDDLE),
    mend: ({ lab, host }) => startSshd(lab, host),
    ends: 'before',
  },
  {
    name: 'sshd hung while it applies, its sessions too',
    host: SLOW,
    play: 'much',
    fault: at('apply', ({ lab, host }) => hangSshd(lab, host), MIDDLE),
    // Their processes stay until they are woken: whether the state is back is what the time-out decides.
    mend: async ({ lab, host }) => {
      await sleep(CONFIRM_TIMEOUT * 1000);
      await wakeSshd(lab, host);
    },
    mendFirst: true,
    ends: 'before',
  },
  {
    name: 'sshd stopped before it confirms',
    play: 'much',
    fault: at('confirm', ({ lab, host }) => stopSshd(lab, host)),
    mend: ({ lab, host }) => startSshd(lab, host),
    ends: 'either',
  },
];

const STRANDED: readonly FaultCase[] = (
  [
    ['a rule to a black hole', 'wrongRule'],
    ['a rule that drops what goes to the controller', 'ruleThatDrops'],
    ['the default route gone', 'noDefault'],
    ['the default route by a wrong gateway', 'wrongGateway'],
    ['the NIC down', 'nicDown'],
    ['the address removed', 'addressGone'],
    ['the address moved to another NIC', 'addressMoved'],
    ['a bridge that swallows the NIC', 'bridgeSwallows'],
    ['rp_filter strict on another way back', 'strictFilter'],
    ['an MTU too small for a key exchange', 'smallMtu'],
    ['an MTU of 300 on a NIC without IPv6', 'tinyMtu'],
  ] as const
).map(([name, play]) => ({
  name,
  play,
  ends: 'before',
  says: 'rolled_back',
  next: 'little',
  ...(play === 'strictFilter' && { host: { control: 'eth1' } }),
  // Below 1280 bytes there is no IPv6.
  ...(play === 'tinyMtu' && { host: { sysctls: { 'net.ipv6.conf.eth0.disable_ipv6': 1 } } }),
  // Without it, the kernel takes what comes in by the bridge for the address on its port.
  ...(play === 'bridgeSwallows' && { host: { sysctls: { 'net.ipv4.conf.all.rp_filter': 1 } } }),
}));

const FAILING: readonly FaultCase[] = [
  {
    name: 'a sysctl that the kernel refuses, in the middle',
    play: 'kernelRefusesSysctl',
    ends: 'before',
    says: 'rolled_back',
    next: 'little',
  },
  {
    name: 'a route that the kernel refuses, in the middle of a batch',
    play: 'kernelRefusesRoute',
    ends: 'before',
    says: 'rolled_back',
    next: 'little',
  },
  {
    name: 'a file that can not be written',
    play: 'unwritableFile',
    ends: 'before',
    says: 'rolled_back',
    next: 'little',
  },
];

const SMALL = { run: SMALL_DISKS };

const DISKS: readonly FaultCase[] = (['/run', '/etc', '/tmp', '/var/lib/netplay'] as const)
  .flatMap((folder): FaultCase[] => {
    const full: Change = ({ lab, host }) => fill(lab, host, folder);
    const empty: Change = ({ lab, host }) => drain(lab, host, folder);
    const locked: Change = ({ lab, host }) => readOnly(lab, host, folder);
    const open: Change = ({ lab, host }) => writable(lab, host, folder);
    const early = { host: SMALL, play: 'much', mendFirst: true } as const;
    const late = { host: { ...SMALL, ...SLOW }, play: 'much', mendFirst: true } as const;
    // A run that needs the folder says so and changes nothing; one that does not, goes on.
    const ends = folder === '/tmp' ? 'after' : folder === '/var/lib/netplay' ? 'either' : 'before';
    return [
      { ...early, name: `${folder} full`, prepare: full, mend: empty, ends },
      { ...early, name: `${folder} read-only`, prepare: locked, mend: open, ends },
      {
        ...late,
        name: `${folder} full while it applies`,
        fault: at('apply', full, MIDDLE),
        mend: empty,
        ends: ends === 'after' ? ends : 'either',
      },
      {
        ...late,
        name: `${folder} read-only while it applies`,
        fault: at('apply', locked, MIDDLE),
        mend: open,
        ends: ends === 'after' ? ends : 'either',
      },
      {
        ...late,
        name: `${folder} full while it applies, and the controller dies`,
        fault: at('apply', both(full, kill), MIDDLE),
        // The watchdog must do its work on the full disk.
        mend: async (stage) => {
          await sleep((CONFIRM_TIMEOUT + 2) * 1000);
          await empty(stage);
        },
        ends: 'before',
      },
    ];
  })
  // While files in it are open for writing, as a transaction's are, the kernel refuses to make it read-only.
  .filter(({ name }) => name !== '/run read-only while it applies');

const WATCHDOG: readonly FaultCase[] = [
  {
    name: 'one watchdog killed',
    host: SLOW,
    play: 'much',
    fault: at('reconnect', async ({ lab, host }) => killWatchdogs(lab, host, 'one')),
    ends: 'after',
  },
  {
    name: 'one watchdog killed, and the controller',
    host: SLOW,
    play: 'much',
    fault: at('reconnect', async ({ lab, host, run }) => {
      killWatchdogs(lab, host, 'one');
      run.kill();
    }),
    ends: 'before',
  },
  {
    name: 'all watchdogs killed',
    host: SLOW,
    play: 'much',
    fault: at('reconnect', async ({ lab, host }) => killWatchdogs(lab, host, 'all')),
    ends: 'either',
  },
  {
    // Nobody is left to undo it: the next run finds it, and does.
    name: 'all watchdogs killed, and the controller, and another run begins',
    host: SLOW,
    play: 'much',
    fault: at('reconnect', async ({ lab, host, run, another }) => {
      run.kill();
      killWatchdogs(lab, host, 'all');
      await run.ended;
      another('much');
    }),
    another: { code: 0, words: /changed/ },
    ends: 'after',
  },
];

function hosts(folder: Folder): FaultCase[] {
  const kinds = [
    ['without setsid', { run: WITHOUT_SETSID }],
    ['of busybox', busybox(folder)],
    [
      'of busybox without setsid',
      { ...busybox(folder), run: [...(busybox(folder).run ?? []), ...WITHOUT_SETSID] },
    ],
  ] as const;
  return kinds.flatMap(([kind, host]): FaultCase[] => [
    { name: `a host ${kind}`, host, play: 'much', ends: 'after' },
    {
      name: `a host ${kind}, controller killed`,
      host: { ...host, ...SLOW },
      play: 'much',
      fault: at('reconnect', kill),
      ends: 'before',
    },
    { name: `a host ${kind}, the NIC down`, host, play: 'nicDown', ends: 'before', next: 'little' },
    {
      name: `a host ${kind}, a step that fails`,
      host,
      play: 'kernelRefusesRoute',
      ends: 'before',
      says: 'rolled_back',
      next: 'little',
    },
  ]);
}

const OTHERS: readonly FaultCase[] = [
  { name: 'nothing breaks', play: 'much', ends: 'after' },
  { name: 'another MAC on the NIC of the connection', play: 'otherMac', ends: 'either', next: 'little' },
  {
    name: 'sudo asks for a password half-way',
    host: { ...SLOW, run: SUDO_USER, vars: { ansible_user: 'ada', ansible_become: true } },
    play: 'much',
    // The session that is there is root's already: the next one is asked. It is there from the reading on.
    fault: at('read', async ({ lab, host, run }) => {
      run.signal('SIGSTOP');
      await sudoAsks(lab, host, true);
      run.signal('SIGCONT');
    }),
    mend: ({ lab, host }) => sudoAsks(lab, host, false),
    ends: 'before',
  },
  {
    name: 'two controllers at once, the second waits',
    host: SLOW,
    play: 'much',
    fault: at('apply', async ({ another }) => void another('much', '--lock-timeout', '30s')),
    another: { code: 0, words: /ok/ },
    ends: 'after',
  },
  {
    name: 'a second controller that read what was on trial, and writes afterwards',
    host: SLOW,
    play: 'much',
    options: PATIENT,
    fault: at('reconnect', async ({ run, another }) => {
      const second = another('much');
      await second.phase('read');
      // Its probe is under way, and answered while it is stopped.
      await sleep(100);
      second.signal('SIGSTOP');
      await run.ended;
      second.signal('SIGCONT');
    }),
    another: { code: 0, words: /ok|changed/ },
    ends: 'after',
  },
  {
    name: 'a second controller while the first is dead',
    host: SLOW,
    play: 'much',
    fault: at('reconnect', async ({ run, another }) => {
      run.kill();
      another('much', '--lock-timeout', '20s');
    }),
    ends: 'after',
  },
  {
    name: 'load from the start',
    play: 'much',
    fault: at('connect', ({ lab, host }: Stage) => load(lab, host, 24, 6)),
    ends: 'either',
  },
];

/** All cases; `folder` holds what some of them need. */
export function allCases(folder: Folder): FaultCase[] {
  return [
    ...OTHERS,
    ...STRANDED,
    ...FAILING,
    ...KILLED,
    ...CUT,
    ...SSHD,
    ...WATCHDOG,
    ...DISKS,
    ...hosts(folder),
  ];
}
