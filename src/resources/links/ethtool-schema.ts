/** The parameters of `ethtool`: maps by its own words, so that what a manual says can be written as it stands. */
import type { JsonSchema } from '../resource.js';

const FLAPS = 'Changing it may take the link down for a moment.';
const number: JsonSchema = { type: 'integer', minimum: 0, maximum: 0x7fff_ffff };
const toggle: JsonSchema = { type: 'boolean' };

function map(
  properties: Readonly<Record<string, JsonSchema>>,
  description: string,
  example: object,
): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    properties,
    description,
    examples: [example],
  };
}

/** Properties of one kind, each with its description. */
function each(kind: JsonSchema, descriptions: Readonly<Record<string, string>>): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(descriptions).map(([name, description]) => [name, { ...kind, description }]),
  );
}

const COALESCE = [
  ...['rx-usecs', 'rx-frames', 'rx-usecs-irq', 'rx-frames-irq', 'tx-usecs', 'tx-frames', 'tx-usecs-irq'],
  ...['tx-frames-irq', 'stats-block-usecs', 'pkt-rate-low', 'rx-usecs-low', 'rx-frame-low', 'tx-usecs-low'],
  ...['tx-frame-low', 'pkt-rate-high', 'rx-usecs-high', 'rx-frame-high', 'tx-usecs-high', 'tx-frame-high'],
  'sample-interval',
];

/** `rx-usecs-irq`: what it counts, of which direction, and when it holds. */
function coalescing(name: string): string {
  if (name === 'sample-interval') return 'Seconds between two looks at the rate of packets.';
  if (name === 'stats-block-usecs') return 'Microseconds between two updates of the statistics.';
  if (name.startsWith('pkt-rate')) {
    const side = name.endsWith('low')
      ? 'below which the values in -low hold'
      : 'above which those in -high do';
    return `Packets per second ${side}, with adaptive-rx or adaptive-tx.`;
  }
  const [direction, unit = '', when = ''] = name.split('-');
  const what = unit === 'usecs' ? 'Microseconds' : 'Packets';
  const verb = direction === 'rx' ? 'received' : 'sent';
  const hold: Readonly<Record<string, string>> = {
    irq: ' while an interrupt is being served',
    low: ' at a low rate of packets (pkt-rate-low)',
    high: ' at a high rate of packets (pkt-rate-high)',
  };
  return `${what} to wait for after one was ${verb}${hold[when] ?? ''}.`;
}

export const ethtoolSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['dev'],
  minProperties: 2,
  properties: {
    dev: { type: 'string', format: 'interface', description: 'The device.', examples: ['eth0'] },
    features: {
      type: 'object',
      minProperties: 1,
      additionalProperties: toggle,
      description:
        'Offloads, each on or off, by any name that `ethtool -K` takes: tso, gso, gro, rx, tx, sg, lro, rxvlan, or the long ones of `ethtool -k`.',
      examples: [{ tso: false, gro: true, 'tx-udp-segmentation': false }],
    },
    ring: map(
      each(number, {
        rx: 'Packets that were received.',
        tx: 'Packets that are to be sent.',
        'rx-mini': 'Small ones that were received, where the NIC has a ring for these.',
        'rx-jumbo': 'Large ones that were received, where the NIC has a ring for these.',
      }),
      `Packets that wait in the NIC's rings: rx, tx, rx-mini, rx-jumbo. ${FLAPS}`,
      { rx: 4096, tx: 4096 },
    ),
    channels: map(
      each(number, {
        rx: 'Queues that only receive.',
        tx: 'Queues that only send.',
        other: "Interrupts for the driver's own affairs.",
        combined: 'Queues that do both.',
      }),
      `Queues with interrupts of their own: rx, tx, other, combined. ${FLAPS}`,
      { combined: 4 },
    ),
    coalesce: map(
      {
        ...each(toggle, {
          'adaptive-rx': 'Whether the driver chooses those of receiving by itself, as traffic comes.',
          'adaptive-tx': 'Whether the driver chooses those of sending by itself, as traffic goes.',
        }),
        ...each(number, Object.fromEntries(COALESCE.map((name) => [name, coalescing(name)]))),
      },
      'How long interrupts wait for more packets, by the words of `ethtool -C`.',
      { 'adaptive-rx': false, 'rx-usecs': 50 },
    ),
    pause: map(
      each(toggle, {
        autoneg: 'Whether they are agreed on with the other end.',
        rx: 'Whether it obeys those that come.',
        tx: 'Whether it sends them.',
      }),
      `Pause frames: autoneg, rx, tx. ${FLAPS}`,
      { rx: true, tx: true },
    ),
    speed: { type: 'integer', minimum: 1, description: `Mbit/s. ${FLAPS}`, examples: [1000] },
    duplex: { enum: ['full', 'half'], description: FLAPS },
    autoneg: {
      type: 'boolean',
      description: `Whether speed and duplex are agreed on with the other end. ${FLAPS}`,
    },
    wol: {
      type: 'string',
      pattern: '^(d|[pumbagsf]+)$',
      description: 'What wakes the machine, by the letters of `ethtool -s`; d is nothing.',
      examples: ['g'],
    },
    private_flags: {
      type: 'object',
      minProperties: 1,
      additionalProperties: toggle,
      description: "The driver's own switches, as `ethtool --show-priv-flags` lists them.",
      examples: [{ 'disable-fw-lldp': true }],
    },
  },
};
