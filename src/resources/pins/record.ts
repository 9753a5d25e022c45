/**
 * What container_pin gave a NIC, and what was before: so that `state: absent` brings it back. Where OpenVZ has files
 * of its own for that, hook-file.ts is used.
 */

import { parseAddress } from '../../shared/addr.js';
import { isMap } from '../../shared/is-map.js';
import { CONTAINER_TYPES } from '../../snapshot/containers.js';
import type { Former } from './former.js';

/** Beside the journal of transactions, whose folder is there in every one of them. */
export const RECORD_FILE = '/var/lib/netplay/pins.json';

export const PIN_TYPES = [...CONTAINER_TYPES, 'address'] as const;
export type PinType = (typeof PIN_TYPES)[number];

export interface RecordedProxy {
  address: string;
  dev: string;
}

export interface RecordedPort {
  dev: string;
  master: string | null;
}

/** One container's pin. */
export interface RecordedPin {
  type: PinType;
  /** Of an address, that address. */
  name: string;
  nic: string;
  /** Of a pin by addresses; a bridged container has none. */
  addresses: readonly string[];
  priority?: number;
  /** What answered for the addresses before. */
  proxies?: readonly RecordedProxy[];
  /** Devices that were moved to another bridge, with the one that they were a port of. */
  ports?: readonly RecordedPort[];
}

export interface PinRecord {
  pins: readonly RecordedPin[];
  former: readonly Former[];
}

const EMPTY: PinRecord = { pins: [], former: [] };

/** @param content undefined where there is no file; one that somebody broke counts as none */
export function readRecord(content: string | undefined): PinRecord {
  if (content === undefined) return EMPTY;
  try {
    const value: unknown = JSON.parse(content);
    return isRecord(value) ? value : EMPTY;
  } catch {
    return EMPTY;
  }
}

function isRecord(value: unknown): value is PinRecord {
  if (!isMap(value)) return false;
  return (
    isListOf(value.pins, isPin) && isListOf(value.former, ({ path, value: was }) => areTexts([path, was]))
  );
}

function isPin({ type, name, nic, addresses, priority, proxies = [], ports = [] }: Fields): boolean {
  return (
    PIN_TYPES.some((each) => each === type) &&
    areTexts([name, nic]) &&
    Array.isArray(addresses) &&
    addresses.every(isAddress) &&
    (priority === undefined || typeof priority === 'number') &&
    isListOf(proxies, ({ address, dev }) => isAddress(address) && areTexts([dev])) &&
    isListOf(ports, ({ dev, master }) => areTexts([dev, master ?? '']))
  );
}

type Fields = Readonly<Record<string, unknown>>;

function isListOf(value: unknown, isOne: (item: Fields) => boolean): boolean {
  return Array.isArray(value) && value.every((item) => isMap(item) && isOne(item));
}

function areTexts(values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string');
}

function isAddress(value: unknown): boolean {
  return typeof value === 'string' && parseAddress(value) !== undefined;
}

/** One line a pin. */
export function recordText({ pins, former }: PinRecord): string {
  const list = (items: readonly unknown[]): string =>
    items.length === 0 ? '[]' : `[\n${items.map((item) => `    ${JSON.stringify(item)}`).join(',\n')}\n  ]`;
  return `{\n  "pins": ${list(pins)},\n  "former": ${list(former)}\n}\n`;
}
