/** The part of the probe's script that asks devices' drivers, and its answer. */
import { quote } from '../shared/shell.js';
import { ETHTOOL_PARTS, type EthtoolAnswer, type EthtoolPart, ethtoolKey } from './ethtool.js';
import { parseEthtool } from './parse-ethtool.js';

export interface EthtoolRead {
  dev: string;
  part: EthtoolPart;
}

/** Each part of each device once. */
export function ethtoolScript(reads: readonly EthtoolRead[]): string {
  const lines = reads.map(({ dev, part }, index) => {
    const option = ETHTOOL_PARTS[part].read;
    return `  section ethtool:${index} ethtool ${option === '' ? '' : `${option} `}${quote(dev)}`;
  });
  return ['if command -v ethtool >/dev/null 2>&1; then', ...lines, 'fi'].join('\n');
}

interface Section {
  content: string;
  code: number;
  errors: string;
}

/** By `ethtoolKey`. */
export function readEthtool(
  reads: readonly EthtoolRead[],
  section: (name: string) => Section | undefined,
): Map<string, EthtoolAnswer> {
  return new Map(
    reads.map(({ dev, part }, index): [string, EthtoolAnswer] => {
      const found = section(`ethtool:${index}`);
      if (found === undefined) return [ethtoolKey(dev, part), null];
      return [ethtoolKey(dev, part), parseEthtool(part, found.content, found.code, found.errors)];
    }),
  );
}
