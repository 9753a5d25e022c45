import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { afterAll, describe, expect, test } from 'vitest';
import { type HookPin, pinsText, readPins, vzConfWith } from '../../../../src/resources/pins/hook-file.js';

const PIN: HookPin = {
  ve: '101',
  nic: 'eth3',
  table: 503,
  priority: 5000,
  gateway: '192.168.18.1',
  networks: ['192.168.18.0/24', '10.9.0.0/16'],
  addresses: ['192.168.18.101'],
};
const FILE = {
  pins: [PIN, { ...PIN, ve: '7fe94cf1-0000-4000-8000-000000000001', nic: 'eth4.100', addresses: [] }],
  former: [{ path: 'net/ipv4/conf/all/arp_ignore', value: '0' }],
};

test('what is written is read again', () => {
  expect(readPins(pinsText(FILE))).toEqual(FILE);
  expect(readPins(undefined)).toEqual({ pins: [], former: [] });
});

test('lines that hold no addresses or networks where they belong are passed over', () => {
  const text = pinsText({ pins: [PIN], former: [] });
  expect(readPins(text).pins).toHaveLength(1);
  for (const [from, to] of [
    ['192.168.18.1 ', 'eth4 '],
    ['10.9.0.0/16', '10.9.0.0/99'],
    [' 192.168.18.101', ' 192.168.18'],
    ["pin 101 'eth3'", "pin $(id) 'eth3'"],
  ] as const) {
    expect(text).toContain(from);
    expect(readPins(text.replace(from, to)).pins).toEqual([]);
  }
});

describe('vz.conf', () => {
  const conf = 'VIRTUOZZO=yes\nNAMESERVER="1.1.1.1"';
  test('gets a line that is no setting to vzctl, once, and loses it again', () => {
    const once = vzConfWith(conf, true);
    expect(once).toBe(
      `${conf}\n# netplay: the NICs of containers. This has no equals sign, so that vzctl itself passes it over.\n[ ! -r /etc/vz/netplay-pins.sh ] || . /etc/vz/netplay-pins.sh\n`,
    );
    expect(once.split('\n').slice(2).join('')).not.toContain('=');
    expect(vzConfWith(once, true)).toBe(once);
    expect(vzConfWith(once, false)).toBe(`${conf}\n`);
  });
});

/** A helper of OpenVZ's, as far as the hook can see it: it reads vz.conf, does its own work and ends with a code. */
const HELPER = (file: string): string => `. ${file}
echo "neighbours \${NEIGHBOUR_DEVS:-all}" >>"$LOG"
echo 'helper works' >>"$LOG"
exit 3
`;
/** Says what it is asked, and shows a route to the container and an entry on another NIC. */
const IP = `#!/bin/sh
echo "ip $*" >>"$LOG"
case "$*" in
*'route show'*) echo '192.168.18.101 dev venet0 scope link' ;;
*'neigh show'*) printf '192.168.18.101 dev eth0  proxy\\n192.168.18.101 dev eth3  proxy\\n192.168.18.102 dev eth0  proxy\\n' ;;
*'rule del'*) exit 2 ;;
esac
`;

const folder = mkdtempSync(join(tmpdir(), 'netplay-hook-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function call(shell: string, helper: string, env: Readonly<Record<string, string>>, pin = PIN) {
  const [log, pins, script] = ['log', 'pins', helper].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(log, '');
  writeFileSync(pins, pinsText({ pins: [pin], former: [] }));
  writeFileSync(script, HELPER(pins));
  for (const [name, text] of [
    ['ip', IP],
    ['arpsend', '#!/bin/sh\necho "arpsend $*" >>"$LOG"\n'],
  ] as const) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
  const [file = '', ...argv] = shell.split(' ');
  const done = execaSync(file, [...argv, script], {
    env: { ...env, LOG: log, PATH: `${folder}:${process.env.PATH}` },
    reject: false,
  });
  return {
    code: done.exitCode,
    said: done.stdout + done.stderr,
    log: readFileSync(log, 'utf8').trimEnd().split('\n'),
  };
}

// What /bin/sh is on nodes, Debian's and Red Hat's.
describe.each(['dash', 'bash', 'bash --posix'])('in %s', (shell) => {
  test('an address that is given: its table, its rules, one NIC alone, and the neighbours are told', () => {
    const { code, said, log } = call(shell, 'vps-net_add', { VEID: '101', IP_ADDR: '192.168.18.101/32' });
    expect({ code, said }).toEqual({ code: 3, said: '' });
    expect(log).toEqual([
      'neighbours list:eth3',
      'helper works',
      'ip -4 route show table all',
      'ip -4 route replace 192.168.18.0/24 dev eth3 table 503 proto 201',
      'ip -4 route replace 10.9.0.0/16 dev eth3 table 503 proto 201',
      'ip -4 route replace default via 192.168.18.1 dev eth3 table 503 proto 201',
      'ip -4 rule del from 192.168.18.101 priority 5000',
      'ip -4 rule del to 192.168.18.101 table main priority 4999',
      'ip -4 rule add to 192.168.18.101 table main priority 4999 protocol 201',
      'ip -4 rule add from 192.168.18.101 table 503 priority 5000 protocol 201',
      'ip -4 neigh add proxy 192.168.18.101 dev eth3',
      'ip -4 neigh show proxy',
      'ip -4 neigh del proxy 192.168.18.101 dev eth0',
      'arpsend -U -c 1 -w 1 -i 192.168.18.101 -e 192.168.18.101 eth3',
    ]);
  });

  test("a NIC's name is a word to the shell, whatever is in it", () => {
    const nic = "e'`id`;$(id)\\";
    const pin = { ...PIN, nic };
    expect(readPins(pinsText({ pins: [pin], former: [] })).pins).toEqual([pin]);
    const env = { VEID: '101', IP_ADDR: '192.168.18.101' };
    const { code, said, log } = call(shell, 'vps-net_add', env, pin);
    expect({ code, said, neighbours: log[0] }).toEqual({
      code: 3,
      said: '',
      neighbours: `neighbours list:${nic}`,
    });
    expect(log).toContain(`ip -4 neigh add proxy 192.168.18.101 dev ${nic}`);
  });

  test('another container is none of its business, nor an address of another family', () => {
    const others = [
      { VEID: '102', IP_ADDR: '192.168.18.102' },
      { VEID: '101', IP_ADDR: '2001:db8::101' },
    ];
    for (const env of others) {
      const { code, log } = call(shell, 'vps-net_add', env);
      const neighbours = env.VEID === '101' ? 'list:eth3' : 'all';
      expect({ code, log }).toEqual({ code: 3, log: [`neighbours ${neighbours}`, 'helper works'] });
    }
  });

  test('an address that is taken away leaves no rule; that of a container that stops keeps its own', () => {
    const rules = (state: string): string[] =>
      call(shell, 'vps-net_del', { VEID: '101', IP_ADDR: '192.168.18.101', VE_STATE: state }).log.filter(
        (line) => line.includes('rule') || line.includes('neigh del'),
      );
    const proxies = ['eth0', 'eth3'].map((dev) => `ip -4 neigh del proxy 192.168.18.101 dev ${dev}`);
    expect(rules('stopping')).toEqual(proxies);
    expect(rules('running')).toEqual([
      ...proxies,
      'ip -4 rule del from 192.168.18.101 priority 5000',
      'ip -4 rule del to 192.168.18.101 table main priority 4999',
    ]);
  });

  test('whoever else reads vz.conf notices nothing', () => {
    expect(call(shell, 'vz', {}).log).toEqual(['neighbours all', 'helper works']);
  });
});
