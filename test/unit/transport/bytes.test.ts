/** What a host prints is given back to it as it was, whatever its bytes are. */
import { expect, test } from 'vitest';
import { bytesOf, textOf } from '../../../src/transport/bytes.js';

test.each([
  ['UTF-8', Buffer.from('Größe → 🦀\ufeff')],
  ['Latin-1', Buffer.from('# Gro\xdfe Br\xfccke', 'latin1')],
  [
    'both',
    Buffer.concat([Buffer.from('ü'), Buffer.from([0xfc]), Buffer.from('🦀'), Buffer.from([0xf0, 0x9f])]),
  ],
  ['halves of surrogates, overlong and too large', Buffer.from('eda080c0aff5808080f48fbfbff4908080', 'hex')],
  ["the sign that stands for what can't be read", Buffer.from('\ufffd and \xff', 'utf8')],
  ['every byte', Buffer.from([...Array(256).keys()])],
])('%s', (_, bytes) => {
  const text = textOf(bytes);
  expect(bytesOf(text).toString('hex')).toBe(bytes.toString('hex'));
  expect(bytesOf(JSON.parse(JSON.stringify(text)) as string).equals(bytes)).toBe(true);
});

test('UTF-8 is read as what it is, beside other bytes too', () => {
  expect(textOf(Buffer.from('Größe\ufffd'))).toBe('Größe\ufffd');
  expect(textOf(Buffer.concat([Buffer.from('ü🦀'), Buffer.from([0xfc])]))).toBe('ü🦀\udcfc');
});
