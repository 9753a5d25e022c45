/** The `verify` section of a play: whether the network does what the changes were made for. */
import type { Probe } from '../probes/probe.js';
import { longestMs, probeScript, type Retry, readProbes } from '../probes/script.js';
import { NetplayError } from '../shared/errors.js';
import type { ReportedError } from '../shared/events.js';
import type { Session } from '../transport/session.js';
import { askWithPartner } from './partners.js';
import { forEachLimited, Queue } from './pool.js';
import type { VerifyCheck } from './probes.js';

export interface VerifySection {
  checks: readonly VerifyCheck[];
  /** The hosts of the transaction: those that ask where a check names none. */
  hosts: readonly string[];
  /**
   * Gives the session of a host that asks, or opens it.
   * @param ms that what is to be asked takes at most
   */
  session(host: string, ms: number): Promise<Session>;
  /** Hosts at once. */
  forks: number;
  /** Default: three tries, half a second apart. */
  retry?: Retry;
  /** Shared by sections that run at the same time: what two hosts do together disturbs others. */
  queue?: Queue;
  /** Called for each probe of each host, in the order of their answers. */
  told?(answer: Answered): void;
  signal?: AbortSignal;
}

/** What came of one probe from one host. */
export interface Answered {
  check: VerifyCheck;
  host: string;
  label: string;
  /** `unreachable`: the probe could not be asked. */
  status: 'passed' | 'failed' | 'unreachable';
  /** What was seen, or why it could not be asked. */
  words: string;
}

/** After a change, the neighbours' ARP and the bridges' tables may need a moment. */
const DEFAULT_RETRY: Retry = { tries: 3, waitMs: 500 };

/** What a slow host may need beyond its probes (ms). */
const MARGIN_MS = 10_000;

/**
 * Asks every probe from the hosts that it names: one frame a host, all of its probes at once. Those that have a
 * part on another host follow, one after another.
 * @returns what did not pass, in the order of the playbook; the same fault of many hosts is told once.
 *   A host that can't be reached to ask is a fault of its first probe.
 */
export async function runVerify(section: VerifySection): Promise<ReportedError[]> {
  const asking = checksByHost(section);
  const answers: Answered[] = [];
  const take = (answer: Answered): void => {
    answers.push(answer);
    section.told?.(answer);
  };
  const lost = new Set<string>();
  await forEachLimited([...asking], section.forks, async ([host, asked]) => {
    const alone = asked.filter(({ probe }) => probe.partner === undefined);
    for (const answer of await askFrom(section, host, alone)) {
      if (answer.status === 'unreachable') lost.add(host);
      take(answer);
    }
  });
  const queue = section.queue ?? new Queue();
  for (const [host, asked] of asking)
    for (const one of asked)
      if (!lost.has(host))
        for (const answer of await queue.run(() => askBoth(section, host, one))) take(answer);
  return foldFaults(
    inOrder(
      answers.filter(({ status }) => status !== 'passed'),
      section,
      [...asking.keys()],
    ),
  );
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

async function askFrom(section: VerifySection, host: string, asked: readonly Asked[]): Promise<Answered[]> {
  const [first] = asked;
  if (first === undefined) return [];
  const probes = asked.map(({ probe }) => probe);
  const retry = section.retry ?? DEFAULT_RETRY;
  return orUnreachable(first, host, async () => {
    const ms = longestMs(probes, retry);
    const session = await section.session(host, ms);
    const frame = await session.run(probeScript(probes, retry), {
      timeoutMs: ms + MARGIN_MS,
      ...(section.signal !== undefined && { signal: section.signal }),
    });
    return readProbes(frame.stdout, probes).flatMap(({ index, passed, words }) => {
      const one = asked[index];
      return one === undefined ? [] : [answered(one, host, passed, words)];
    });
  });
}

/** None where the probe is one that the host asks alone. */
async function askBoth(section: VerifySection, host: string, asked: Asked): Promise<Answered[]> {
  const { partner } = asked.probe;
  if (partner === undefined) return [];
  const probe = { ...asked.probe, partner };
  const { session, signal, retry = DEFAULT_RETRY } = section;
  return orUnreachable(asked, host, async () => {
    const asking = { host, probe, retry, session };
    const { passed, words } = await askWithPartner({ ...asking, ...(signal !== undefined && { signal }) });
    return [answered(asked, host, passed, words)];
  });
}

function answered({ check, probe }: Asked, host: string, passed: boolean, words: string): Answered {
  return { check, host, label: probe.label, status: passed ? 'passed' : 'failed', words };
}

async function orUnreachable(
  { check, probe }: Asked,
  host: string,
  work: () => Promise<Answered[]>,
): Promise<Answered[]> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof NetplayError)) throw error;
    const whose = error.host === undefined || error.host === host ? '' : `${error.host}: `;
    return [{ check, host, label: probe.label, status: 'unreachable', words: `${whose}${error.message}` }];
  }
}

/** By the place in the playbook, then by host. */
function inOrder(
  faults: readonly Answered[],
  { checks }: VerifySection,
  hosts: readonly string[],
): Answered[] {
  const order = new Map(checks.map((check, index) => [check, index]));
  const rank = new Map(hosts.map((host, index) => [host, index]));
  return faults.toSorted(
    (a, b) =>
      (order.get(a.check) ?? 0) - (order.get(b.check) ?? 0) ||
      (rank.get(a.host) ?? 0) - (rank.get(b.host) ?? 0),
  );
}

function foldFaults(faults: readonly Answered[]): ReportedError[] {
  const groups = new Map<VerifyCheck, Map<string, Answered[]>>();
  for (const fault of faults) {
    const ofCheck = groups.get(fault.check) ?? new Map<string, Answered[]>();
    groups.set(fault.check, ofCheck);
    const key = JSON.stringify([fault.label, fault.words]);
    ofCheck.set(key, [...(ofCheck.get(key) ?? []), fault]);
  }
  return [...groups.values()].flatMap((ofCheck) => [...ofCheck.values()].map(reported));
}

function reported([fault, ...others]: readonly Answered[]): ReportedError {
  if (fault === undefined) throw new Error('a group without a fault');
  const { check, host, label, words } = fault;
  const who = others.length === 0 ? host : `${host} and ${others.length} more`;
  return { code: 'verify', message: `${label}, asked from ${who}: ${words}`, place: check.item.place };
}
