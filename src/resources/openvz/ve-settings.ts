/** What a container's file says of it beside its network devices. */
import { parseAddress } from '../../shared/addr.js';
import type { Change, Step } from '../../shared/change.js';
import type { OpenVz, Ve } from '../../snapshot/openvz.js';
import { editStep, setStep, type Words } from './vzctl.js';

export interface SettingParams {
  hostname?: string | null;
  name?: string | null;
  nameservers?: readonly string[] | null;
  searchdomains?: readonly string[] | null;
  onboot?: boolean;
}

interface Setting {
  name: string;
  /** As the parameter; undefined where the task says nothing of it. */
  wanted: string | readonly string[] | null | undefined;
  before: string | readonly string[] | null;
  /** The container with another value. */
  with(value: string | readonly string[] | null): Ve;
  option: string;
  /** The key of the file. */
  key: string;
}

/** One change for each setting that differs, each upon the one before. */
export function settingChanges(node: OpenVz, ve: Ve, params: SettingParams): Change[] {
  const changes: Change[] = [];
  let current = ve;
  for (const read of SETTINGS) {
    const setting = read(current, params);
    if (setting.wanted === undefined || same(setting.wanted, setting.before)) continue;
    const next = setting.with(setting.wanted);
    changes.push({
      resource: 've',
      address: `ve ${ve.id} ${setting.name}`,
      action: 'update',
      before: shown(setting.before),
      after: shown(setting.wanted),
      do: steps(node, ve, setting, setting.wanted),
      undo: steps(node, ve, setting, setting.before),
      effects: [{ kind: 'openvz', set: next }],
    });
    current = next;
  }
  return changes;
}

const SETTINGS: readonly ((ve: Ve, params: SettingParams) => Setting)[] = [
  (ve, { hostname }) => ({
    ...{ name: 'hostname', option: '--hostname', key: 'HOSTNAME', wanted: hostname, before: ve.hostname },
    with: (value) => ({ ...ve, hostname: text(value) }),
  }),
  (ve, { name }) => ({
    ...{ name: 'name', option: '--name', key: 'NAME', wanted: name, before: ve.name },
    with: (value) => ({ ...ve, name: text(value) }),
  }),
  (ve, { nameservers }) => ({
    ...{ name: 'nameservers', option: '--nameserver', key: 'NAMESERVER' },
    wanted: nameservers === null ? [] : nameservers?.map(canonical),
    before: ve.nameservers.map(canonical),
    with: (value) => ({ ...ve, nameservers: list(value) }),
  }),
  (ve, { searchdomains }) => ({
    ...{ name: 'searchdomains', option: '--searchdomain', key: 'SEARCHDOMAIN' },
    wanted: searchdomains === null ? [] : searchdomains,
    before: ve.searchdomains,
    with: (value) => ({ ...ve, searchdomains: list(value) }),
  }),
  (ve, { onboot }) => ({
    ...{ name: 'onboot', option: '--onboot', key: 'ONBOOT' },
    wanted: onboot === undefined ? undefined : yesNo(onboot),
    before: yesNo(ve.onboot),
    with: (value) => ({ ...ve, onboot: value === 'yes' }),
  }),
];

function steps(
  node: OpenVz,
  ve: Ve,
  { option, key }: Setting,
  value: string | readonly string[] | null,
): Step[] {
  // An empty list is no word of vzctl's: it would change nothing (conf_store_strlist).
  if (Array.isArray(value) && value.length === 0) return [editStep(ve, `/^[[:space:]]*${key}=/d`)];
  const words: Words = [value ?? ''].flat().map((word) => [option, word] as const);
  return setStep(node, ve, words);
}

function text(value: string | readonly string[] | null): string | null {
  return typeof value === 'string' ? value : null;
}

function list(value: string | readonly string[] | null): readonly string[] {
  return value === null ? [] : [value].flat();
}

function canonical(word: string): string {
  return parseAddress(word)?.address ?? word;
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

function same(a: Setting['before'], b: Setting['before']): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function shown(value: Setting['before']): string {
  return [value ?? []].flat().join(' ') || 'none';
}
