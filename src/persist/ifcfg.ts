/** Red Hat's ifcfg files: assignments that a shell sources. sysconfig.txt of initscripts tells what each means. */
import type { HostFile } from '../snapshot/model.js';
import { withoutPart } from './marked-part.js';

export const SCRIPTS = '/etc/sysconfig/network-scripts';

/** The first line of a file of netplay's own, by which it is known. */
export const MADE = '# Made by netplay from /etc/netplay/persistent.jsonl: what is changed here is lost.';

export interface Ifcfg {
  path: string;
  dev: string;
  /** What somebody else assigned; the last assignment counts. */
  values: ReadonlyMap<string, string>;
}

/** Names that ifup leaves out: `__sed_discard_ignored_files` of /etc/init.d/functions. */
const IGNORED = /(~|\.bak|\.orig|\.rpmnew|\.rpmorig|\.rpmsave|\.old)$/;

/** All of other people's, by the device's name: netplay's own files are left out. */
export function readIfcfgs(
  files: ReadonlyMap<string, HostFile | null>,
  deviceOf: (mac: string) => string | undefined,
): Map<string, Ifcfg> {
  const found = new Map<string, Ifcfg>();
  for (const [path, file] of files) {
    if (file === null || !path.startsWith(`${SCRIPTS}/ifcfg-`) || IGNORED.test(path)) continue;
    if (isMade(file.content)) continue;
    const values = assignments(withoutPart(file.content));
    const mac = values.get('HWADDR');
    const named = values.get('DEVICE') || (mac && deviceOf(mac.toLowerCase()));
    const dev = named || path.slice(`${SCRIPTS}/ifcfg-`.length);
    // An alias is of another device: ifcfg-eth0:1.
    if (!dev.includes(':') && !found.has(dev)) found.set(dev, { path, dev, values });
  }
  return found;
}

export function isMade(content: string): boolean {
  return content.startsWith(MADE);
}

/** What is assigned in plain words; what a shell would have to work out is left out. */
export function assignments(content: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of content.split('\n')) {
    const [, name, text = ''] = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line) ?? [];
    const value = name === undefined ? undefined : unquoted(text);
    if (name !== undefined && value !== undefined) found.set(name, value);
  }
  return found;
}

function unquoted(text: string): string | undefined {
  const [, double, single, bare] =
    /^(?:"([^"$`\\]*)"|'([^']*)'|([^\s"'$`\\;&|<>()]*))\s*(?:#.*)?$/.exec(text) ?? [];
  return double ?? single ?? bare;
}

/** `yes` and its like, as is_true of /etc/init.d/functions. */
export function isTrue(value: string | undefined): boolean {
  return /^(t|true|y|yes|1|on)$/i.test(value ?? '');
}

/** What stands in an assignment as it is, in quotes where it has blanks or a semicolon. */
const HOLDABLE = /^[A-Za-z0-9 _=:.,/+;@%-]*$/;

/** @returns undefined where it can't be written so that every reader of these files takes it alike */
export function assignment(name: string, value: string): string | undefined {
  if (!HOLDABLE.test(value)) return undefined;
  return /[ ;]/.test(value) ? `${name}="${value}"` : `${name}=${value}`;
}
