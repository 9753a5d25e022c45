import { expect, test } from 'vitest';
import { type PinRecord, readRecord, recordText } from '../../../../src/resources/pins/record.js';

const RECORD: PinRecord = {
  pins: [
    {
      ...{ type: 'lxc', name: 'web', nic: 'eth3', addresses: ['10.0.0.5'], priority: 5000 },
      proxies: [{ address: '10.0.0.5', dev: 'eth0' }],
    },
    { type: 'libvirt', name: 'db', nic: 'eth3', addresses: [], ports: [{ dev: 'vnet0', master: null }] },
  ],
  former: [{ path: 'net/ipv4/conf/all/arp_ignore', value: '0' }],
};
const NONE: PinRecord = { pins: [], former: [] };

test('what is written is read again', () => {
  expect(readRecord(recordText(RECORD))).toEqual(RECORD);
  expect(readRecord(undefined)).toEqual(NONE);
});

test.each([
  ['"lxc"', '"vserver"'],
  ['"10.0.0.5"],', '5],'],
  ['"10.0.0.5"],', '"10.0.0"],'],
  ['5000', '"5000"'],
  ['"nic":"eth3"', '"nic":3'],
  ['[{"address"', '[null,{"address"'],
  ['"master":null', '"master":{}'],
  ['"path"', '"key"'],
])('one that somebody broke counts as none: %s made %s', (from, to) => {
  const text = recordText(RECORD);
  expect(text).toContain(from);
  expect(readRecord(text.replace(from, to))).toEqual(NONE);
});
