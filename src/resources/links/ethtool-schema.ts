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

const numbers = (...names: string[]): Record<string, JsonSchema> =>
  Object.fromEntries(names.map((name) => [name, number]));

const COALESCE = [
  ...['rx-usecs', 'rx-frames', 'rx-usecs-irq', 'rx-frames-irq', 'tx-usecs', 'tx-frames', 'tx-usecs-irq'],
  ...['tx-frames-irq', 'stats-block-usecs', 'pkt-rate-low', 'rx-usecs-low', 'rx-frame-low', 'tx-usecs-low'],
  ...['tx-frame-low', 'pkt-rate-high', 'rx-usecs-high', 'rx-frame-high', 'tx-usecs-high', 'tx-frame-high'],
  'sample-interval',
];

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
      numbers('rx', 'tx', 'rx-mini', 'rx-jumbo'),
      `Packets that wait in the NIC's rings: rx, tx, rx-mini, rx-jumbo. ${FLAPS}`,
      { rx: 4096, tx: 4096 },
    ),
    channels: map(
      numbers('rx', 'tx', 'other', 'combined'),
      `Queues with interrupts of their own: rx, tx, other, combined. ${FLAPS}`,
      { combined: 4 },
    ),
    coalesce: map(
      { 'adaptive-rx': toggle, 'adaptive-tx': toggle, ...numbers(...COALESCE) },
      'How long interrupts wait for more packets, by the words of `ethtool -C`.',
      { 'adaptive-rx': false, 'rx-usecs': 50 },
    ),
    pause: map({ autoneg: toggle, rx: toggle, tx: toggle }, `Pause frames: autoneg, rx, tx. ${FLAPS}`, {
      rx: true,
      tx: true,
    }),
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
