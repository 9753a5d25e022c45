// One run of the same job by netplay, ansible-core and (the floor) a bare ssh2 program, on ten hosts of a lab.
// Everything runs inside the lab's controller, so that all take the same path to the hosts.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../..', import.meta.url).pathname;
const here = join(root, 'test', 'bench');
const netplay = join(root, 'bin', 'netplay.js');
const scratch = mkdtempSync(join(tmpdir(), 'netplay-bench-'));
const rounds = 5;

function must(argv, options = {}) {
  const done = spawnSync(argv[0], argv.slice(1), { encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  if (done.status !== 0) throw new Error(`${argv.join(' ')}: ${done.status}\n${done.stdout}\n${done.stderr}`);
  return done.stdout;
}

/** Wall seconds, CPU seconds and peak memory (MiB) of a command inside the lab's controller. */
function measure(argv, env = {}) {
  const times = join(scratch, 'times');
  const start = performance.now();
  must([
    'node',
    netplay,
    'lab',
    'exec',
    '-l',
    'bench',
    'controller',
    '--',
    '/usr/bin/time',
    '-f',
    '%e %U %S %M',
    '-o',
    times,
    'env',
    ...Object.entries(env).map(([k, v]) => `${k}=${v}`),
    ...argv,
  ]);
  const [wall, user, system, kib] = readFileSync(times, 'utf8')
    .trim()
    .split('\n')
    .at(-1)
    .split(' ')
    .map(Number);
  return { wall, cpu: user + system, mib: kib / 1024, outer: (performance.now() - start) / 1000 };
}

function inLab(host, argv) {
  return must(['node', netplay, 'lab', 'exec', '-l', 'bench', host, '--', ...argv]);
}

/** How many connections a host's kernel has accepted so far. */
function accepted(host) {
  const [names, values] = inLab(host, ['cat', '/proc/net/snmp']).match(/^Tcp:.*$/gm);
  return Number(values.split(' ')[names.split(' ').indexOf('PassiveOpens')]);
}

/** Round trips and connections that a run costs one host: counted, not timed. */
function costOf(argv) {
  const before = accepted('node1');
  const lines = inLab('controller', ['env', `XDG_STATE_HOME=${scratch}`, ...argv, '--json'])
    .trim()
    .split('\n');
  const end = lines
    .map((line) => JSON.parse(line))
    .find(({ type, host }) => type === 'host_end' && host === 'node1');
  return `${end.roundTrips} round trips and ${accepted('node1') - before} connection(s) a host`;
}

function median(results) {
  const sorted = [...results].sort((a, b) => a.wall - b.wall);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Takes back what the job made, on every host. */
function reset() {
  const script = [
    'ip rule del priority 101; ip rule del priority 102; ip route flush table 101; ip route flush table 102',
    'ip route del 10.8.0.0/16; ip route del 10.9.0.0/16; ip link set eth1 mtu 1500',
    'rm -f /etc/iproute2/rt_tables.d/netplay.conf /etc/iproute2/rt_protos.d/netplay.conf /etc/sysctl.d/zz-netplay.conf',
    "sed -i '/uplink-/d' /etc/iproute2/rt_tables",
    'for f in arp_ignore arp_announce rp_filter; do echo 0 > /proc/sys/net/ipv4/conf/all/$f; done; echo 0 > /proc/sys/net/ipv4/conf/default/rp_filter',
  ].join('\n');
  for (let n = 1; n <= 10; n++)
    must([
      'node',
      netplay,
      'lab',
      'exec',
      '-l',
      'bench',
      `node${n}`,
      '--',
      'sh',
      '-c',
      `{ ${script}\n} 2>/dev/null; true`,
    ]);
}

must(['node', netplay, 'lab', 'up', join(here, 'lab.yml')]);
try {
  const dir = `${process.env.NETPLAY_LAB_DIR ?? '/run/netplay-lab'}/bench`;
  const inventory = join(dir, 'inside.yml');
  const run = ['node', netplay, 'run', join(here, 'netplay.yml'), '-i', inventory];
  const env = { XDG_STATE_HOME: scratch };
  const floors = [];
  const changing = [];
  const untried = [];
  const unchanged = [];
  for (let round = 0; round < rounds; round++) {
    floors.push(measure(['node', join(here, 'floor.mjs'), inventory]));
    reset();
    untried.push(measure([...run, '--no-confirm'], env));
    reset();
    changing.push(measure(run, env));
    unchanged.push(measure(run, env));
  }
  reset();
  const bare = costOf([...run, '--no-confirm']);
  reset();
  const guarded = costOf(run);
  const config = join(scratch, 'ansible.cfg');
  writeFileSync(
    config,
    '[defaults]\nforks = 50\nhost_key_checking = False\ninterpreter_python = /usr/bin/python3\n[ssh_connection]\npipelining = True\n',
  );
  const ansible = (facts) => {
    reset();
    const argv = ['ansible-playbook', '-i', inventory, '-e', `facts=${facts}`, join(here, 'ansible.yml')];
    return measure(argv, { ANSIBLE_CONFIG: config, HOME: scratch });
  };
  const ansibles = { facts: ansible('yes'), noFacts: ansible('no') };
  const rows = {
    'floor (bare ssh2, one command)': median(floors),
    'netplay, everything to change': median(changing),
    'the same with --no-confirm': median(untried),
    'netplay, nothing to change': median(unchanged),
    'ansible-core, forks 50, pipelining': ansibles.facts,
    'the same, without gathering facts': ansibles.noFacts,
  };
  const floor = rows['floor (bare ssh2, one command)'].wall;
  const own = rows['netplay, everything to change'].wall;
  process.stdout.write(`16 tasks on 10 hosts; medians of ${rounds} rounds, each of ansible-core once\n\n`);
  for (const [name, { wall, cpu, mib }] of Object.entries(rows))
    process.stdout.write(
      `${name.padEnd(36)} ${wall.toFixed(2).padStart(6)} s  ${(wall / floor).toFixed(2).padStart(6)} x floor   CPU ${cpu.toFixed(2).padStart(6)} s   ${mib.toFixed(0).padStart(4)} MiB\n`,
    );
  process.stdout.write(`\nwith the guard ${guarded}, with --no-confirm ${bare}\n`);
  process.stdout.write(
    `netplay is ${(ansibles.facts.wall / own).toFixed(0)} times as fast as ansible-core as it comes, ${(ansibles.noFacts.wall / own).toFixed(0)} times as it is without facts (to reach: 30), and takes ${(own / floor).toFixed(2)} times the floor (to reach: at most 2)\n`,
  );
} finally {
  must(['node', netplay, 'lab', 'down', 'bench']);
  rmSync(scratch, { recursive: true, force: true });
}
