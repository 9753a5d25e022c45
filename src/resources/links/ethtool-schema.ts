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

/** Numbers, each with what it counts. */
const numbers = (counted: Readonly<Record<string, string>>): Record<string, JsonSchema> =>
  Object.fromEntries(
    Object.entries(counted).map(([name, description]) => [name, { ...number, description }]),
  );

const toggles = (meant: Readonly<Record<string, string>>): Record<string, JsonSchema> =>
  Object.fromEntries(Object.entries(meant).map(([name, description]) => [name, { ...toggle, description }]));

/** As the manual of ethtool has them, in its order. */
const COALESCE = {
  'rx-usecs': 'Microseconds from a packet received to its interrupt.',
  'rx-frames': 'Packets received before an interrupt.',
  'rx-usecs-irq': 'The same microseconds while an interrupt is served.',
  'rx-frames-irq': 'The same packets while an interrupt is served.',
  'tx-usecs': 'Microseconds from a packet sent to its interrupt.',
  'tx-frames': 'Packets sent before an interrupt.',
  'tx-usecs-irq': 'The same microseconds while an interrupt is served.',
  'tx-frames-irq': 'The same packets while an interrupt is served.',
  'stats-block-usecs': "Microseconds between updates of the driver's statistics in memory.",
  'pkt-rate-low': 'Packets a second below which the -low values count.',
  'rx-usecs-low': 'rx-usecs while few packets come.',
  'rx-frame-low': 'rx-frames while few packets come.',
  'tx-usecs-low': 'tx-usecs while few packets come.',
  'tx-frame-low': 'tx-frames while few packets come.',
  'pkt-rate-high': 'Packets a second above which the -high values count.',
  'rx-usecs-high': 'rx-usecs while many packets come.',
  'rx-frame-high': 'rx-frames while many packets come.',
  'tx-usecs-high': 'tx-usecs while many packets come.',
  'tx-frame-high': 'tx-frames while many packets come.',
  'sample-interval': 'Seconds between two looks at the rate of packets.',
};

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
      numbers({
        rx: 'Packets received that may wait.',
        tx: 'Packets to send that may wait.',
        'rx-mini': 'Small ones received, where the NIC keeps them apart.',
        'rx-jumbo': 'Large ones received, where the NIC keeps them apart.',
      }),
      `Packets that wait in the NIC's rings: rx, tx, rx-mini, rx-jumbo. ${FLAPS}`,
      { rx: 4096, tx: 4096 },
    ),
    channels: map(
      numbers({
        rx: 'Queues that receive alone.',
        tx: 'Queues that send alone.',
        other: "Queues for other ends, such as the link's own events.",
        combined: 'Queues that do both.',
      }),
      `Queues with interrupts of their own: rx, tx, other, combined. ${FLAPS}`,
      { combined: 4 },
    ),
    coalesce: map(
      {
        ...toggles({
          'adaptive-rx': 'Whether the driver adapts the waiting on receipt by itself.',
          'adaptive-tx': 'Whether it does so for sending.',
        }),
        ...numbers(COALESCE),
      },
      'How long interrupts wait for more packets, by the words of `ethtool -C`.',
      { 'adaptive-rx': false, 'rx-usecs': 50 },
    ),
    pause: map(
      toggles({
        autoneg: 'Whether they are agreed on with the other end.',
        rx: 'Whether they are obeyed.',
        tx: 'Whether they are sent.',
      }),
      `Pause frames: autoneg, rx, tx. ${FLAPS}`,
      {
        rx: true,
        tx: true,
      },
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
