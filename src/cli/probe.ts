/** `netplay probe`: one probe, asked from the hosts of a pattern, as a play's `verify` would ask it. */
import { Sessions } from '../engine/sessions.js';
import { type Answered, runVerify, type VerifySection } from '../engine/verify-section.js';
import type { ProbeItem } from '../playbook/model.js';
import type { ProbeKind } from '../probes/probe.js';
import { probeKinds } from '../probes/registry.js';
import { ONCE } from '../probes/script.js';
import { printable } from '../report/printable.js';
import { NetplayError, throwAll } from '../shared/errors.js';
import { isMap } from '../shared/is-map.js';
import { nearest } from '../shared/nearest.js';
import { readYaml, toPlain } from '../shared/yaml.js';
import { readWords } from './extra-vars.js';
import type { RunFlags } from './flags.js';
import { COMMAND_LINE, reach } from './reach.js';
import { onInterrupt } from './run.js';

/**
 * @param hosts a pattern: who asks
 * @param words the parameters
 * @returns the exit code: 0 where all passed, 2 where one did not, 4 where none failed and a host could not be reached
 */
export async function probeCommand(
  hosts: string,
  name: string,
  words: readonly string[],
  flags: RunFlags,
): Promise<number> {
  const item = itemOf(kindNamed(name), words);
  const interrupt = new AbortController();
  const { options, prepared } = await reach(flags, {
    name: `probe ${name}`,
    hosts,
    play: { verify: [item] },
    signal: interrupt.signal,
  });
  const stopListening = onInterrupt(interrupt);
  const { transport, forks, signal } = options;
  try {
    const [play] = prepared.plays;
    if (play === undefined) throw new Error('reach gives one play');
    const sessions = new Sessions(transport, signal);
    const session: VerifySection['session'] = async (host) => {
      const target = play.targets.get(host);
      if (target === undefined) throw new NetplayError('inventory', `there is no way to ${host}`);
      return sessions.get(target);
    };
    const answers = new Map<string, Answered>();
    const told = (answer: Answered): void => void answers.set(answer.host, answer);
    await runVerify({ checks: play.verify, hosts: play.hosts, forks, session, retry: ONCE, told, signal });
    const inOrder = play.hosts.flatMap((host) => answers.get(host) ?? []);
    print(inOrder, flags.json === true);
    return signal.aborted ? 130 : exitCodeOf(inOrder);
  } finally {
    stopListening();
    await transport.close();
  }
}

function kindNamed(name: string): ProbeKind<unknown> {
  const kind = probeKinds.find((candidate) => candidate.name === name);
  if (kind !== undefined) return kind;
  const names = probeKinds.map((candidate) => candidate.name);
  const near = nearest(name, names);
  throw new NetplayError('usage', `there is no probe ${name}`, {
    hint: near === undefined ? `There are ${names.join(', ')}.` : `Did you mean ${near}?`,
  });
}

function itemOf(kind: ProbeKind<unknown>, words: readonly string[]): ProbeItem {
  const place = { file: COMMAND_LINE, line: 1, column: 1 };
  return { probe: kind.name, params: paramsOf(kind, words), place, locate: () => place };
}

/** Text that neither begins a map nor names a parameter is the short form, such as a command line. */
function paramsOf(kind: ProbeKind<unknown>, words: readonly string[]): unknown {
  const [only = ''] = words;
  if (words.length === 1 && only.trimStart().startsWith('{') && !only.trimStart().startsWith('{{'))
    return fromMap(only);
  const named = words.filter((word) => namesParameter(kind, word)).length;
  if (named === 0) return words.join(' ');
  const pairs =
    words.length === 1
      ? readWords(only)
      : words.every((word) => /^\w+=/.test(word))
        ? Object.fromEntries(words.map((word) => splitAt(word, word.indexOf('='))))
        : undefined;
  if (pairs !== undefined) return pairs;
  throw new NetplayError('usage', `${kind.name}: its parameters are not all of the form key=value`, {
    hint: 'quote what holds blanks, or give a map in JSON',
  });
}

function splitAt(word: string, at: number): [key: string, value: string] {
  return [word.slice(0, at), word.slice(at + 1)];
}

function namesParameter({ schema }: ProbeKind<unknown>, word: string): boolean {
  const [, key = ''] = /^\s*(\w+)=/.exec(word) ?? [];
  return isMap(schema.properties) && Object.hasOwn(schema.properties, key);
}

function fromMap(text: string): unknown {
  const { source, errors } = readYaml(text, COMMAND_LINE, 'usage');
  throwAll(errors);
  return toPlain(source.document.contents);
}

const SHOWN = { passed: 'ok', failed: 'FAILED', unreachable: 'UNREACHABLE' } as const;

function print(answers: readonly Answered[], json: boolean): void {
  const width = Math.max(...answers.map(({ host }) => host.length));
  const statusWidth = Math.max(...answers.map(({ status }) => SHOWN[status].length));
  for (const { host, label, status, words } of answers) {
    const line = json
      ? JSON.stringify({ host, probe: label, status, seen: words })
      : printable(`${host.padEnd(width)}  ${SHOWN[status].padEnd(statusWidth)}  ${label}: ${words}`);
    process.stdout.write(`${line}\n`);
  }
}

function exitCodeOf(answers: readonly Answered[]): number {
  if (answers.some(({ status }) => status === 'failed')) return 2;
  return answers.some(({ status }) => status === 'unreachable') ? 4 : 0;
}
