import { type Action, failure } from './action.js';

/** Whether the host can be reached, logged into and asked to run a script. */
export const ping: Action<{ data?: string }> = {
  name: 'ping',
  summary:
    'Asks the host for an answer: that it is reached and may be worked on. It has nothing to do with ICMP.',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      data: {
        type: 'string',
        default: 'pong',
        description: 'What comes back as ping. crash makes the task fail.',
        examples: ['hello'],
      },
    },
  },
  examples: [{ ping: {} }],
  check: 'runs',
  background: true,
  async run({ data = 'pong' }, { session, signal }) {
    const { code, stderr } = await session.run(':', { signal });
    if (code !== 0) return failure(stderr.trim() || `The host's shell ended with code ${code}`);
    return data === 'crash' ? failure('data is crash') : { changed: false, ping: data };
  },
};
