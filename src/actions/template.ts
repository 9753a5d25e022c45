import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Action, TemplateOptions } from './action.js';
import { writeContent, writeProperties } from './copy.js';
import { preservableProperties } from './host/attributes.js';
import type { WriteParams } from './host/put.js';

export interface TemplateParams extends WriteParams {
  src: string;
  newline_sequence?: string;
  trim_blocks?: boolean;
  lstrip_blocks?: boolean;
}

const NEWLINES: Readonly<Record<string, string>> = { '\\n': '\n', '\\r': '\r', '\\r\\n': '\r\n' };

/** A template of the controller, filled in for the host. */
export const template: Action<TemplateParams> = {
  name: 'template',
  summary: 'Writes a file from a Jinja template of the controller.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['src', 'dest'],
    properties: {
      src: {
        type: 'string',
        minLength: 1,
        description: "The template, looked for in the role's or playbook's templates/ folder.",
        examples: ['frr.conf.j2'],
      },
      dest: {
        type: 'string',
        minLength: 1,
        description: 'The path on the host. One that ends with / is a folder, and made if it is missing.',
        examples: ['/etc/frr/frr.conf'],
      },
      ...preservableProperties,
      ...writeProperties,
      newline_sequence: {
        enum: ['\n', '\r', '\r\n', '\\n', '\\r', '\\r\\n'],
        default: '\\n',
        description: 'How lines end in the file.',
      },
      trim_blocks: {
        type: 'boolean',
        default: true,
        description: 'Whether the line end behind a block {% … %} is dropped.',
      },
      lstrip_blocks: {
        type: 'boolean',
        default: false,
        description: 'Whether blanks before a block {% … %} at the beginning of a line are dropped.',
      },
    },
  },
  examples: [
    { template: { src: 'frr.conf.j2', dest: '/etc/frr/frr.conf', mode: '0640', validate: 'vtysh -C -f %s' } },
  ],
  check: 'predicts',
  async run(params, context) {
    const { src, newline_sequence: sequence = '\n', trim_blocks, lstrip_blocks } = params;
    const file = context.findFile(src, 'templates');
    const text = context.decrypt(await readFile(file), file).toString('utf8');
    const options: TemplateOptions = {
      ...(trim_blocks === undefined ? {} : { trimBlocks: trim_blocks }),
      ...(lstrip_blocks === undefined ? {} : { lstripBlocks: lstrip_blocks }),
    };
    const newline = NEWLINES[sequence] ?? sequence;
    const rendered = context.renderFile(text, file, options);
    const content = Buffer.from(newline === '\n' ? rendered : rendered.replaceAll(/\r\n|\n/g, newline));
    const preserved =
      params.mode === 'preserve' ? { mode: ((await stat(file)).mode & 0o7777).toString(8) } : {};
    const result = await writeContent(content, { ...params, ...preserved }, context, basename(src));
    return { ...result, src: file };
  },
};
