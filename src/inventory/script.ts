/** Inventories that a program prints: `--list`, and where that leaves out the hosts' variables, `--host NAME`. */
import { basename } from 'node:path';
import { NetplayError } from '../shared/errors.js';
import { isMap } from '../shared/is-map.js';
import type { Place } from '../shared/place.js';
import type { Draft, DraftGroup } from './draft.js';
import { runScript } from './run-script.js';

/** Time for all that a script is asked, in milliseconds: one that reads a cloud's interface takes its time. */
const SCRIPT_TIMEOUT = 60_000;
/** So many hosts are asked for at once, where a script tells of one at a time. */
const AT_ONCE = 8;

export interface ScriptOptions {
  /** Where the script runs; absolute. */
  cwd: string;
  /** Milliseconds for the whole script, all its calls together; a minute where it is left out. */
  timeoutMs?: number | undefined;
}

/**
 * Runs the program and adds what it prints to the draft.
 * @param file absolute
 * @param shown the program as users named it
 * @returns all that is wrong with it
 */
export async function readScript(
  file: string,
  shown: string,
  draft: Draft,
  { cwd, timeoutMs = SCRIPT_TIMEOUT }: ScriptOptions,
): Promise<readonly NetplayError[]> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const place: Place = { file: shown, line: 1, column: 1 };
  const ask = async (...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> => {
    const call = [shown, ...args].join(' ');
    const printed = await runScript({ file, args, call, cwd, deadline, timeoutMs });
    return parsed(printed, call, args[0] === '--host');
  };
  try {
    const reader = new ScriptReader(draft, place);
    const list = await ask('--list');
    reader.read(list);
    await reader.hostVars(metaOf(list), (host) => ask('--host', host));
    return reader.errors;
  } catch (error) {
    if (error instanceof NetplayError) return [error];
    throw error;
  }
}

function parsed(text: string, call: string, mayBeEmpty: boolean): Readonly<Record<string, unknown>> {
  if (mayBeEmpty && text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const begin = JSON.stringify(text.slice(0, 60).trim());
    const what = text.trim() === '' ? 'nothing' : `no JSON; it begins with ${begin}`;
    throw new NetplayError('inventory', `The inventory script ${call} printed ${what}`, { cause });
  }
  if (isMap(value)) return value;
  throw new NetplayError('inventory', `The inventory script ${call} printed JSON that is no map`);
}

/** Undefined where hosts have to be asked for one by one. */
function metaOf(list: Readonly<Record<string, unknown>>): unknown {
  return isMap(list._meta) && 'hostvars' in list._meta ? list._meta.hostvars : undefined;
}

class ScriptReader {
  readonly errors: NetplayError[] = [];
  readonly #hosts = new Set<string>();

  constructor(
    private readonly draft: Draft,
    private readonly place: Place,
  ) {}

  #error(message: string): void {
    this.errors.push(
      new NetplayError('inventory', `${basename(this.place.file)}: ${message}`, { place: this.place }),
    );
  }

  read(list: Readonly<Record<string, unknown>>): void {
    for (const [name, data] of Object.entries(list)) if (name !== '_meta') this.#group(name, data);
  }

  /** A map, or the older form: a list of hosts, or a host's variables under its own name. */
  #group(name: string, data: unknown): void {
    const group = this.draft.group(name);
    if (!isMap(data)) this.#members(group, data);
    else if ('hosts' in data || 'vars' in data || 'children' in data) {
      if (data.hosts !== undefined) this.#members(group, data.hosts);
      if (data.vars !== undefined) this.#variables(group, data.vars);
      if (data.children !== undefined) this.#children(group, data.children);
    } else {
      this.#members(group, [name]);
      this.#variables(group, data);
    }
  }

  #members(group: DraftGroup, hosts: unknown): void {
    for (const host of this.#names(hosts, `the hosts of the group "${group.name}"`)) {
      this.#hosts.add(host);
      this.draft.host(host, group, this.place);
    }
  }

  #variables(group: DraftGroup, vars: unknown): void {
    if (!isMap(vars)) this.#error(`the variables of the group "${group.name}" are no map`);
    else
      for (const [key, value] of Object.entries(vars))
        this.errors.push(...this.draft.setGroupVar(group, { key, value, place: () => this.place }));
  }

  #children(group: DraftGroup, children: unknown): void {
    for (const name of this.#names(children, `the children of the group "${group.name}"`))
      this.errors.push(...this.draft.addChild(group, this.draft.group(name), this.place));
  }

  #names(value: unknown, what: string): readonly string[] {
    if (Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== ''))
      return value as string[];
    this.#error(`${what} are no list of names`);
    return [];
  }

  /**
   * @param meta the variables of all hosts, if the script told them
   * @param ask gets those of one host
   * @throws NetplayError what `ask` throws
   */
  async hostVars(meta: unknown, ask: (host: string) => Promise<unknown>): Promise<void> {
    if (meta !== undefined && !isMap(meta)) this.#error('the "hostvars" of "_meta" are no map');
    const found = isMap(meta) ? new Map(Object.entries(meta)) : new Map<string, unknown>();
    if (meta === undefined) {
      const waiting = this.#hosts.values();
      const worker = async (): Promise<void> => {
        for (const host of waiting) found.set(host, await ask(host));
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
    }
    for (const host of this.#hosts) this.#host(host, found.get(host) ?? {});
  }

  #host(name: string, vars: unknown): void {
    const host = this.draft.hosts.get(name);
    if (!isMap(vars)) this.#error(`the variables of the host "${name}" are no map`);
    else if (host !== undefined)
      for (const [key, value] of Object.entries(vars))
        this.draft.setHostVar(host, { key, value, place: () => this.place });
  }
}
