import type { Action, ActionContext, ActionResult } from './action.js';
import { type Answer, ask } from './host/answer.js';
import { attributesDiff } from './host/attributes.js';
import { type ServiceWish, serviceScript } from './host/service-script.js';

export interface ServiceParams {
  name: string;
  state?: 'started' | 'stopped' | 'restarted' | 'reloaded';
  enabled?: boolean;
  runlevel?: string;
  pattern?: string;
  sleep?: number;
  use?: string;
  arguments?: string;
}

export interface SystemdParams {
  name?: string;
  state?: 'started' | 'stopped' | 'restarted' | 'reloaded';
  enabled?: boolean;
  masked?: boolean;
  daemon_reload?: boolean;
  daemon_reexec?: boolean;
  force?: boolean;
  no_block?: boolean;
  scope?: 'system' | 'user' | 'global';
}

/** Milliseconds: a service may take its time to start. */
const TIMEOUT_MS = 30 * 60_000;

async function apply(wish: ServiceWish, context: ActionContext): Promise<ActionResult> {
  const answer = await ask(context, serviceScript(wish), TIMEOUT_MS);
  const { name, state, enabled } = wish;
  if ('changed' in answer) return { ...answer, ...(name === undefined ? {} : { name }) };
  const later = answer.has('later');
  const diff = attributesDiff(answer, `service ${name}`);
  return {
    changed: diff !== undefined || later,
    name: name ?? null,
    ...(enabled === undefined ? {} : { enabled }),
    // Whoever was restarted runs.
    ...(state === undefined ? {} : { state: state === 'stopped' ? 'stopped' : 'started' }),
    ...(answer.word('manager') === 'systemd' ? { status: statusOf(answer) } : {}),
    ...(later ? { msg: `there is no service ${name} on this host yet` } : {}),
    ...(context.diff && diff !== undefined ? { diff: [diff] } : {}),
  };
}

/** What `systemctl show` prints; only values of `Exec…` go over several lines. */
function statusOf(answer: Answer): Record<string, string> {
  const text = answer.text('status') ?? '';
  return Object.fromEntries(
    [...text.matchAll(/^(\w+)=(Exec\w*=\{[\s\S]*?\}$|.*)$/gm)].map(([, key = '', value = '']) => [
      key,
      value.trim(),
    ]),
  );
}

const NAME = {
  type: 'string',
  pattern: '^[^-*?\\[\\s/][^*?\\[\\s/]*$',
} as const;
const STATE = {
  enum: ['started', 'stopped', 'restarted', 'reloaded'],
  description:
    'started, stopped: only if it is not yet. restarted, reloaded: each time; what does not run is started.',
} as const;
const ENABLED = { type: 'boolean', description: 'Whether it starts with the host.' } as const;

/** A service, under systemd, OpenRC or init's scripts. */
export const service: Action<ServiceParams> = {
  name: 'service',
  summary: 'Starts, stops, restarts or enables a service, with systemd, OpenRC or scripts of init.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    anyOf: [{ required: ['state'] }, { required: ['enabled'] }],
    properties: {
      name: { ...NAME, description: 'Its name.', examples: ['frr'] },
      state: STATE,
      enabled: ENABLED,
      runlevel: { type: 'string', default: 'default', description: "OpenRC's runlevel for enabled." },
      pattern: {
        type: 'string',
        description: "A word of `ps -ef` that tells that it runs, for scripts of init without 'status'.",
        examples: ['/usr/sbin/zebra'],
      },
      sleep: {
        type: 'integer',
        minimum: 0,
        description: 'Seconds between stop and start when a script of init is restarted.',
      },
      use: { type: 'string', description: 'Taken and not used: the host shows which manager it has.' },
      arguments: { type: 'string', description: 'Taken and not used.' },
    },
  },
  parameterAliases: { args: 'arguments' },
  examples: [
    { service: { name: 'frr', state: 'started', enabled: true } },
    { service: { name: 'frr', state: 'reloaded' } },
  ],
  check: 'predicts',
  background: true,
  run({ use: _, arguments: __, ...params }, context) {
    return apply(params, context);
  },
};

/** A unit of systemd. */
export const systemd: Action<SystemdParams> = {
  name: 'systemd',
  aliases: ['systemd_service'],
  summary:
    'Starts, stops, restarts, enables or masks a unit of systemd, or has systemd read its units again.',
  schema: {
    type: 'object',
    additionalProperties: false,
    anyOf: [
      { required: ['state'] },
      { required: ['enabled'] },
      { required: ['masked'] },
      { required: ['daemon_reload'] },
      { required: ['daemon_reexec'] },
    ],
    dependentRequired: { state: ['name'], enabled: ['name'], masked: ['name'] },
    properties: {
      name: { ...NAME, description: 'The unit.', examples: ['frr.service'] },
      state: STATE,
      enabled: ENABLED,
      masked: { type: 'boolean', description: 'Whether it can not be started at all.' },
      daemon_reload: {
        type: 'boolean',
        default: false,
        description: 'Has systemd read its files again, before all else. That alone is no change.',
      },
      daemon_reexec: { type: 'boolean', default: false, description: 'Has systemd start itself anew.' },
      force: { type: 'boolean', description: 'Replaces links that are in the way.' },
      no_block: { type: 'boolean', default: false, description: 'Does not wait until it is done.' },
      scope: {
        enum: ['system', 'user', 'global'],
        default: 'system',
        description: "Whose unit: the system's, the user's, or of all users.",
      },
    },
  },
  parameterAliases: {
    service: 'name',
    unit: 'name',
    'daemon-reload': 'daemon_reload',
    'daemon-reexec': 'daemon_reexec',
  },
  examples: [
    { systemd: { name: 'frr', state: 'restarted', daemon_reload: true } },
    { systemd: { name: 'systemd-networkd', enabled: false, masked: true } },
  ],
  check: 'predicts',
  background: true,
  run(params, context) {
    const {
      daemon_reload: daemonReload,
      daemon_reexec: daemonReexec,
      force,
      no_block,
      scope = 'system',
      ...rest
    } = params;
    const options = [
      ...(scope === 'system' ? [] : [`--${scope}`]),
      ...(no_block ? ['--no-block'] : []),
      ...(force ? ['--force'] : []),
    ];
    const reload = { daemonReload: daemonReload ?? false, daemonReexec: daemonReexec ?? false };
    return apply({ ...rest, ...reload, options, systemd: true }, context);
  },
};
