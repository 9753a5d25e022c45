import type { Read, Snapshot } from '../snapshot/model.js';
import { fileChange } from './pins/file-change.js';
import { type Former, formerSchema } from './pins/former.js';
import {
  PIN_TYPES,
  type PinRecord,
  RECORD_FILE,
  type RecordedPin,
  readRecord,
  recordText,
} from './pins/record.js';
import type { PlanResult, Resource } from './resource.js';

export interface PinRecordParams extends Partial<Omit<RecordedPin, 'type' | 'name'>> {
  type: RecordedPin['type'];
  name: string;
  /** Of each sysctl the first that is told is kept. */
  former?: readonly Former[];
  state?: 'present' | 'absent';
}

const address = { type: 'string', format: 'ip-address', description: 'An address.', examples: ['10.0.0.5'] };
const device = { type: 'string', format: 'interface', description: 'A device.', examples: ['vnet0'] };

/** What a container's pin replaced, in a file on the host. */
export const pinRecord: Resource<PinRecordParams> = {
  name: 'pin_record',
  plural: 'pin_records',
  mapKey: 'name',
  summary: 'Keeps on the host what a pin replaced, so that it can be brought back; container_pin makes it',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['type', 'name'],
    if: { required: ['state'], properties: { state: { const: 'absent' } } },
    else: { required: ['nic', 'addresses'] },
    properties: {
      type: { enum: PIN_TYPES, description: 'What is pinned.', examples: ['lxc'] },
      name: {
        type: 'string',
        minLength: 1,
        description: 'Its name, or the address itself.',
        examples: ['web'],
      },
      nic: { type: 'string', format: 'interface', description: 'The NIC that it uses.', examples: ['eth3'] },
      addresses: {
        type: 'array',
        items: { type: 'string', format: 'ip-address' },
        description: 'Those that are pinned by rules; none where the container is a port of a bridge.',
        examples: [['10.0.0.5']],
      },
      priority: {
        type: 'integer',
        minimum: 1,
        maximum: 32_765,
        description: "The rules' priority.",
        examples: [5000],
      },
      proxies: {
        type: 'array',
        description: 'What answered for the addresses before.',
        examples: [[{ address: '10.0.0.5', dev: 'eth0' }]],
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['address', 'dev'],
          properties: { address, dev: device },
        },
      },
      ports: {
        type: 'array',
        description: 'Devices that were moved, and the bridge that they were a port of.',
        examples: [[{ dev: 'vnet0', master: 'br0' }]],
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['dev', 'master'],
          properties: {
            dev: device,
            master: {
              type: ['string', 'null'],
              format: 'interface',
              description: 'null for none.',
              examples: ['br0'],
            },
          },
        },
      },
      former: formerSchema,
      state: {
        enum: ['present', 'absent'],
        default: 'present',
        description: 'absent takes it out of the file, and with the last one the file itself.',
        examples: ['absent'],
      },
    },
  },
  examples: [
    {
      pin_record: {
        ...{ type: 'libvirt', name: 'db', nic: 'eth3', addresses: [] },
        ports: [{ dev: 'vnet0', master: 'br0' }],
      },
    },
    { pin_record: { type: 'libvirt', name: 'db', state: 'absent' } },
  ],
  reads: (): readonly Read[] => [{ kind: 'file', path: RECORD_FILE }],
  plan,
};

function plan(params: PinRecordParams, snapshot: Snapshot): PlanResult {
  const old = readRecord(snapshot.files.get(RECORD_FILE)?.content);
  const next = params.state === 'absent' ? without(old, params) : withPin(old, params);
  const told = { resource: 'pin_record', before: words(old, params), after: words(next, params) };
  const content = next.pins.length === 0 ? null : recordText(next);
  const address = `pin_record ${params.type} ${params.name}`;
  return { changes: fileChange(address, RECORD_FILE, content, told, snapshot) };
}

function withPin({ pins, former }: PinRecord, params: PinRecordParams): PinRecord {
  const { former: found = [], state: _state, nic = '', addresses = [], ...rest } = params;
  const pin: RecordedPin = { ...rest, nic, addresses };
  const at = pins.findIndex((other) => isSame(other, params));
  const unknown = found.filter(({ path }) => !former.some((other) => other.path === path));
  return {
    pins: at < 0 ? [...pins, pin] : pins.with(at, pin),
    former: [...former, ...unknown],
  };
}

function without({ pins, former }: PinRecord, params: PinRecordParams): PinRecord {
  const staying = pins.filter((other) => !isSame(other, params));
  return { pins: staying, former: staying.some(({ addresses }) => addresses.length > 0) ? former : [] };
}

function isSame(pin: RecordedPin, { type, name }: PinRecordParams): boolean {
  return pin.type === type && pin.name === name;
}

function words({ pins }: PinRecord, params: PinRecordParams): string | null {
  const pin = pins.find((other) => isSame(other, params));
  if (pin === undefined) return null;
  const { nic, addresses, proxies = [], ports = [] } = pin;
  return [
    `dev ${nic}`,
    ...(addresses.length === 0 ? [] : [`for ${addresses.join(' ')}`]),
    ...proxies.map(({ address, dev }) => `before: proxy ${address} dev ${dev}`),
    ...ports.map(({ dev, master }) => `before: ${dev} master ${master ?? 'none'}`),
  ].join(', ');
}
