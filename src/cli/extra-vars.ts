/** `-e k=v`, `-e '{"k": 1}'`, `-e @file.yml`, as Ansible takes them. */
import type { Vars } from '../inventory/model.js';
import { NetplayError, throwAll } from '../shared/errors.js';
import { readUserFile, type UserText } from '../shared/user-text.js';
import type { Vault } from '../shared/vaulted.js';
import { MOST_YAML, readYaml, toPlain } from '../shared/yaml.js';

/** Later ones stand above earlier ones. `k=v` makes strings; JSON and files keep their types. */
export async function readExtraVars(options: readonly string[], vault?: Vault): Promise<Vars> {
  const vars: Record<string, unknown> = {};
  for (const option of options) Object.assign(vars, await readOne(option, vault));
  return vars;
}

async function readOne(option: string, vault: Vault | undefined): Promise<Vars> {
  if (option.startsWith('@')) return fromFile(option.slice(1), vault);
  if (option.trimStart().startsWith('{')) return fromYaml(option, '--extra-vars', vault);
  return fromWords(option);
}

async function fromFile(file: string, vault: Vault | undefined): Promise<Vars> {
  const text = await readUserFile(file, { code: 'usage', vault, most: MOST_YAML }).catch((cause: unknown) => {
    if (cause instanceof NetplayError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new NetplayError('usage', `can't read the extra variables in ${file}: ${why}`, { cause });
  });
  return fromYaml(text, file, vault);
}

function fromYaml(text: string | UserText, file: string, vault: Vault | undefined): Vars {
  const { source, errors } = readYaml(text, file, 'usage', { vault });
  throwAll(errors);
  const value = toPlain(source.document.contents);
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Vars;
  throw new NetplayError('usage', `${file}: extra variables must be a map of names to values`);
}

/** The option's text is not shown where it is wrong: what it holds may be a secret. */
function fromWords(option: string): Vars {
  const vars = readWords(option);
  if (vars !== undefined) return vars;
  throw new NetplayError('usage', '--extra-vars: not of the form name=value', {
    hint: 'give name=value, a map in JSON (\'{"name": 1}\'), or @file.yml',
  });
}

/** `a=1 b="two words"`: words may be quoted as in a shell. Undefined where the text is not of that form. */
export function readWords(text: string): Vars | undefined {
  const vars: Record<string, unknown> = {};
  const pattern = /\s*([^\s=]+)=((?:"[^"]*"|'[^']*'|[^\s"'])*)(?=\s|$)/y;
  let end = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [, name = '', value = ''] = match;
    vars[name] = value.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2');
    end = pattern.lastIndex;
  }
  return text.slice(end).trim() === '' && end > 0 ? vars : undefined;
}
