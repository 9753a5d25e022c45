/** The `verify` section of a play: whether the network does what the changes were made for. */
import type { Probe } from '../probes/probe.js';
import { longestMs, probeScript, type Retry, readProbes } from '../probes/script.js';
import { NetplayError } from '../shared/errors.js';
import type { ReportedError } from '../shared/events.js';
import type { Session } from '../transport/session.js';
import { forEachLimited } from './pool.js';
import type { VerifyCheck } from './probes.js';

export interface VerifySection {
  checks: readonly VerifyCheck[];
  /** The hosts of the transaction: those that ask where a check names none. */
  hosts: readonly string[];
  /** Gives the session of a host that asks, or opens it. */
  session(host: string): Promise<Session>;
  /** Hosts at once. */
  forks: number;
  /** Default: three tries, half a second apart. */
  retry?: Retry;
  signal?: AbortSignal;
}

/** After a change, the neighbours' ARP and the bridges' tables may need a moment. */
const DEFAULT_RETRY: Retry = { tries: 3, waitMs: 500 };

/** What a slow host may need beyond its probes (ms). */
const MARGIN_MS = 10_000;

/** A probe that did not pass, or could not be asked. */
interface Fault {
  check: VerifyCheck;
  host: string;
  label: string;
  words: string;
}

/**
 * Asks every probe from the hosts that it names: one frame a host, all of its probes at once.
 * @returns what did not pass, in the order of the playbook; the same fault of many hosts is told once.
 *   A host that can't be reached to ask is a fault of its first probe.
 */
export async function runVerify(section: VerifySection): Promise<ReportedError[]> {
  const asking = checksByHost(section);
  const faults: Fault[] = [];
  await forEachLimited([...asking], section.forks, async ([host, checks]) => {
    faults.push(...(await askFrom(section, host, checks)));
  });
  const order = new Map(section.checks.map((check, index) => [check, index]));
  const hosts = [...asking.keys()];
  faults.sort(
    (a, b) =>
      (order.get(a.check) ?? 0) - (order.get(b.check) ?? 0) || hosts.indexOf(a.host) - hosts.indexOf(b.host),
  );
  return foldFaults(faults);
}

type Asked = { check: VerifyCheck; probe: Probe };

function checksByHost({ checks, hosts }: VerifySection): Map<string, Asked[]> {
  const changed = new Set(hosts);
  const found = new Map<string, Asked[]>();
  for (const check of checks)
    for (const [host, probe] of check.probes)
      if (!check.each || changed.has(host)) found.set(host, [...(found.get(host) ?? []), { check, probe }]);
  return found;
}

async function askFrom(section: VerifySection, host: string, asked: readonly Asked[]): Promise<Fault[]> {
  const probes = asked.map(({ probe }) => probe);
  const retry = section.retry ?? DEFAULT_RETRY;
  try {
    const session = await section.session(host);
    const frame = await session.run(probeScript(probes, retry), {
      timeoutMs: longestMs(probes, retry) + MARGIN_MS,
      ...(section.signal !== undefined && { signal: section.signal }),
    });
    return readProbes(frame.stdout, probes).flatMap(({ index, passed, words }) => {
      const one = asked[index];
      return passed || one === undefined ? [] : [{ check: one.check, host, label: one.probe.label, words }];
    });
  } catch (error) {
    const [first] = asked;
    if (!(error instanceof NetplayError) || first === undefined) throw error;
    return [{ check: first.check, host, label: first.probe.label, words: error.message }];
  }
}

function foldFaults(faults: readonly Fault[]): ReportedError[] {
  const groups = new Map<VerifyCheck, Map<string, Fault[]>>();
  for (const fault of faults) {
    const ofCheck = groups.get(fault.check) ?? new Map<string, Fault[]>();
    groups.set(fault.check, ofCheck);
    const key = JSON.stringify([fault.label, fault.words]);
    ofCheck.set(key, [...(ofCheck.get(key) ?? []), fault]);
  }
  return [...groups.values()].flatMap((ofCheck) => [...ofCheck.values()].map(reported));
}

function reported([fault, ...others]: readonly Fault[]): ReportedError {
  if (fault === undefined) throw new Error('a group without a fault');
  const { check, host, label, words } = fault;
  const who = others.length === 0 ? host : `${host} and ${others.length} more`;
  return { code: 'verify', message: `${label}, asked from ${who}: ${words}`, place: check.item.place };
}
