import { execaSync } from 'execa';
import { expect, test } from 'vitest';
import type { ExpandedTask } from '../../../src/engine/expand.js';
import { HostPlay } from '../../../src/engine/host.js';
import type { Resource } from '../../../src/resources/resource.js';
import { NetplayError } from '../../../src/shared/errors.js';
import type { Session } from '../../../src/transport/session.js';

const place = { file: 'p.yml', line: 1, column: 1 };
const always: Resource<unknown> = {
  name: 'always',
  plural: 'always',
  mapKey: 'name',
  summary: 'Changes each time',
  schema: {},
  examples: [],
  reads: () => [],
  plan: () => ({
    changes: [
      {
        resource: 'always',
        address: 'always x',
        action: 'create',
        before: null,
        after: 'x',
        do: [{ kind: 'run', argv: ['true'] }],
        undo: [],
        effects: [],
      },
    ],
  }),
};
const task: ExpandedTask = {
  task: {
    kind: 'resource',
    name: 'a change',
    resource: 'always',
    key: 'always',
    many: false,
    params: {},
    when: [],
    loop: undefined,
    loopControl: { loopVar: 'item' },
    vars: {},
    tags: [],
    notify: [],
    listen: [],
    place,
    locate: () => place,
  },
  index: 0,
  resource: always,
  items: [{ params: {}, path: [] }],
  ignoreErrors: false,
};

/** Reads with this machine's `sh`, says that it applied, until the connection goes with the given frame. */
function sessionThatGoes(withFrame: number): Session {
  let frames = 0;
  return {
    get frames() {
      return frames;
    },
    run: async (script) => {
      frames += 1;
      if (frames === withFrame)
        throw new NetplayError('lost', 'The session with the host is gone', { host: 'h' });
      if (frames === 2) return { code: 0, stdout: 'netplay-armed\nconfirmed \n', stderr: '', ms: 1 };
      const { exitCode, stdout, stderr } = execaSync('sh', ['-c', script]);
      return { code: exitCode ?? 1, stdout, stderr, ms: 1 };
    },
    close: () => Promise.resolve(),
  };
}

test.each([
  [1, 'The session with the host is gone'],
  [2, 'while changes were being made: The session with the host is gone'],
  [3, 'after changes were made: The session with the host is gone'],
])('a connection that goes with frame %i is told as what it is', async (frame, message) => {
  const session = sessionThatGoes(frame);
  const play = new HostPlay({
    host: 'h',
    tasks: [task],
    probes: [],
    begin: () => undefined,
    check: false,
    confirmTimeout: null,
    lockTimeout: 0,
    author: { id: 'r.0', run: 'r', play: 'p', by: 'me', from: 'here' },
    reconnect: () => Promise.reject(new Error('no new connection is called for')),
    connect: () => Promise.resolve(session),
    phase: () => undefined,
    foreseen: () => undefined,
    protectSession: false,
    signal: new AbortController().signal,
  });
  if ((await play.prepare()) && (await play.apply())) await play.prove();
  const outcome = play.outcome();
  expect(outcome).toMatchObject({
    status: 'unreachable',
    roundTrips: frame,
    error: { code: 'lost', message },
  });
  expect(outcome.tasks[0]?.changes).toEqual([]);
});
