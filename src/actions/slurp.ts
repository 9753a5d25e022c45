import type { Action } from './action.js';
import { ask } from './host/answer.js';
import { pathWord } from './host/words.js';

/** Shell lines that refuse what is no file that can be read; `np_path` is set before. */
export const READABLE = `[ -e "$np_path" ] || np_fail "$np_path does not exist on this host (file not found)"
[ ! -d "$np_path" ] || np_fail "$np_path is a directory"
[ -r "$np_path" ] || np_fail "$np_path may not be read"`;

/** A file's content as base64. */
export const slurp: Action<{ src: string }> = {
  name: 'slurp',
  summary: 'Reads a file of the host; its content is in the result, as base64.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['src'],
    properties: {
      src: {
        type: 'string',
        minLength: 1,
        description: 'The file on the host.',
        examples: ['/etc/machine-id'],
      },
    },
  },
  parameterAliases: { path: 'src' },
  examples: [{ slurp: { src: '/etc/machine-id' } }],
  check: 'runs',
  background: true,
  async run({ src }, context) {
    const script = `np_path=${pathWord(src)}\n${READABLE}\nnp_tell source "$np_path"; printf 'content '; np_enc <"$np_path"`;
    const answer = await ask(context, script);
    if ('changed' in answer) return answer;
    const content = answer.bytes('content')?.toString('base64') ?? '';
    return { changed: false, content, encoding: 'base64', source: answer.text('source') ?? src };
  },
};
