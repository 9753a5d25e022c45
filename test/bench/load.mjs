// 1,000 tasks over 1,000 hosts, each with variables of its own: read, checked and expanded before the first host is
// touched. A tenth of the tasks use the hosts' variables. The last part of `npm run bench`.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { actions } from '../../dist/actions/registry.js';
import { prepareRun } from '../../dist/engine/prepare.js';
import { loadInventory } from '../../dist/inventory/load.js';
import { loadPlaybook } from '../../dist/playbook/load.js';
import { resources } from '../../dist/resources/registry.js';
import { createTemplates } from '../../dist/template/templates.js';

const [hosts, tasks] = [1000, 1000];
const scratch = mkdtempSync(join(tmpdir(), 'netplay-load-'));
const numbers = (count) => Array.from({ length: count }, (_, n) => n);

const inventory = numbers(hosts).map(
  (n) => `h${n} gw=10.${n >> 8}.${n & 255}.254 nic=eth${n % 4} site=s${n % 30}`,
);
const routes = numbers(tasks).map(
  (n) =>
    `    - route: { dst: 10.${100 + (n >> 8)}.${n & 255}.0/24, via: ${n % 10 === 0 ? '"{{ gw }}"' : '10.0.0.254'}, dev: eth0, table: 100 }`,
);
try {
  const [hostFile, playFile] = [join(scratch, 'hosts.ini'), join(scratch, 'site.yml')];
  writeFileSync(hostFile, `[all]\n${inventory.join('\n')}\n`);
  writeFileSync(playFile, `- hosts: all\n  tasks:\n${routes.join('\n')}\n`);
  const start = performance.now();
  const templates = createTemplates();
  const prepared = await prepareRun({
    inventory: await loadInventory([hostFile]),
    playbook: await loadPlaybook(playFile, resources, { templates, actions }),
    ...{ registry: resources, templates, transport: {}, target: {}, extraVars: {}, magic: {} },
    ...{
      forks: 50,
      verbosity: 0,
      check: true,
      diff: false,
      exitCode: false,
      confirmTimeout: 30,
      lockTimeout: 0,
    },
    ...{ run: 'r', by: 'me', from: 'here', signal: new AbortController().signal },
  });
  const seconds = (performance.now() - start) / 1000;
  const expanded = [...prepared.plays[0].tasks.values()].reduce((sum, each) => sum + each.length, 0);
  process.stdout.write(`\n${tasks} tasks over ${hosts} hosts: ${expanded} expanded\n\n`);
  process.stdout.write(
    `loaded and validated                 ${seconds.toFixed(2).padStart(6)} s   (to reach: 2)\n`,
  );
  process.stdout.write(
    `memory                               ${Math.round(process.memoryUsage().rss / 1e6)
      .toString()
      .padStart(6)} MB  (to reach: 300)\n`,
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
