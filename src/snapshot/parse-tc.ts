/** The sections of tc-script.ts as traffic control. */
import { NetplayError } from '../shared/errors.js';
import { type ParsedFilters, parseFilters } from './parse-tc-filter.js';
import { parseClasses, parseQdiscs } from './parse-tc-qdisc.js';
import type { TcItem, TrafficControl } from './tc.js';
import { filterMajor } from './tc-tree.js';

interface Section {
  content: string;
  code: number;
}

const FINE_HZ = 1e9;

/**
 * @param reads the devices that are meant, all where one is left out
 * @param checkedContent a section's content; throws where its command failed
 * @returns undefined where there is no tc and no task names a device
 * @throws NetplayError `probe`: no tc, or one that failed or says what can't be understood
 */
export function parseTc<S extends Section>(
  sections: ReadonlyMap<string, S>,
  reads: readonly { dev?: string }[],
  checkedContent: (section: S) => string,
): TrafficControl | undefined {
  const qdiscs = sections.get('tc-qdiscs');
  if (qdiscs === undefined && reads.every(({ dev }) => dev === undefined)) return undefined;
  if (sections.has('tc-none') || qdiscs === undefined)
    throw new NetplayError(
      'probe',
      'traffic control needs the command "tc" of iproute2, which is not installed',
      {
        hint: 'Install the package iproute2 (Debian, SUSE), iproute-tc (Red Hat 8 and newer) or iproute2-tc (Alpine).',
      },
    );
  const all = reads.some(({ dev }) => dev === undefined);
  const items: TcItem[] = parseQdiscs(checkedContent(qdiscs)).filter(
    (qdisc) => all || reads.some(({ dev }) => dev === qdisc.dev),
  );
  const tables = new Set<string>();
  for (const [name, section] of sections) {
    const [what, dev = '', parent = ''] = name.split(' ');
    if (what === 'tc-classes') items.push(...parseClasses(checkedContent(section), dev));
    // A qdisc or class that a task names may not be there yet.
    if (what !== 'tc-filters' || section.code !== 0) continue;
    const found: ParsedFilters = parseFilters(section.content, dev, parent);
    items.push(...found.filters);
    if (found.tables) tables.add(`${dev} ${filterMajor({ parent })}:`);
  }
  return {
    items,
    tables,
    lacking: lackingOf(sections.get('tc-modules')?.content ?? ''),
    hz: Number.parseInt(sections.get('tc-psched')?.content.trim().split(' ')[3] ?? '', 16) || FINE_HZ,
  };
}

/** What netplay can ask for, by module; pfifo, bfifo, pfifo_fast, mq and noqueue are part of the scheduler itself. */
const MODULES = [
  ...['sch_htb', 'sch_tbf', 'sch_fq_codel', 'sch_fq', 'sch_sfq', 'sch_prio', 'sch_netem', 'sch_ingress'],
  ...['cls_u32', 'cls_flower', 'cls_fw', 'cls_matchall'],
  ...['act_mirred', 'act_police', 'act_gact', 'act_skbedit'],
];

/** Modules that can't be there: the kernel was built without, or its list of modules has none. Empty where nothing tells. */
function lackingOf(content: string): Set<string> {
  const lines = content.split('\n').map((line) => line.trim());
  const have = new Set(lines.flatMap((line) => (line.startsWith('have ') ? [line.slice(5)] : [])));
  const unset = new Set(
    lines.flatMap((line) => {
      const name = /^# CONFIG_NET_(\w+) is not set$/.exec(line)?.[1];
      return name === undefined ? [] : [name.toLowerCase()];
    }),
  );
  const listed = lines.includes('listed');
  return new Set(MODULES.filter((name) => !have.has(name) && (listed || unset.has(name))));
}
