/** Where settings meet commands: flags are made of the table, and what is not given on the line is filled in. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { keyOf, type Setting, settings } from './settings.js';
import type { SettingKind, SettingValue } from './settings-kinds.js';

/** How a flag differs on one command. */
interface Own {
  description?: string;
}

/** Adds the flags of settings, by their names. */
export function withSettings(command: Command, names: readonly string[], own: Own = {}): Command {
  for (const setting of names.map(settingNamed)) {
    command.addOption(optionOf(setting, own));
    if (setting.alsoFlag !== undefined) addAlias(command, setting, setting.alsoFlag);
  }
  return command;
}

function settingNamed(name: string): Setting {
  const setting = settings.find((candidate) => candidate.name === name);
  if (setting === undefined) throw new Error(`there is no setting ${name}`);
  return setting;
}

function optionOf(setting: Setting, { description = setting.description }: Own): Option {
  const { flag, kind } = setting;
  if (flag === undefined) throw new Error(`${setting.name} has no flag`);
  const option = new Option(flag, description);
  if (setting.default !== undefined) option.default(setting.default);
  if (!option.required) return flag.startsWith('-v') ? option.argParser(oneMore) : option;
  if (kind.list === undefined) option.argParser(parsed(kind));
  else option.argParser(collectorOf(setting));
  return option;
}

/** Ansible's other word for a flag, which the help leaves out. */
function addAlias(command: Command, setting: Setting, words: string): void {
  const option = new Option(words).hideHelp();
  command.addOption(option);
  command.on(`option:${option.name()}`, (line: string) =>
    command.setOptionValueWithSource(keyOf(setting), line, 'cli'),
  );
}

/** Counts the `v` of `-vvv`. */
function oneMore(_value: string, before: number | undefined): number {
  return (before ?? 0) + 1;
}

/** A kind of settings as commander parses an argument. */
export function parsed(kind: SettingKind): (line: string) => SettingValue {
  return (line) => {
    try {
      return kind.parse(line, asGiven);
    } catch (error) {
      throw new InvalidArgumentError(`It ${error instanceof Error ? error.message : String(error)}.`);
    }
  };
}

/** A flag that may be given again. One of `-i` is one source, whatever commas it holds. */
function collectorOf({ name, kind }: Setting): (line: string, before?: readonly string[]) => string[] {
  return (line, before = []) => {
    const parts = name === 'inventory' ? [line] : line.split(',').map((word) => word.trim());
    return [
      ...before,
      ...parts.filter((part) => part !== '').map((part) => String(kind.parse(part, asGiven))),
    ];
  };
}

/** The shell has seen to what paths of the command line hold. */
function asGiven(path: string): string {
  return path;
}

/** A command that knows hosts takes settings that have no flag. */
function takes(command: Command, setting: Setting): boolean {
  const names = command.options.map((option) => option.attributeName());
  const { flag, beside = 'inventory' } = setting;
  return names.includes(keyOf(setting)) || (flag === undefined && names.includes(beside));
}

/**
 * Fills in what the command line leaves open, before a command begins. Of the inventory it is noted where it comes
 * from, since what a run was made with stands above settings.
 * @throws NetplayError | NetplayErrors `usage`
 */
export async function applySettings(command: Command, env: NodeJS.ProcessEnv): Promise<void> {
  const wanted = settings.filter((setting) => takes(command, setting));
  if (wanted.length === 0) return;
  const { settle } = await import('./settings-resolve.js');
  const { settled, warning } = settle(env);
  if (warning !== undefined) process.stderr.write(`warning: ${warning}\n`);
  for (const { setting, value, from, origin } of settled) {
    const key = keyOf(setting);
    if (from === 'default' || value === undefined || !wanted.includes(setting)) continue;
    if (isGiven(command, key) || givenOtherwise(command, setting)) continue;
    command.setOptionValueWithSource(key, value, from === 'file' ? 'config' : 'env');
    if (key === 'inventory') command.setOptionValueWithSource('inventoryFrom', origin, 'config');
  }
}

function isGiven(command: Command, key: string): boolean {
  return command.getOptionValueSource(key) === 'cli';
}

/** Pairs of which the command line gives one: the other is then not meant. */
const PAIRS: Readonly<Record<string, string>> = {
  ask_pass: 'connection_password_file',
  connection_password_file: 'ask_pass',
  become_ask_pass: 'become_password_file',
  become_password_file: 'become_ask_pass',
};

function givenOtherwise(command: Command, { name }: Setting): boolean {
  const other = PAIRS[name];
  return other !== undefined && isGiven(command, keyOf(settingNamed(other)));
}
