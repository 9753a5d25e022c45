/** What the other files here rely on: a namespace on the machine behaves as one of the lab, with a kernel that has more. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Netns } from '../../support/netns.js';
import { startVmLab, type VmLab } from '../../support/vm-netns.js';

let lab: VmLab;
let netns: Netns;
beforeAll(async () => {
  lab = await startVmLab();
});
beforeEach(() => {
  netns = lab.createNetns();
  return () => netns.close();
});
afterAll(() => lab?.stop());

test('a command gets its input, and its output, errors and code come back apart', () => {
  expect(netns.exec(['cat'], 'one\ntwo\n')).toEqual({ code: 0, stdout: 'one\ntwo\n', stderr: '' });
  expect(netns.exec(['printf', '%s', "it's $HOME"])).toEqual({ code: 0, stdout: "it's $HOME", stderr: '' });
  expect(netns.exec('cat >&2; exit 7', 'no end of line')).toEqual({
    code: 7,
    stdout: '',
    stderr: 'no end of line\n',
  });
  expect(netns.exec(['sh'], 'set -e\nfalse\necho no')).toEqual({ code: 1, stdout: '', stderr: '' });
  expect(netns.exec('if').code).toBe(2);
  expect(netns.exec('cd /; v=1; exit').code).toBe(0);
  expect(netns.must('echo "$v" "${SSH_CONNECTION-}"; pwd')).toBe(' \n/\n');
  const long = `${'x'.repeat(99)}\n`.repeat(5000);
  expect(netns.must(['cat'], long)).toBe(long);
  expect(() => netns.must('echo what >&2; exit 3')).toThrow('what (rc 3)');
});

test('namespaces do not see each other, nor the machine, and a file in /etc is written for one alone', () => {
  netns.must('ip link add d0 type dummy; echo here > /etc/only');
  const other = lab.createNetns();
  expect(other.must('ls /sys/class/net; ls /etc/only 2>&1 || true')).toMatch(/^lo\n.*No such file/);
  expect(netns.must('ls /sys/class/net; cat /etc/only')).toBe('d0\nlo\nhere\n');
  other.close();
  expect(netns.must('readlink /proc/self/ns/net')).not.toBe(execFileSync('readlink', ['/proc/self/ns/net']));
});

/** Each is made with no more than this. */
const KINDS: Readonly<Record<string, string>> = {
  dummy: 'ip link add x type dummy',
  vlan: 'ip link add low type dummy; ip link add link low name low.5 type vlan id 5',
  'vlan 802.1ad': 'ip link add low type dummy; ip link add link low name low.6 type vlan proto 802.1ad id 6',
  bond: 'ip link add x type bond',
  vrf: 'ip link add x type vrf table 10',
  macvlan: 'ip link add low type dummy; ip link add link low name x type macvlan mode bridge',
  ipvlan: 'ip link add low type dummy; ip link add link low name x type ipvlan mode l2',
  vxlan: 'ip link add x type vxlan id 5 remote 192.0.2.1 dstport 4789',
  geneve: 'ip link add x type geneve id 5 remote 192.0.2.1',
  gre: 'ip link add x type gre remote 192.0.2.1 local 192.0.2.2',
  gretap: 'ip link add x type gretap remote 192.0.2.1 local 192.0.2.2',
  ipip: 'ip link add x type ipip remote 192.0.2.1 local 192.0.2.2',
  sit: 'ip link add x type sit remote 192.0.2.1 local 192.0.2.2',
  wireguard: 'ip link add x type wireguard',
  ifb: 'ip link add x type ifb',
  'bridge with VLANs': 'ip link add x type bridge vlan_filtering 1',
  netem: 'ip link add x type dummy; tc qdisc add dev x root netem delay 1ms',
  tbf: 'ip link add x type dummy; tc qdisc add dev x root tbf rate 1mbit burst 10k latency 1ms',
  htb: 'ip link add x type dummy; tc qdisc add dev x root handle 1: htb; tc class add dev x parent 1: classid 1:1 htb rate 1mbit',
  'fq, fq_codel, sfq':
    'ip link add x type dummy; for k in fq fq_codel sfq pfifo; do tc qdisc replace dev x root $k; done',
  'police, matchall': `ip link add x type dummy; tc qdisc add dev x clsact
tc filter add dev x ingress matchall action police rate 1mbit burst 10k drop`,
  flower: `ip link add x type dummy; tc qdisc add dev x clsact
tc filter add dev x ingress protocol ip flower dst_ip 192.0.2.1 action drop`,
  fw: 'ip link add x type dummy; tc qdisc add dev x clsact; tc filter add dev x egress handle 5 fw action pass',
  'u32, mirred': `ip link add x type dummy; ip link add y type dummy; tc qdisc add dev x clsact
tc filter add dev x ingress protocol ip u32 match ip dst 192.0.2.1 action mirred egress redirect dev y`,
  basic: `ip link add x type dummy; tc qdisc add dev x clsact
tc filter add dev x ingress basic match 'meta(nf_mark gt 24)' action skbedit mark 5`,
  'Open vSwitch': 'modprobe openvswitch',
};

test.each(Object.entries(KINDS))('the kernel has %s', (_, script) => {
  expect(netns.exec(`set -e\n${script}`)).toEqual({ code: 0, stdout: '', stderr: '' });
});

test('Open vSwitch forwards in the kernel, in a namespace', () => {
  const shown = netns.must(`set -e
export OVS_RUNDIR=/run/ovs-test OVS_DBDIR=/run/ovs-test; mkdir -p $OVS_RUNDIR; rm -f $OVS_RUNDIR/*
cd $OVS_RUNDIR; ovsdb-tool create conf.db /usr/share/openvswitch/vswitch.ovsschema
ovsdb-server conf.db --remote=punix:db.sock --detach --pidfile --no-chdir --log-file=db.log >/dev/null 2>&1
ovs-vsctl --db=unix:db.sock --no-wait init
ovs-vswitchd unix:$PWD/db.sock --detach --pidfile --no-chdir --log-file=vs.log >/dev/null 2>&1
ovs-vsctl --db=unix:db.sock --timeout=20 add-br ovs0
ovs-dpctl show`);
  expect(shown).toMatch(/^system@ovs-system:.*port 1: ovs0/s);
});
