import { DEFAULT_TIMEOUT, type ProbeKind, TIMEOUT } from './probe.js';

export interface CommandParams {
  cmd: string;
  timeout?: number;
}

const LONGEST_SHOWN = 60;

/** Any command line of `sh`. It should only look: a check of what is, which changes nothing. */
export const command: ProbeKind<CommandParams> = {
  name: 'command',
  summary: 'A command line ends with exit code 0',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['cmd'],
    properties: {
      cmd: {
        type: 'string',
        minLength: 1,
        description: 'A command line for sh, which runs it as the user that tasks run as',
        examples: ['ip route get 192.0.2.1 | grep -q eth0'],
      },
      timeout: { ...TIMEOUT, description: 'Seconds until it must have ended' },
    },
  },
  examples: [
    { command: 'ip route get 192.0.2.1 | grep -q eth0' },
    { command: { cmd: 'curl -fsS -o /dev/null http://192.168.1.254/', timeout: 5 } },
  ],
  fromShort: (text) => ({ cmd: text }),
  describe: ({ cmd }) => {
    const line = cmd.trim().replaceAll(/\s+/g, ' ');
    return line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN)}…` : line;
  },
  seconds: ({ timeout = DEFAULT_TIMEOUT }) => timeout,
  script: ({ cmd }) => cmd,
  explain: (words, passed) => (passed && words === '' ? 'exit code 0' : undefined),
};
