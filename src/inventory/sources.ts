/** What `-i` names: files, programs, folders of these, or hosts themselves. */
import { constants } from 'node:fs';
import { access, open, readdir, stat } from 'node:fs/promises';
import { dirname, extname, join, resolve as resolvePath } from 'node:path';
import { NetplayError } from '../shared/errors.js';
import type { UserText } from '../shared/user-text.js';
import type { Vault } from '../shared/vaulted.js';
import { hideAssigned } from '../shared/vaulted-values.js';
import type { Draft } from './draft.js';
import { byCodePoint } from './groups.js';
import { readHostList } from './host-list.js';
import { readIni } from './ini.js';
import { tryRead } from './read.js';
import { readScript } from './script.js';
import { readYamlInventory } from './yaml.js';

const YAML_EXTENSIONS: readonly string[] = ['.yml', '.yaml', '.json'];
/** What Ansible leaves out of a folder (`INVENTORY_IGNORE_EXTS`); `.ini` is among it. */
const IGNORED =
  /^\.|^(?:host_vars|group_vars|vars_plugins)$|(?:\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry)|~)$/;
/** A folder of more files is no inventory. */
const MOST_FILES = 1000;

export interface SourceReading {
  /** Absolute. */
  cwd: string;
  vault?: Vault | undefined;
  scriptTimeoutMs?: number | undefined;
}

/**
 * Reads the sources one by one into the draft.
 * @returns the folders whose `group_vars/` and `host_vars/` go with them, absolute, one a source, and all that is wrong
 */
export async function readSources(
  sources: readonly string[],
  draft: Draft,
  reading: SourceReading,
): Promise<{ folders: string[]; errors: NetplayError[] }> {
  const reader = new SourceReader(draft, reading);
  const folders: string[] = [];
  for (const source of sources) {
    const path = resolvePath(reading.cwd, source);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined) {
      folders.push(found.isDirectory() ? path : dirname(path));
      await reader.path(path, source);
    } else if (source.includes(',')) reader.list(source);
    else reader.missing(source);
  }
  return { folders, errors: reader.errors };
}

class SourceReader {
  readonly errors: NetplayError[] = [];
  #files = 0;

  constructor(
    private readonly draft: Draft,
    private readonly reading: SourceReading,
  ) {}

  #error(message: string, hint?: string): void {
    this.errors.push(new NetplayError('inventory', message, hint === undefined ? {} : { hint }));
  }

  missing(source: string): void {
    const hint = `To name a host instead of a file, end it with a comma: -i ${source},`;
    this.#error(`There is no inventory ${source}`, hint);
  }

  list(source: string): void {
    this.draft.source = { name: source, isFile: false };
    this.errors.push(...readHostList(source, this.draft));
  }

  /** @param above the folders on the way down to here */
  async path(path: string, shown: string, above: readonly string[] = []): Promise<void> {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) this.#error(`The inventory ${shown} is a link that leads nowhere`);
    else if (!found.isDirectory() && !found.isFile() && above.length > 0)
      this.#error(`The inventory ${shown} is no file`);
    else if (!found.isDirectory()) await this.#file(path, shown);
    else if (above.includes(`${found.dev}:${found.ino}`))
      this.#error(`The folder ${shown} stands within itself`);
    else await this.#folder(path, shown, [...above, `${found.dev}:${found.ino}`]);
  }

  async #folder(path: string, shown: string, above: readonly string[]): Promise<void> {
    const names = await readdir(path).catch((cause: unknown) => reason(cause));
    if (typeof names === 'string') return this.#error(`The folder ${shown} can't be read: ${names}`);
    const wanted = names.filter((name) => !IGNORED.test(name)).sort(byCodePoint);
    this.#files += wanted.length;
    if (this.#files > MOST_FILES)
      return this.#error(`${shown} holds more than ${MOST_FILES} files: it is no folder of inventories`);
    if (wanted.length === 0 && above.length === 1) this.#empty(shown, names);
    for (const name of wanted) await this.path(join(path, name), join(shown, name), above);
  }

  #empty(shown: string, names: readonly string[]): void {
    const ini = names.find((name) => name.endsWith('.ini'));
    const hint =
      ini === undefined ? undefined : `Of a folder, Ansible reads no .ini: name it -i ${join(shown, ini)}`;
    this.#error(`The folder ${shown} holds no inventory`, hint);
  }

  async #file(path: string, shown: string): Promise<void> {
    this.draft.source = { name: path, isFile: true };
    const { cwd, vault, scriptTimeoutMs: timeoutMs } = this.reading;
    if (await isProgram(path)) {
      this.errors.push(...(await readScript(path, shown, this.draft, { cwd, timeoutMs })));
      return;
    }
    const text = await tryRead(path, shown, vault);
    if (text instanceof NetplayError) this.errors.push(text);
    else this.errors.push(...parseFile(text, shown, extname(path), this.draft, vault));
  }
}

/** May be run, and says what by: a text that only has the bit, as on a share of Windows', is an inventory. */
async function isProgram(path: string): Promise<boolean> {
  const found = await stat(path);
  if (!found.isFile()) return false;
  try {
    await access(path, constants.X_OK);
    const file = await open(path, 'r');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0).finally(() => file.close());
    const head = buffer.subarray(0, bytesRead);
    return head.toString('latin1').startsWith('#!') || head.includes(0);
  } catch {
    return false;
  }
}

function parseFile(
  given: UserText,
  shown: string,
  extension: string,
  draft: Draft,
  vault: Vault | undefined,
): NetplayError[] {
  const { text, secret } = given;
  if (extension === '.toml')
    return [
      new NetplayError('inventory', `${shown}: inventories in TOML are not read`, {
        hint: 'Write YAML or INI.',
      }),
    ];
  if (text.startsWith('#!'))
    return [
      new NetplayError('inventory', `${shown} is a script that may not be run`, {
        hint: `Let it be: chmod +x ${shown}`,
      }),
    ];
  if (isYaml(text, extension)) return readYamlInventory(given, shown, draft, vault);
  if (secret && vault !== undefined) hideAssigned(text, vault);
  return readIni(given, shown, draft);
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/**
 * Ansible tries YAML, then INI, and shows the errors of both. The first line that says anything tells them
 * apart, so that a mistake is shown once, in the words of the form that the file is written in.
 */
function isYaml(text: string, extension: string): boolean {
  const first = /^[ \t]*[^\s#;].*$/m.exec(text)?.[0].trim() ?? '';
  if (/^\[[^\]\s]+\]\s*(#.*)?$/.test(first)) return false;
  if (YAML_EXTENSIONS.includes(extension)) return true;
  return extension !== '.ini' && /^(---|\{|[^\s:=[\]]+:(\s|$))/.test(first);
}
