/** What becomes of a play whose hosts are not all to be reached. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import { type RunReport, runJson } from '../support/cli.js';
import { type Folder, makeFolder, ownName } from '../support/lab-runs.js';

let lab: Lab;
let folder: Folder;
let args: string[];

beforeAll(async () => {
  folder = makeFolder();
  const host = (address: string) => ({ nics: { eth0: { switch: 'lan', addresses: [address] } } });
  lab = await labUp({
    name: ownName('unreached'),
    hosts: { a: host('192.168.7.1/24'), b: host('192.168.7.2/24') },
  });
  // Nobody listens there.
  const others = folder.write('others.yml', {
    all: { hosts: { gone: { ansible_host: '127.0.0.1', ansible_port: 9 } } },
  });
  args = ['-i', lab.inventory, '-i', others];
});
afterAll(async () => {
  folder?.remove();
  await lab?.down();
});
beforeEach(async () => {
  for (const host of ['a', 'b'])
    await lab.exec(host, ['sh', '-c', 'ip route flush table 100; rm -f /tmp/told-*; :']);
});

function play(text: string): Promise<RunReport> {
  return runJson([folder.write('play.yml', text), ...args]);
}

const ends = ({ ends: all }: RunReport): Record<string, string> =>
  Object.fromEntries(all.map(({ host, status }) => [host, status]));
const told = async (host: string): Promise<string> =>
  (await lab.exec(host, ['sh', '-c', 'cat /tmp/told-* 2>/dev/null; :'])).stdout;

describe('a block', () => {
  const block = (first: string): string => `- hosts: all
  gather_facts: false
  tasks:
    - block:
        - ${first}
      rescue:
        - shell: echo "{{ inventory_hostname }} {{ ansible_failed_result.unreachable }}" >> /tmp/told-rescue
          delegate_to: a
      always:
        - shell: echo "always {{ inventory_hostname }}" >> /tmp/told-always
          delegate_to: a
          throttle: 1
`;

  test.each([
    ['command: echo', 'an action'],
    ['route: { dst: 10.9.1.0/24, via: 192.168.7.254, table: 100 }', 'a resource'],
  ])(
    'with %s: the host that is not reached is rescued by a task elsewhere, and its always runs',
    async (first) => {
      const run = await play(block(first));
      expect((await told('a')).split('\n').sort()).toEqual([
        '',
        'always a',
        'always b',
        'always gone',
        'gone True',
      ]);
      expect(ends(run)).toEqual({ a: 'changed', b: 'changed', gone: 'changed' });
      expect(run.code).toBe(0);
    },
  );
});

describe('max_fail_percentage', () => {
  const percentage = (most: number): string => `- hosts: all
  gather_facts: false
  max_fail_percentage: ${most}
  tasks:
    - command: echo
    - shell: echo second > /tmp/told-second
`;

  test('counts hosts that are not reached: one of three is more than 30, and not more than 34', async () => {
    const ended = await play(percentage(30));
    expect([await told('a'), await told('b')]).toEqual(['', '']);
    expect(ended.code).not.toBe(0);
    expect(ends(ended).gone).toBe('unreachable');
    const passed = await play(percentage(34));
    expect([await told('a'), await told('b')]).toEqual(['second\n', 'second\n']);
    expect(ends(passed)).toMatchObject({ a: 'changed', b: 'changed', gone: 'unreachable' });
  });
});
