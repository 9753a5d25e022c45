/** What a host is asked before its changes and again after them: what worked must go on working. */
import { baselineProbes, baselineReads } from '../probes/baseline.js';
import type { Probe } from '../probes/probe.js';
import { probeScript, readProbes } from '../probes/script.js';
import type { Read, Snapshot } from '../snapshot/model.js';

/** The reads that the baseline needs beside those of the tasks, each once. */
export function withBaselineReads(reads: readonly Read[]): Read[] {
  const all = new Map([...reads, ...baselineReads].map((read) => [JSON.stringify(read), read]));
  return [...all.values()];
}

export class Baseline {
  readonly #probes: readonly Probe[];

  /** A gateway or resolver that the plan itself takes away is not asked: it may well be gone afterwards. */
  constructor(before: Snapshot, after: Snapshot, own: readonly Probe[]) {
    const kept = new Set(baselineProbes(after).map(({ label }) => label));
    this.#probes = [...baselineProbes(before).filter(({ label }) => kept.has(label)), ...own];
  }

  /** For the frame that makes the changes, ahead of them. */
  get script(): string {
    return probeScript(this.#probes);
  }

  /** Those that passed, from what that frame printed. */
  passed(stdout: string): Probe[] {
    const passed = new Set(
      readProbes(stdout, this.#probes).flatMap((result) => (result.passed ? [result.index] : [])),
    );
    return this.#probes.filter((_, index) => passed.has(index));
  }
}
