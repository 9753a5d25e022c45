import { familyOf } from '../shared/addr.js';
import type { Read, Snapshot } from '../snapshot/model.js';
import { fileChange } from './pins/file-change.js';
import { type Former, formerSchema } from './pins/former.js';
import {
  type HookPin,
  PINS_FILE,
  type PinsFile,
  pinsText,
  readPins,
  VZ_CONF,
  vzConfWith,
} from './pins/hook-file.js';
import type { PlanResult, Resource } from './resource.js';

export interface VeHookParams extends Partial<HookPin> {
  ve: string;
  /** Kept with the first pin only. */
  former?: readonly Former[];
  state?: 'present' | 'absent';
}

/** The pins that OpenVZ's own helpers keep to, in a file of netplay's that vz.conf reads. */
export const veHook: Resource<VeHookParams> = {
  name: 've_hook',
  plural: 've_hooks',
  mapKey: 've',
  summary:
    "Keeps a container's pin when OpenVZ sets its network up: at its start, at a new address, after a reboot. ve_pin makes it",
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['ve'],
    if: { required: ['state'], properties: { state: { const: 'absent' } } },
    else: { required: ['nic', 'table', 'priority', 'gateway', 'networks', 'addresses'] },
    properties: {
      ve: {
        type: 'string',
        pattern: '^[0-9a-f-]+$',
        description: 'The id: a number or a UUID.',
        examples: ['101'],
      },
      nic: {
        type: 'string',
        format: 'interface',
        description: "The NIC that the container's addresses use.",
        examples: ['eth3'],
      },
      table: {
        type: 'integer',
        minimum: 1,
        maximum: 0xffff_ffff,
        description: "The NIC's table.",
        examples: [503],
      },
      priority: {
        type: 'integer',
        minimum: 1,
        maximum: 32_765,
        description: "The rules' priority.",
        examples: [5000],
      },
      gateway: {
        type: 'string',
        format: 'ip-address',
        description: "The gateway by that NIC. Its family is the pin's: a container has one for each.",
        examples: ['192.168.18.1'],
      },
      networks: {
        type: 'array',
        minItems: 1,
        items: { type: 'string', format: 'ip-prefix' },
        description: "The NIC's own networks.",
        examples: [['192.168.18.0/24']],
      },
      addresses: {
        type: 'array',
        items: { type: 'string', format: 'ip-address' },
        description: 'Those that the container has now. What it is given later is pinned as well.',
        examples: [['192.168.18.101']],
      },
      former: formerSchema,
      state: {
        enum: ['present', 'absent'],
        default: 'present',
        description: 'absent takes the container out of the file, and with the last one the file itself.',
        examples: ['absent'],
      },
    },
  },
  examples: [
    {
      ve_hook: {
        ve: '101',
        nic: 'eth3',
        table: 503,
        priority: 5000,
        gateway: '192.168.18.1',
        networks: ['192.168.18.0/24'],
        addresses: ['192.168.18.101'],
      },
    },
    { ve_hook: { ve: '101', state: 'absent' } },
  ],
  reads: (): readonly Read[] => [
    { kind: 'file', path: PINS_FILE },
    { kind: 'file', path: VZ_CONF },
  ],
  plan,
};

function plan(params: VeHookParams, snapshot: Snapshot): PlanResult {
  const conf = snapshot.files.get(VZ_CONF) ?? null;
  if (conf === null && params.state !== 'absent')
    return { changes: [], problems: [{ message: `this is no OpenVZ node: there is no ${VZ_CONF}` }] };
  const old = readPins(snapshot.files.get(PINS_FILE)?.content);
  const next = params.state === 'absent' ? without(old, params) : withPin(old, params);
  const wanted = next.pins.length > 0;
  const address = `ve_hook ${params.ve}`;
  return {
    changes: [
      ...fileChange(
        address,
        PINS_FILE,
        wanted ? pinsText(next) : null,
        { resource: 've_hook', before: told(old, params), after: told(next, params) },
        snapshot,
      ),
      ...(conf === null
        ? []
        : fileChange(
            `${VZ_CONF}: ${PINS_FILE}`,
            VZ_CONF,
            vzConfWith(conf.content, wanted),
            {
              resource: 've_hook',
              before: wanted ? 'not read' : 'read in',
              after: wanted ? 'read in' : 'not read',
            },
            snapshot,
          )),
    ],
  };
}

/** A pin of the same container and family is replaced where it stands. */
function withPin({ pins, former }: PinsFile, params: VeHookParams): PinsFile {
  const { ve, nic = '', table = 0, priority = 0, gateway = '', networks = [], addresses = [] } = params;
  const pin: HookPin = { ve, nic, table, priority, gateway, networks, addresses };
  const at = pins.findIndex((other) => isSame(other, params));
  return {
    pins: at < 0 ? [...pins, pin] : pins.with(at, pin),
    former: pins.length === 0 ? (params.former ?? []) : former,
  };
}

function without({ pins, former }: PinsFile, params: VeHookParams): PinsFile {
  return { pins: pins.filter((other) => !isSame(other, params)), former };
}

/** Without a gateway, of either family. */
function isSame(pin: HookPin, { ve, gateway }: VeHookParams): boolean {
  return pin.ve === ve && (gateway === undefined || familyOf(pin.gateway) === familyOf(gateway));
}

function told({ pins }: PinsFile, params: VeHookParams): string | null {
  const own = pins.filter((pin) => isSame(pin, params));
  const text = own.map(
    ({ nic, table, priority, gateway, addresses }) =>
      `dev ${nic} table ${table} priority ${priority} via ${gateway}${addresses.length === 0 ? '' : ` for ${addresses.join(' ')}`}`,
  );
  return text.length === 0 ? null : text.join('; ');
}
