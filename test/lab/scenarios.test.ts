/** The mission's three scenarios: what the network does before and after, told from packets. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Lab, labUp } from '../../src/lab/index.js';
import { type Proof, type ProofRequest, prove } from '../../src/lab/proof.js';
import { changesByHost, problemsOf, ROOT, type RunReport, runJson } from '../support/cli.js';

let lab: Lab;
let site: string[];

beforeAll(async () => {
  lab = await labUp(`${ROOT}/inventory/lab/site.yml`);
  site = ['-i', 'inventory/site.yml', '-i', lab.inventory];
});
afterAll(() => lab?.down());

const proofs: Record<'same-subnet' | 'dual-uplink' | 'asymmetric', ProofRequest> = JSON.parse(
  readFileSync(`${ROOT}/inventory/lab/proofs.json`, 'utf8'),
);
const { 'same-subnet': twin, 'dual-uplink': edge, asymmetric: app } = proofs;

/** `client address: in/out lost`, short enough to compare whole proofs. */
function paths(proof: Proof): string[] {
  return proof.paths.map(
    ({ client, address, sent, received, in: from, out }) =>
      `${client} ${address}: ${from.join('+')}/${out.join('+')} ${sent - received} lost`,
  );
}

async function runSite(...more: string[]): Promise<RunReport> {
  const report = await runJson(['playbooks/site.yml', ...site, ...more]);
  expect(problemsOf(report)).toEqual([]);
  return report;
}

const show = async (host: string, ...argv: string[]): Promise<string> =>
  (await lab.exec(host, ['ip', ...argv])).stdout;

describe.sequential('before', () => {
  test('same subnet: both NICs answer for both addresses', async () => {
    const proof = await prove(lab.exec, twin);
    expect(proof.arp.get('192.168.1.1')).toEqual(['eth0', 'eth2']);
    expect(proof.arp.get('192.168.1.253')).toEqual(['eth0', 'eth2']);
    expect(paths(proof).filter((path) => path.includes('/eth2 '))).toEqual([]);
  });

  test('dual uplink: only the address of the default gateway can be reached from the internet', async () => {
    expect(paths(await prove(lab.exec, edge))).toEqual([
      'somebody 172.16.1.162: eth0/eth0 0 lost',
      'somebody 192.168.1.162: eth1/eth0 3 lost',
    ]);
  });

  test('asymmetric: with rp_filter=1 one address is unreachable from the third network', async () => {
    const seen = paths(await prove(lab.exec, app));
    expect(seen).toContain('client-c 192.168.0.10: ens192/ens192 0 lost');
    expect(seen).toContain('client-c 192.168.1.10: ens224/ 3 lost');
  });

  test('asymmetric, the quick way: loose mode lets it in, and the reply leaves by the wrong NIC', async () => {
    const report = await runJson(['playbooks/asymmetric-loose.yml', ...site]);
    expect(problemsOf(report)).toEqual([]);
    expect(paths(await prove(lab.exec, app))).toContain('client-c 192.168.1.10: ens224/ens192 0 lost');
  });
});

describe.sequential('the run', () => {
  test('a check predicts what the run then does, and changes nothing', async () => {
    const states = (): Promise<string[]> =>
      Promise.all(
        ['twin1', 'edge1', 'app1'].map((host) => show(host, '-d', 'route', 'show', 'table', 'all')),
      );
    const before = await states();
    const check = await runSite('--check', '--exit-code');
    expect(check.code).toBe(3);
    expect(await states()).toEqual(before);
    const run = await runSite();
    expect(run.code).toBe(0);
    expect(changesByHost(run)).toEqual(changesByHost(check));
    expect(Object.keys(changesByHost(run))).toEqual(['twin1', 'edge1', 'app1']);
  });

  test('a host costs one connection and three round trips, and a second run changes nothing', async () => {
    const second = await runSite();
    expect(changesByHost(second)).toEqual({ twin1: [], edge1: [], app1: [] });
    expect(second.ends.map((end) => end.roundTrips)).toEqual([1, 1, 1]);
    expect((await runSite('--check', '--exit-code')).code).toBe(0);
  });
});

describe.sequential('after', () => {
  test('same subnet: each address is answered by its NIC alone, and its replies leave by that NIC', async () => {
    const proof = await prove(lab.exec, twin);
    expect(proof.arp.get('192.168.1.1')).toEqual(['eth0']);
    expect(proof.arp.get('192.168.1.253')).toEqual(['eth2']);
    expect(paths(proof)).toEqual([
      'twin-client 192.168.1.1: eth0/eth0 0 lost',
      'twin-client 192.168.1.253: eth2/eth2 0 lost',
      'twin-far 192.168.1.1: eth0/eth0 0 lost',
      'twin-far 192.168.1.253: eth2/eth2 0 lost',
    ]);
    const rules = await show('twin1', 'rule');
    expect(rules).toMatch(/100:\s+from 192\.168\.1\.1 lookup local100/);
    expect(rules).toMatch(/200:\s+from 192\.168\.1\.253 lookup local200/);
    const table = await show('twin1', 'route', 'show', 'table', 'local200');
    expect(table).toMatch(/^default via 192\.168\.1\.254 dev eth2/m);
    expect(table).toMatch(/^192\.168\.1\.0\/24 dev eth2 .*src 192\.168\.1\.253/m);
  });

  test('dual uplink: both addresses can be reached, each through its provider', async () => {
    const proof = await prove(lab.exec, edge);
    expect(proof.arp).toEqual(
      new Map([
        ['172.16.1.162', ['eth0']],
        ['192.168.1.162', ['eth1']],
      ]),
    );
    expect(paths(proof)).toEqual([
      'somebody 172.16.1.162: eth0/eth0 0 lost',
      'somebody 192.168.1.162: eth1/eth1 0 lost',
    ]);
    expect(await show('edge1', 'route', 'show', 'table', 'dx')).toMatch(
      /^default via 192\.168\.1\.1 dev eth1/m,
    );
    expect(await show('edge1', 'route', 'show', 'table', 'wt')).toMatch(
      /^default via 172\.16\.1\.1 dev eth0/m,
    );
    const main = await show('edge1', 'route', 'show', 'table', 'main');
    expect(main).toMatch(/^192\.168\.1\.0\/24 dev eth1 .*src 192\.168\.1\.162/m);
    expect(main).toMatch(/^172\.16\.1\.0\/24 dev eth0 .*src 172\.16\.1\.162/m);
  });

  test('asymmetric: with the strict filter on, every client reaches both addresses symmetrically', async () => {
    const strict = await lab.exec('app1', ['cat', '/proc/sys/net/ipv4/conf/all/rp_filter']);
    expect(strict.stdout.trim()).toBe('1');
    const seen = paths(await prove(lab.exec, app));
    expect(seen.filter((path) => !path.endsWith(' 0 lost'))).toEqual([]);
    for (const client of ['client-a', 'client-b', 'client-c']) {
      expect(seen.find((path) => path.startsWith(`${client} 192.168.0.10`))).toMatch(/\/ens192 /);
      expect(seen.find((path) => path.startsWith(`${client} 192.168.1.10`))).toMatch(/\/ens224 /);
    }
    const rules = await show('app1', 'rule');
    expect(rules).toMatch(/100:\s+from 192\.168\.0\.10 lookup 1/);
    expect(rules).toMatch(/200:\s+from 192\.168\.1\.10 lookup 2/);
  });
});
