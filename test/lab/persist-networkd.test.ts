/** What the networkd backend writes, judged by systemd-networkd itself: a reboot brings the same state. */
import { afterEach, describe, expect, it } from 'vitest';
import { networkd } from '../../src/persist/networkd.js';
import type { Entry } from '../../src/persist/record.js';
import { keptKey } from '../../src/snapshot/kept.js';
import { cameBetween, readState, stateText } from '../support/kept-state.js';
import { type Booted, bootNetworkd } from '../support/networkd.js';
import { NETWORKD_CASES } from '../support/networkd-cases.js';

const open: Booted[] = [];

async function boot(files?: Readonly<Record<string, string>>): Promise<Booted> {
  const host = await bootNetworkd(files);
  open.push(host);
  return host;
}

afterEach(() => {
  for (const host of open.splice(0)) host.close();
});

/** Lines by which networkd says that it did not take something. */
const COMPLAINT = /ignor|unknown|invalid|fail|could not|drop|conflict/i;
/** This namespace has no bus, no Wi-Fi, and names its own processes. */
const USUAL = /wireless|runtime directory|sd-bus|DBus|hostname|udev|PID 1|product UUID|SELinux/i;

async function reboots(
  commands: string,
): Promise<{ before: string; after: string; log: string[]; left: string[] }> {
  const first = await boot();
  const empty = readState(first.netns);
  first.netns.must(`set -e\n${commands}`);
  const state = readState(first.netns);
  const entries = cameBetween(empty, state).map((kept): Entry => ({ key: keptKey(kept), by: 'auto', kept }));
  const { files, left } = networkd.write(entries, state);
  const texts = files.flatMap(({ path, file }) => (file === null ? [] : [[path, file.content] as const]));
  const second = await boot(Object.fromEntries(texts));
  return {
    before: stateText(state),
    after: stateText(readState(second.netns)),
    log: second.log().filter((line) => COMPLAINT.test(line) && !USUAL.test(line)),
    left: left.map(({ why }) => why),
  };
}

describe('a reboot with systemd-networkd', () => {
  for (const { name, commands } of NETWORKD_CASES)
    it(`brings back: ${name}`, async () => {
      const { before, after, log, left } = await reboots(commands);
      expect(left).toEqual([]);
      expect(log).toEqual([]);
      expect(after).toBe(before);
    }, 60_000);
});
