import type { Action, ActionResult } from './action.js';
import { lineOf } from './command.js';
import { runCommand } from './host/run-command.js';

export interface RawParams {
  cmd: string;
  executable?: string;
}

/** A command line as it is, with nothing around it. Here it is `shell` without what that adds. */
export const raw: Action<RawParams> = {
  name: 'raw',
  summary: 'Runs a command line as it is: shell without chdir, creates, removes, stdin and environment.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['cmd'],
    properties: {
      cmd: {
        type: 'string',
        pattern: '\\S',
        description: 'The command line; free text stands for it.',
        examples: ['uptime'],
      },
      executable: {
        type: 'string',
        format: 'absolute-path',
        description: 'Another shell than that of the host.',
        examples: ['/bin/bash'],
      },
    },
  },
  examples: [{ raw: 'uptime' }],
  freeForm: 'cmd',
  check: 'unknown',
  async run(params, context): Promise<ActionResult> {
    const without = { ...context, environment: {} };
    const prepared = { body: lineOf(params), cmd: params.cmd };
    const {
      cmd: _,
      start: __,
      end: ___,
      delta: ____,
      ...result
    } = await runCommand(prepared, { strip_empty_ends: false }, without);
    return result;
  },
};
