/** The parameters of `container_pin`. */
import type { JsonSchema } from '../resource.js';
import { nicProperties } from './nic-schema.js';
import { PIN_TYPES, type PinType, type RecordedPin } from './record.js';

export interface ContainerPinParams {
  container?: string | number;
  type?: PinType;
  addresses?: readonly string[];
  nic?: string;
  table?: number;
  gateway?: string;
  gateway6?: string;
  priority?: number;
  state?: 'present' | 'absent';
}

/** What is pinned, by what tells it from others. */
export interface Subject extends Pick<RecordedPin, 'type' | 'name'> {
  /** How it is pinned so far. */
  before: RecordedPin | undefined;
}

export const containerPinSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  if: { required: ['state'], properties: { state: { const: 'absent' } } },
  else: { required: ['nic'] },
  anyOf: [{ required: ['container'] }, { required: ['addresses'] }],
  properties: {
    container: {
      type: ['string', 'integer'],
      minLength: 1,
      description:
        'Its name, as lxc-ls, machinectl, virsh or ip netns print it. Its pin holds until it starts anew or the host does; another run puts it back.',
      examples: ['web', 101],
    },
    type: {
      enum: PIN_TYPES,
      description:
        'What it is. Left out: found out, where exactly one kind has that name; address where no container is named.',
      examples: ['lxc', 'libvirt'],
    },
    addresses: {
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: { type: 'string', format: 'ip-address' },
      description:
        "Those to pin. Left out: all that the container has, where that can be seen: not inside of a guest. Without a container, these alone are pinned: another's container, a tunnel's other end, an address of the host.",
      examples: [['10.0.0.5']],
    },
    ...nicProperties,
    state: {
      enum: ['present', 'absent'],
      default: 'present',
      description: 'absent brings back what was before the first pin.',
      examples: ['absent'],
    },
  },
};
