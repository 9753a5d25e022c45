/** The options of `ssh` that Ansible's users put into ansible_ssh_common_args. */
import { NetplayError } from '../shared/errors.js';

/** ssh_config settings in order; the first value of a keyword wins, but those of IdentityFile add up. */
export interface SshArgs {
  /** From -F: read in place of the user's own file. */
  configFile?: string;
  /** Keywords in lower case. */
  settings: readonly (readonly [keyword: string, value: string])[];
}

/** Options that take a value and stand for a setting. */
const FLAGS_WITH_VALUE: Readonly<Record<string, string>> = {
  i: 'identityfile',
  J: 'proxyjump',
  l: 'user',
  p: 'port',
};

/** Options that change nothing for a session without terminal and forwarding: -C, -q, -T, … */
const IDLE_FLAGS = new Set([...'ACTaknqvx']);

/** Settings that netplay acts upon. */
const USED = new Set([
  'connecttimeout',
  'globalknownhostsfile',
  'hostkeyalias',
  'hostname',
  'identitiesonly',
  'identityagent',
  'identityfile',
  'port',
  'proxycommand',
  'proxyjump',
  'stricthostkeychecking',
  'user',
  'userknownhostsfile',
]);

/** Settings that may stand there: netplay keeps its one connection open by itself and forwards nothing. */
const IDLE = new Set([
  'addkeystoagent',
  'batchmode',
  'checkhostip',
  'compression',
  'controlmaster',
  'controlpath',
  'controlpersist',
  'forwardagent',
  'forwardx11',
  'gssapiauthentication',
  'gssapidelegatecredentials',
  'hashknownhosts',
  'ipqos',
  'loglevel',
  'requesttty',
  'serveralivecountmax',
  'serveraliveinterval',
  'tcpkeepalive',
  'updatehostkeys',
  'visualhostkey',
]);

/**
 * @param host the name in the inventory, for messages
 * @throws NetplayError `inventory` for an option that netplay does not have
 */
export function parseSshArgs(words: readonly string[], host: string): SshArgs {
  const settings: [string, string][] = [];
  const rest = [...words];
  let configFile: string | undefined;
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (/^-[A-Za-z]+$/.test(word) && [...word.slice(1)].every((flag) => IDLE_FLAGS.has(flag))) continue;
    const [, flag = '', joined] = /^-([oFiJlp])([\s\S]*)$/.exec(word) ?? [];
    const value = joined === '' ? rest.shift() : joined;
    if (flag === '' || value === undefined) throw refused(host, word);
    if (flag === 'F') configFile = value;
    else if (flag === 'o') settings.push(setting(host, value));
    else settings.push([FLAGS_WITH_VALUE[flag] ?? flag, value]);
  }
  const used = settings.filter(([keyword]) => USED.has(keyword));
  return configFile === undefined ? { settings: used } : { settings: used, configFile };
}

/** `Keyword=value` or `Keyword value`. */
function setting(host: string, text: string): [string, string] {
  const [, name = '', value = ''] = /^\s*(\w+)\s*(?:=|\s)\s*(.*?)\s*$/s.exec(text) ?? [];
  const keyword = name.toLowerCase();
  if (value === '' || !(USED.has(keyword) || IDLE.has(keyword))) throw refused(host, `-o ${text}`);
  return [keyword, value];
}

function refused(host: string, option: string): NetplayError {
  return new NetplayError('inventory', `netplay has no ssh option ${option} (host ${host})`, {
    hint: 'It has -o, -F, -i, -J, -l and -p in ansible_ssh_common_args and ansible_ssh_extra_args; put others into ~/.ssh/config.',
    host,
  });
}
