/** The parameters of `ovs_port`. */
import type { JsonSchema } from '../resource.js';
import {
  choice,
  externalIds,
  nameParameter,
  optionsParameter,
  otherConfig,
  stateParameter,
  typeParameter,
} from './schema.js';

const MILLISECONDS = 'Milliseconds.';

export const portSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: nameParameter("The port; a device's name, unless it is a bond's.", 'vnet0'),
    bridge: nameParameter(
      'Its bridge. One that is there stays in its bridge, and another one here is refused.',
      'br0',
    ),
    type: typeParameter,
    options: optionsParameter,
    interfaces: {
      type: 'array',
      minItems: 2,
      uniqueItems: true,
      items: { type: 'string', format: 'interface' },
      description: 'The devices of a bond: all of them.',
      examples: [['eth1', 'eth2']],
    },
    tag: {
      type: ['integer', 'null'],
      minimum: 0,
      maximum: 4095,
      description: 'The VLAN of an access port, or the native one; null for none.',
      examples: [10],
    },
    trunks: {
      type: ['array', 'null'],
      items: { type: 'integer', minimum: 0, maximum: 4095 },
      description: 'The VLANs that a trunk carries; null for all of them.',
      examples: [[10, 20]],
    },
    vlan_mode: choice(
      ['access', 'trunk', 'native-tagged', 'native-untagged', 'dot1q-tunnel'],
      'null: access where there is a tag, else trunk.',
    ),
    bond_mode: choice(
      ['active-backup', 'balance-slb', 'balance-tcp'],
      'How a bond shares its load; null for active-backup.',
    ),
    lacp: choice(
      ['active', 'passive', 'off'],
      'LACP, which balance-tcp needs of the other end; null for off.',
    ),
    bond_updelay: {
      type: 'integer',
      minimum: 0,
      description: `${MILLISECONDS} How long a link must be up before it counts.`,
    },
    bond_downdelay: {
      type: 'integer',
      minimum: 0,
      description: `${MILLISECONDS} How long a link must be down before it counts.`,
    },
    external_ids: externalIds,
    other_config: otherConfig,
    up: {
      type: 'boolean',
      default: true,
      description: 'Whether its devices are up: those of the host, and those that Open vSwitch makes.',
    },
    state: stateParameter('absent takes the port away, with its QoS; a device of the host stays.'),
  },
};
