/** Probes that have a part on another host: their turns, on the two hosts' sessions. */
import type { Part, Partner, Probe, Turn } from '../probes/probe.js';
import { longestMs, probeScript, type Retry, readProbes } from '../probes/script.js';
import { quote } from '../shared/shell.js';
import type { Session } from '../transport/session.js';

/** What a slow host may need beyond its part (ms). */
const MARGIN_MS = 10_000;

type Side = 'here' | 'there';
const SIDES: readonly Side[] = ['here', 'there'];

export interface Asking {
  /** Name of the host that asks. */
  host: string;
  probe: Probe & { partner: Partner };
  /** As in `VerifySection`. */
  session(host: string, ms: number): Promise<Session>;
  retry: Retry;
  signal?: AbortSignal;
}

export interface Answer {
  passed: boolean;
  /** What was seen. */
  words: string;
}

/** @throws NetplayError where one of the two hosts can't be reached */
export async function askWithPartner(asking: Asking): Promise<Answer> {
  const { probe, retry } = asking;
  for (let tries = retry.tries; ; tries -= 1) {
    const { passed, words } = await takeTurns(asking);
    if (passed || tries <= 1) return { passed, words: probe.explain?.(words, passed) ?? words };
    await new Promise((resolve) => setTimeout(resolve, retry.waitMs));
  }
}

async function takeTurns(asking: Asking): Promise<Answer> {
  const said = { here: '', there: '' };
  let last: Answer = { passed: true, words: '' };
  for (const turn of asking.probe.partner.turns) {
    const answers = await Promise.all(SIDES.map((side) => takePart(asking, side, turn, said)));
    const told = answers.filter(({ passed }) => !passed);
    const shown = told.length > 0 ? told : answers;
    const words = shown.flatMap((answer) => (answer.words === '' ? [] : [answer.words])).join('; ');
    last = { passed: told.length === 0, words };
    if (!last.passed) return last;
    for (const [index, side] of SIDES.entries())
      if (turn[side] !== undefined) said[side] = answers[index]?.words ?? '';
  }
  return last;
}

/** A host without a part in the turn has nothing against it. */
async function takePart(
  { host, probe, session, signal }: Asking,
  side: Side,
  turn: Turn,
  said: Readonly<Record<Side, string>>,
): Promise<Answer> {
  const part = turn[side];
  if (part === undefined) return { passed: true, words: '' };
  const own = [asProbe(probe.label, part, said)];
  const ms = longestMs(own);
  const opened = await session(side === 'here' ? host : probe.partner.host, ms);
  const { stdout } = await opened.run(probeScript(own), {
    timeoutMs: ms + MARGIN_MS,
    ...(signal !== undefined && { signal }),
  });
  const [{ passed, words } = { passed: false, words: 'it was not run' }] = readProbes(stdout, own);
  return { passed, words: !passed && side === 'there' ? `on ${probe.partner.host}: ${words}` : words };
}

/** Whole words of one turn are what the next one works with. */
function asProbe(label: string, { script, seconds }: Part, said: Readonly<Record<Side, string>>): Probe {
  const known = SIDES.map((side) => `${side}=${quote(said[side])}\n`).join('');
  return {
    label,
    seconds,
    script: `${known}${script}`,
    explain: (words, passed) => (passed ? words : undefined),
  };
}
