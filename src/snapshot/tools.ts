import { NetplayError } from '../shared/errors.js';
import type { Tools } from './model.js';

/** A version of iproute2: by date (`ss130716`, until 2020) or by number (`6.1.0`). */
export type Version = { kind: 'date'; date: number } | { kind: 'number'; major: number; minor: number };

/** Reads `iproute2-ss130716`, `iproute2-6.1.0`, `iproute2-v5.4.0-12-gabc`, `iproute2-5.10.0`. */
export function parseVersion(text: string): Version | undefined {
  const dated = /iproute2-ss(\d{6})/.exec(text);
  if (dated !== null) return { kind: 'date', date: Number(dated[1]) };
  const numbered = /iproute2-v?(\d+)\.(\d+)/.exec(text);
  if (numbered !== null) return { kind: 'number', major: Number(numbered[1]), minor: Number(numbered[2]) };
  return undefined;
}

/**
 * Whether a version has what came with `major.minor`. Dates tell nothing of the number, so the date of
 * the release before is given too: what is later has it.
 */
function since(version: Version | undefined, major: number, minor: number, dateBefore: number): boolean {
  if (version === undefined) return false;
  if (version.kind === 'date') return version.date > dateBefore;
  return version.major > major || (version.major === major && version.minor >= minor);
}

/** What the probe found out by trying. */
export interface Trials {
  /** What `ip -V` printed. */
  version: string;
  numeric: boolean;
  tuntap: boolean;
  linkMaster: boolean;
  others: readonly string[];
  /** The vendor's folder of names that is there. */
  vendor: string | null;
  /** What `ip -d -4 rule show` printed. */
  rules: string;
}

/**
 * What the tools of a host can do.
 * @throws NetplayError `probe` where `ip` is not iproute2's.
 */
export function toolsFrom(trials: Trials): Tools {
  const named = /iproute2-\S+?(?=,|\s|$)/.exec(trials.version);
  if (named === null)
    throw new NetplayError('probe', `iproute2 is not installed: ip -V says "${firstLine(trials.version)}"`, {
      hint: 'Install the package iproute2 (Debian, SUSE, Alpine) or iproute (Red Hat).',
    });
  const version = parseVersion(trials.version);
  // With -d a rule's protocol is always shown where both the kernel and the tool know it.
  const shown = /^\d+:.*\sproto\s/m.test(trials.rules);
  const anyRule = /^\d+:/m.test(trials.rules);
  return {
    iproute2: named[0],
    numeric: trials.numeric,
    ruleProtocol: anyRule ? shown : since(version, 4, 17, 180402),
    tablesDirectory: since(version, 4, 4, 151103),
    protocolsDirectory: since(version, 4, 10, 161212),
    vendorDirectory: since(version, 6, 5, 999999) && trials.vendor !== null ? trials.vendor : false,
    tuntap: trials.tuntap,
    linkMaster: trials.linkMaster,
    others: trials.others,
  };
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
