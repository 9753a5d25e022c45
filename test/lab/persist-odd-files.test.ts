/** Files of administrators that are not as netplay would write them keep every byte that is not netplay's. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import { netplay } from '../support/cli.js';
import { type Folder, makeFolder, ownName, settledRun } from '../support/lab-runs.js';

const HOST = 'h1';
const INTERFACES = '/etc/network/interfaces';
/** In shell's words: a remark in Latin-1. */
const LATIN =
  '# Gro\\337e Br\\374cke\\nauto eth1\\niface eth1 inet static\\n    address 10.6.1.1/24\\n    # \\344\\n';

let lab: Lab;
let folder: Folder;

beforeAll(async () => {
  folder = makeFolder();
  lab = await labUp({
    name: ownName('odd'),
    hosts: { [HOST]: { nics: { eth1: { switch: 'lan', addresses: ['10.6.1.1/24'] } } } },
  });
  // All that netplay asks to know that a host has ifupdown.
  await sh(
    'mkdir -p /etc/network /run/systemd/system; : > /usr/local/sbin/ifup; chmod 755 /usr/local/sbin/ifup',
  );
});
afterAll(async () => {
  folder?.remove();
  await lab?.down();
});
beforeEach(async () => {
  await sh(`rm -rf /etc/netplay ${INTERFACES}; ip route flush proto 201`);
});

async function sh(script: string): Promise<string> {
  const { code, stdout, stderr } = await lab.exec(HOST, ['sh', '-c', script]);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

const KEPT = ['-e', 'netplay_persist=auto'];
const ROUTE = { dst: '10.77.0.0/16', via: '10.6.1.254', dev: 'eth1' };

function args(tasks: readonly unknown[]): string[] {
  const file = folder.write('play.yml', [{ hosts: HOST, gather_facts: false, tasks }]);
  return [file, '-i', lab.inventory, ...KEPT];
}

const bytes = (): Promise<string> => sh(`od -An -v -tx1 ${INTERFACES} | tr -d ' \\n'`);
const hex = (content: string): string => Buffer.from(content, 'latin1').toString('hex');

test('a file that is no UTF-8 keeps its bytes when a part is added, withdrawn and taken back', async () => {
  await sh(`printf '${LATIN}' > ${INTERFACES}`);
  const whole = await bytes();
  await settledRun(args([{ route: ROUTE }]));
  const begin = hex('# netplay: begin\n');
  expect(await bytes()).toContain(`${whole}${begin}`);
  await settledRun(args([{ route: { ...ROUTE, state: 'absent' } }]));
  expect(await bytes()).toBe(whole);
  const back = await netplay(['rollback', HOST, '-i', lab.inventory]);
  expect(back.code).toBe(0);
  expect(await bytes()).toContain(`${whole}${begin}`);
});

test('what a loss of power filled with NULs is written, and taken back as it was', async () => {
  await sh(`printf '# \\\\0 \\0\\0\\nauto eth1\\niface eth1 inet manual\\n' > ${INTERFACES}`);
  await sh("mkdir /etc/netplay; printf '\\0\\0\\0\\n' > /etc/netplay/persistent.jsonl");
  const [whole, record] = [await bytes(), await sh('od -c /etc/netplay/persistent.jsonl')];
  await settledRun(args([{ route: ROUTE }]));
  expect(await bytes()).toContain(`${whole}${hex('# netplay: begin\n')}`);
  const back = await netplay(['rollback', HOST, '-i', lab.inventory]);
  expect(back.code).toBe(0);
  expect(await bytes()).toBe(whole);
  expect(await sh('ls /etc/netplay/persistent.jsonl || :')).toBe('');
  expect(record).toContain('\\0');
});
