/** An inventory of the hosts that were captured: how each was reached, without any password. */
import type { Params } from './reading.js';
import { yamlText } from './yaml-text.js';

export interface Reached {
  host: string;
  /** `ansible_*`; null for a host that nobody has reached yet. */
  vars: Params | null;
}

/** How many maps are around a host's variables. */
const OF_HOST = 3;

export function inventoryText(hosts: readonly Reached[]): string {
  const unknown = hosts.filter(({ vars }) => vars === null).map(({ host }) => host);
  const all = { hosts: Object.fromEntries(hosts.map(({ host, vars }) => [host, vars ?? {}])) };
  const top = ['The hosts that netplay capture read, and how it reached them.'];
  return yamlText({ all }, (depth) => depth < OF_HOST, {
    top:
      unknown.length === 0
        ? top
        : [...top, `Give ${unknown.join(', ')} an ansible_host: where the new host is reached.`],
  });
}
