/** The file in which netplay keeps the names of tables, and its lines. */
import type { NameEntry, Snapshot } from '../../snapshot/model.js';
import { parseNameFile } from '../../snapshot/names.js';

export const TABLES_DIRECTORY = '/etc/iproute2/rt_tables.d';
const HEADER = '# Names of routing tables, written by netplay.\n';
/** Marks netplay's lines in a file that is not its own. */
const MARK = '# netplay';

/** @param directory whether the host's iproute2 reads rt_tables.d: then netplay has a file of its own. */
export function tableFile(directory: boolean): string {
  return directory ? `${TABLES_DIRECTORY}/netplay.conf` : '/etc/iproute2/rt_tables';
}

export function ownFile(snapshot: Snapshot): string {
  return tableFile(snapshot.tools.tablesDirectory);
}

/** Whether netplay may change this line of the file it writes to. */
function isOwn(line: string, { tools }: Snapshot): boolean {
  return tools.tablesDirectory || line.trimEnd().endsWith(MARK);
}

/** The entries that netplay made. */
export function ownLines(snapshot: Snapshot): readonly NameEntry[] {
  const file = ownFile(snapshot);
  const lines = (snapshot.files.get(file)?.content ?? '').split('\n').filter((line) => isOwn(line, snapshot));
  return lines.flatMap((line) => parseNameFile(file, line));
}

/** `content` without netplay's lines for `entries`; all other lines, remarks included, stay as they are. */
export function withoutEntries(content: string, entries: readonly NameEntry[], snapshot: Snapshot): string {
  const kept = content.split('\n').filter((line) => {
    const [found] = parseNameFile('', line);
    return (
      found === undefined ||
      !isOwn(line, snapshot) ||
      !entries.some((entry) => entry.id === found.id && entry.name === found.name)
    );
  });
  return kept.join('\n');
}

/** Whether nothing is left but what netplay begins its own file with. */
export function isBare(content: string, { tools }: Snapshot): boolean {
  return tools.tablesDirectory && content === HEADER;
}

/** `content` with one entry more. A last line without its end gets one: two entries would become one. */
export function withEntry(content: string, entry: NameEntry, { tools }: Snapshot): string {
  const whole = content === '' || content.endsWith('\n') ? content : `${content}\n`;
  const line = `${entry.id}\t${entry.name}`;
  if (!tools.tablesDirectory) return `${whole}${line}\t${MARK}\n`;
  return `${whole === '' ? HEADER : whole}${line}\n`;
}
