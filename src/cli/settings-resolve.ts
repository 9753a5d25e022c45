/** What settings come to: default < file < environment; a command's flag stands above all of them. */
import { NetplayError, throwAll } from '../shared/errors.js';
import { formatPlace } from '../shared/place.js';
import { type Setting, settings, variablesOf } from './settings.js';
import { expandHome, type FileValue, findSettingsFile, readSettingsFile } from './settings-file.js';
import type { SettingValue } from './settings-kinds.js';

export interface Settled {
  setting: Setting;
  /** Undefined where it has no default. */
  value?: SettingValue;
  from: 'default' | 'file' | 'environment';
  /** `netplay.yml:3:1`, `NETPLAY_FORKS`, or `default`. */
  origin: string;
}

export interface AllSettled {
  file?: string;
  warning?: string;
  settled: readonly Settled[];
}

/**
 * Every setting with its value and where that comes from.
 * @param here the folder in which a file is looked for
 * @throws NetplayError | NetplayErrors `usage`
 */
export function settle(env: NodeJS.ProcessEnv, here?: string): AllSettled {
  const found = findSettingsFile(env, here);
  const values = found.file === undefined ? new Map<Setting, FileValue>() : readSettingsFile(found.file);
  const errors: NetplayError[] = [];
  const settled = settings.map((setting) => {
    try {
      return fromEnvironment(setting, env) ?? fromFile(setting, values) ?? byDefault(setting);
    } catch (error) {
      if (!(error instanceof NetplayError)) throw error;
      errors.push(error);
      return byDefault(setting);
    }
  });
  throwAll(errors);
  return { ...found, settled };
}

/** A variable that is set to nothing counts as one that is not set. */
function fromEnvironment(setting: Setting, env: NodeJS.ProcessEnv): Settled | undefined {
  const origin = variablesOf(setting).find((name) => (env[name] ?? '') !== '');
  if (origin === undefined) return undefined;
  try {
    return { setting, from: 'environment', origin, value: parseLine(setting, env[origin] ?? '') };
  } catch (error) {
    throw new NetplayError('usage', `${origin}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** A line of words, as the environment and flags have it. @throws Error as the setting's kind */
export function parseLine({ kind }: Setting, line: string): SettingValue {
  if (kind.list === undefined) return kind.parse(line.trim(), expandHome);
  const { separator } = kind.list;
  const parts = typeof separator === 'function' ? separator(line) : line.split(separator);
  return parts.flatMap((part) => (part.trim() === '' ? [] : [String(kind.parse(part.trim(), expandHome))]));
}

function fromFile(setting: Setting, values: ReadonlyMap<Setting, FileValue>): Settled | undefined {
  const found = values.get(setting);
  if (found === undefined) return undefined;
  return { setting, from: 'file', origin: formatPlace(found.place), value: found.value };
}

function byDefault(setting: Setting): Settled {
  const { default: value } = setting;
  return { setting, from: 'default', origin: 'default', ...(value !== undefined && { value }) };
}
