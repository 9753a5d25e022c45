/** Thousands of routes and rules in one play. How long they take, `npm run bench` tells. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import { scalePlay } from '../bench/scale-play.mjs';
import { changesByHost, runJson } from '../support/cli.js';
import { type Folder, makeFolder, ownName, settledRun, stateOf } from '../support/lab-runs.js';

const [ROUTES, RULES] = [2000, 400];

let lab: Lab;
let folder: Folder;

beforeAll(async () => {
  folder = makeFolder();
  lab = await labUp({
    name: ownName('scale'),
    hosts: {
      h1: {
        nics: {
          eth0: { switch: 'a', addresses: ['10.1.0.1/24', 'fd01::1/64'] },
          eth1: { switch: 'b', addresses: ['10.2.0.1/24'] },
        },
      },
    },
  });
});
afterAll(async () => {
  folder?.remove();
  await lab?.down();
});

test('2,000 routes and 400 rules are all undone where a step fails, else made at once, and stay', async () => {
  const before = await stateOf(lab, 'h1');
  const play = scalePlay(ROUTES, RULES);
  const failing = `${play}    - sysctl: { name: net.ipv4.tcp_congestion_control, value: nosuch }\n`;
  const undone = await runJson([folder.write('failing.yml', failing), '-i', lab.inventory]);
  expect(undone.code).toBe(2);
  expect(undone.ends.map(({ status }) => status)).toEqual(['rolled_back']);
  expect(await stateOf(lab, 'h1')).toEqual(before);

  const run = await settledRun([folder.write('play.yml', play), '-i', lab.inventory]);
  const changes = Object.values(changesByHost(run)).flat();
  expect(changes.length).toBeGreaterThanOrEqual(ROUTES + RULES);
});
