/** `netplay lint`: what is wrong in playbooks, and what could be said better. */
import { type Finding, lint, lintRules, type Rule } from '../playbook/lint.js';
import { printable } from '../report/printable.js';
import { createStyle, type Style, wantsColor } from '../report/style.js';
import { NetplayError } from '../shared/errors.js';
import { nearest } from '../shared/nearest.js';
import { formatPlace } from '../shared/place.js';
import { createTemplates } from '../template/templates.js';
import { secrets } from './output.js';
import { type ReadOptions, readPlaybook } from './read-playbook.js';
import { openVault, type VaultFlags } from './vault-options.js';

export interface LintFlags extends VaultFlags, Pick<ReadOptions['flags'], 'rolesPath'> {
  json?: boolean;
  skip?: string[];
  listRules?: boolean;
}

/**
 * @returns 0 where nothing is found, else 2, as ansible-lint does
 * @throws NetplayError | NetplayErrors what is wrong, as --syntax-check tells it
 */
export async function lintCommand(files: readonly string[], flags: LintFlags): Promise<number> {
  if (flags.listRules) return listRules();
  if (files.length === 0) throw new NetplayError('usage', 'no playbook is given');
  const rules = rulesWithout(flags.skip ?? []);
  const templates = createTemplates();
  const vault = await openVault(flags, secrets.hide);
  const found: Finding[] = [];
  for (const file of files) found.push(...lint(await readPlaybook(file, { templates, vault, flags }), rules));
  const style = createStyle(wantsColor(process.stdout, process.env));
  const text = flags.json ? found.map(asJson) : found.flatMap((one) => asText(one, style));
  process.stdout.write(text.map((line) => `${line}\n`).join(''));
  return found.length === 0 ? 0 : 2;
}

function listRules(): number {
  const width = Math.max(...lintRules.map(({ name }) => name.length));
  for (const { name, summary } of lintRules) process.stdout.write(`${name.padEnd(width)}  ${summary}\n`);
  return 0;
}

function rulesWithout(names: readonly string[]): Rule[] {
  const known = lintRules.map(({ name }) => name);
  for (const name of names) if (!known.includes(name)) throw noRule(name, known);
  return lintRules.filter(({ name }) => !names.includes(name));
}

function noRule(name: string, known: readonly string[]): NetplayError {
  const near = nearest(name, known);
  return new NetplayError('usage', `--skip: there is no rule ${name}`, {
    hint: near === undefined ? `they are ${known.join(', ')}` : `Did you mean ${near}?`,
  });
}

function asText({ rule, message, hint, place }: Finding, style: Style): string[] {
  return [
    `${style.bold(printable(formatPlace(place)))}  ${style.yellow(rule)}  ${printable(message)}`,
    `  ${style.cyan('hint:')} ${hint}`,
  ];
}

function asJson({ rule, message, hint, place: { file, line, column } }: Finding): string {
  return JSON.stringify({ rule, message, hint, file, line, column });
}
