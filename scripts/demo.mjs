// npm run demo: the lab, what its network does, one run of the site's playbook, and what it does then.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { labUp } from '../dist/lab/index.js';
import { prove, renderProof } from '../dist/lab/proof.js';

// A lab of the user's own by the same name is left alone.
process.env.NETPLAY_LAB_DIR ??= '/run/netplay-demo';

const root = new URL('..', import.meta.url).pathname;
const scenarios = Object.values(
  JSON.parse(readFileSync(join(root, 'inventory', 'lab', 'proofs.json'), 'utf8')),
);

function say(text) {
  process.stdout.write(`${text}\n`);
}

function netplay(...args) {
  say(`$ netplay ${args.join(' ')}`);
  const { status } = spawnSync('node', [join(root, 'bin', 'netplay.js'), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  say('');
  return status;
}

async function show(lab, when) {
  say(`== What the network does ${when} (told from packets: NIC of the request / NIC of the reply)\n`);
  const proofs = await Promise.all(scenarios.map((scenario) => prove(lab.exec, scenario)));
  scenarios.forEach(({ title }, index) => {
    say(title);
    for (const line of renderProof(proofs[index])) say(`  ${line}`);
    say('');
  });
}

const lab = await labUp(join(root, 'inventory', 'lab', 'site.yml'));
let failed = false;
try {
  await show(lab, 'before');
  const site = ['playbooks/site.yml', '-i', 'inventory/site.yml', '-i', lab.inventory];
  failed = netplay('run', ...site) !== 0;
  await show(lab, 'after');
  say('== Nothing is left to change\n');
  failed = netplay('run', ...site, '--check', '--exit-code') !== 0 || failed;
} finally {
  await lab.down();
}
process.exitCode = failed ? 1 : 0;
