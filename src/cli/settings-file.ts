/** The file of settings: where it is looked for, and what it says. */
import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { isMap, isScalar, isSeq } from 'yaml';
import { NetplayError, throwAll } from '../shared/errors.js';
import { nearest } from '../shared/nearest.js';
import type { Place } from '../shared/place.js';
import { readAtMostSync } from '../shared/read-at-most.js';
import { keyText, MOST_YAML, readYaml, type YamlSource } from '../shared/yaml.js';
import { type Setting, settings } from './settings.js';
import type { Locate, SettingValue } from './settings-kinds.js';

export const SETTINGS_FILE = 'netplay.yml';

/** The variable of the environment that names the file. */
export const FILE_VARIABLE = 'NETPLAY_CONFIG';

export interface FoundFile {
  /** Undefined where there is none. */
  file?: string;
  /** Why one that is there is not read. */
  warning?: string;
}

/** A value with the place where it stands. */
export interface FileValue {
  value: SettingValue;
  place: Place;
}

/**
 * The first that is there: what `NETPLAY_CONFIG` names, `netplay.yml` here, `~/.netplay.yml`, `/etc/netplay/netplay.yml`.
 * As in Ansible, the one here does not count in a folder that everybody may write to: whoever put it there would say
 * which hosts are changed, and as whom.
 * @throws NetplayError `usage` where NETPLAY_CONFIG names no file
 */
export function findSettingsFile(env: NodeJS.ProcessEnv, here = '.'): FoundFile {
  const named = env[FILE_VARIABLE] ?? '';
  if (named !== '') return { file: namedFile(named) };
  const local = here === '.' ? SETTINGS_FILE : join(here, SETTINGS_FILE);
  const open = isReadable(local) && (statSync(here).mode & 0o002) !== 0;
  const homes = [join(homedir(), `.${SETTINGS_FILE}`), `/etc/netplay/${SETTINGS_FILE}`];
  const file = [...(open ? [] : [local]), ...homes].find(isReadable);
  return {
    ...(file !== undefined && { file }),
    ...(open && {
      warning: `${local} is not read: everybody may write to this folder; ${FILE_VARIABLE}=${local} reads it nevertheless`,
    }),
  };
}

function namedFile(named: string): string {
  const path = expandHome(named);
  const info = statSync(path, { throwIfNoEntry: false });
  const file = info?.isDirectory() ? join(path, SETTINGS_FILE) : path;
  if (isReadable(file)) return file;
  throw new NetplayError('usage', `${FILE_VARIABLE}=${named}: there is no such file, or you may not read it`);
}

/** Devices count: /dev/null is how to do without settings. */
function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return !statSync(file).isDirectory();
  } catch {
    return false;
  }
}

export function expandHome(path: string): string {
  return path.replace(/^~(?=\/|$)/, homedir());
}

/**
 * What a file says, setting by setting.
 * @throws NetplayError | NetplayErrors `usage`: all that is wrong in it, with its place
 */
export function readSettingsFile(file: string): ReadonlyMap<Setting, FileValue> {
  const { source, errors } = readYaml(readAtMostSync(file, MOST_YAML).toString('utf8'), file, 'usage');
  throwAll(errors);
  const { contents } = source.document;
  const found = new Map<Setting, FileValue>();
  if (contents === null || (isScalar(contents) && contents.value === null)) return found;
  if (!isMap(contents))
    throw new NetplayError('usage', 'A settings file must be a map of names to values', {
      place: source.placeOf(contents),
      hint: `netplay takes ${file} for its settings; ${FILE_VARIABLE} names another file.`,
    });
  const locate: Locate = (path) => relativeTo(file, path);
  for (const pair of contents.items) {
    const place = source.placeOf(pair);
    const setting = settings.find(({ name }) => name === keyText(pair.key));
    if (setting === undefined) errors.push(unknown(keyText(pair.key), pair.value, place));
    else if (!isEmpty(pair.value)) {
      const value = noted(errors, () => settingValue(setting, pair.value, { source, locate }));
      if (value !== undefined) found.set(setting, { value, place });
    }
  }
  throwAll(errors);
  return found;
}

function relativeTo(file: string, path: string): string {
  const expanded = expandHome(path);
  return isAbsolute(expanded) ? expanded : join(dirname(file), expanded);
}

/** A key with nothing behind it is one that is not set. */
function isEmpty(node: unknown): boolean {
  return node === null || (isScalar(node) && node.value === null);
}

/** Settings of Ansible's that have another name here, or no use. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  transport: 'It is called connection.',
  fact_caching: 'Name a folder: fact_caching_connection.',
  pipelining: 'Leave it out: a host has one connection, and every script goes through it.',
  ssh_args: 'Leave it out: a host has one connection; other options go into ssh_common_args.',
  retry_files_enabled: 'Leave it out: `netplay run --resume RUN` goes on with what is left.',
  interpreter_python: 'Leave it out: hosts need no Python.',
  stdout_callback: 'Leave it out: --json prints events, --diff and -v show more.',
};

function unknown(name: string, value: unknown, place: Place): NetplayError {
  const near = nearest(
    name,
    settings.map((setting) => setting.name),
  );
  const hint = isMap(value)
    ? 'Settings stand at the top of the file, without sections.'
    : (ELSEWHERE[name] ??
      (near === undefined ? '`netplay config` shows all settings.' : `Did you mean ${near}?`));
  return new NetplayError('usage', `There is no setting "${name}"`, { place, hint });
}

interface Within {
  source: YamlSource;
  locate: Locate;
}

function settingValue(setting: Setting, node: unknown, within: Within): SettingValue {
  const { kind } = setting;
  if (kind.list === undefined) return scalarOf(setting, node, within);
  const items = isSeq(node) ? node.items : [node];
  return items.map((item) => String(scalarOf(setting, item, within)));
}

function scalarOf({ name, kind }: Setting, node: unknown, { source, locate }: Within): SettingValue {
  const refuse = (message: string): NetplayError =>
    new NetplayError('usage', `${name}: ${message}`, { place: source.placeOf(node) });
  if (!isScalar(node) || node.value === null || typeof node.value === 'object')
    throw refuse(kind.list === undefined ? 'must be one value' : 'must be a value, or a list of them');
  try {
    return kind.parse(String(node.value), locate);
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error));
  }
}

function noted<Result>(errors: NetplayError[], work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof NetplayError)) throw error;
    errors.push(error);
    return undefined;
  }
}
