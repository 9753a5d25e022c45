/** `netplay config`: what is set, and where that comes from. */
import { printable } from '../report/printable.js';
import { FILE_VARIABLE } from './settings-file.js';
import type { SettingValue } from './settings-kinds.js';
import { type AllSettled, type Settled, settle } from './settings-resolve.js';

export interface ConfigFlags {
  onlyChanged?: boolean;
  json?: boolean;
}

/** @returns all text that the command prints */
export function configCommand({ onlyChanged, json }: ConfigFlags, env: NodeJS.ProcessEnv): string {
  const all = settle(env);
  const shown = all.settled.filter(({ from }) => onlyChanged !== true || from !== 'default');
  return json === true ? asJson(all, shown) : asText(all, shown);
}

function asJson({ file }: AllSettled, shown: readonly Settled[]): string {
  const values = shown.map(({ setting: { name }, value, from, origin }) => {
    return { name, value: value ?? null, from, origin };
  });
  return JSON.stringify({ file: file ?? null, settings: values }, undefined, 2);
}

function asText({ file, warning }: AllSettled, shown: readonly Settled[]): string {
  const head =
    file === undefined
      ? `no settings file: there is no ${FILE_VARIABLE}, ./netplay.yml, ~/.netplay.yml or /etc/netplay/netplay.yml`
      : `settings file: ${file}`;
  const rows = shown.map(({ setting, value, origin }) => [
    setting.name,
    value === undefined ? (setting.otherwise ?? '-') : inWords(value),
    origin,
  ]);
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const [names, values] = [width(0), Math.min(40, width(1))];
  const lines = rows.map(([name = '', value = '', origin = '']) =>
    printable(`${name.padEnd(names)}  ${value.padEnd(values)}  ${origin}`),
  );
  return [...(warning === undefined ? [] : [`warning: ${warning}`]), printable(head), '', ...lines]
    .join('\n')
    .trimEnd();
}

function inWords(value: SettingValue): string {
  return typeof value === 'object' ? value.join(', ') : String(value);
}
