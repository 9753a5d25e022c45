/**
 * Flows as ovs-ofctl prints them: `dump-flows` of what there is, `parse-flow` of what a task asks for. Both spell a
 * field in one way, so that texts can be compared; what they spell apart (`enqueue`) is spelled here as a dump has it.
 */
import type { OvsFlow } from './ovs.js';

/** Numbers that stand for names while ovs-ofctl parses a text: it can't look up names of a bridge that it is not given. */
const FIRST_STAND_IN = 60_000;

/** Ports that OpenFlow itself names. */
const RESERVED = /^(?:\d+|local|in_port|normal|flood|all|any|none|controller|table|unset)$/i;

/** Where a flow names a port: `in_port=X`, `output:X`, `enqueue:X:1`. */
const PORT = /\b(in_port=|output:|enqueue:)("[^"]*"|[^,:\s()[\]]+)/gi;

/** A flow's text with numbers for the names of ports, and those names in the order of their numbers. */
export function numbered(text: string): { text: string; names: readonly string[] } {
  const names: string[] = [];
  const replaced = text.replace(PORT, (whole, before: string, word: string) => {
    const name = word.replaceAll('"', '');
    if (RESERVED.test(name)) return whole;
    if (!names.includes(name)) names.push(name);
    return `${before}${FIRST_STAND_IN + names.indexOf(name)}`;
  });
  return { text: replaced, names };
}

/** A name for each number of a port. */
export type PortNames = ReadonlyMap<number, string>;

/** The numbers that `numbered` gave. */
export function standIns(names: readonly string[]): PortNames {
  return new Map(names.map((name, index) => [FIRST_STAND_IN + index, name]));
}

/** Words that a dump has beside the match and that say nothing of what the flow does. */
const COUNTERS = /^(?:duration|n_packets|n_bytes|idle_age|hard_age)=/;
const OTHER =
  /^(?:(?:idle_timeout|hard_timeout|importance|out_port|out_group)[=:]|send_flow_rem$|check_overlap$|reset_counts$|no_\w+_counts$)/;
const DEFAULT_PRIORITY = 32_768;

/**
 * One line of `dump-flows`, or the one that `parse-flow` prints behind ADD.
 * @returns undefined where the line is no flow
 */
export function parseFlow(bridge: string, line: string, ports: PortNames): OvsFlow | undefined {
  const [, head = '', actions] =
    /^\s*(?:OFPT_FLOW_MOD \S+(?: \(xid=\S+\))?: ADD|.*?: ADD)?\s*(.*?)\s*\bactions=(.*?)\s*$/.exec(line) ??
    [];
  if (actions === undefined) return undefined;
  const words = head.split(/,\s*|\s+/).filter((word) => word !== '');
  const value = (name: string): string | undefined =>
    words.find((word) => word.startsWith(`${name}=`) || word.startsWith(`${name}:`))?.slice(name.length + 1);
  const fields = words.filter(
    (word) =>
      !COUNTERS.test(word) && !OTHER.test(word) && !/^(?:table|priority|cookie|idle|hard)[=:]/.test(word),
  );
  const table = Number(value('table') ?? 0);
  return {
    bridge,
    // parse-flow gives every table as 255 where none is named.
    table: table === 255 ? 0 : table,
    priority: Number(value('priority') ?? DEFAULT_PRIORITY),
    match: named(fields, ports).sort().join(','),
    actions: canonicalActions(actions, ports),
    cookie: cookieText(value('cookie') ?? '0'),
    other: words.filter((word) => OTHER.test(word)).sort(),
    raw: { match: fields.join(','), actions },
  };
}

/** A cookie in one spelling: `0x` and digits. */
export function cookieText(text: string): string {
  return `0x${BigInt(text).toString(16)}`;
}

function named(words: readonly string[], ports: PortNames): string[] {
  return words.map((word) =>
    word.replace(PORT, (_, before: string, port: string) => `${before}${nameOf(port, ports)}`),
  );
}

function nameOf(port: string, ports: PortNames): string {
  const name = port.replaceAll('"', '');
  return /^\d+$/.test(name)
    ? (ports.get(Number(name)) ?? name)
    : RESERVED.test(name)
      ? name.toUpperCase()
      : name;
}

function canonicalActions(actions: string, ports: PortNames): string {
  const [whole = ''] = named([actions], ports);
  return whole
    .replace(/\benqueue:([^,:]+):(\d+)/g, 'set_queue:$2,output:$1,pop_queue')
    .replace(/\boutput:(LOCAL|IN_PORT|NORMAL|FLOOD|ALL|CONTROLLER)\b/gi, (_, port: string) =>
      port.toUpperCase(),
    );
}
