import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { toToml } from '../../../src/inventory/toml.js';

function read(text: string): unknown {
  const script = 'import sys, json, tomllib; print(json.dumps(tomllib.loads(sys.stdin.read())))';
  return JSON.parse(execFileSync('/usr/bin/python3', ['-c', script], { input: text, encoding: 'utf8' }));
}

test('what is written is read again as it was', () => {
  const value = {
    top: 1,
    'a b.c': {
      '': 'empty key',
      é: 'ü',
      quote: '"\\ \n\t\u0001\u007f',
      nested: { deep: { x: [] } },
      none: {},
    },
    list: [1, -2.5, 1e30, true, 'x', [[]], { k: { v: [{ w: 1 }] } }],
  };
  expect(read(toToml(value))).toEqual(value);
});

test('null is left out of maps, and refused in lists', () => {
  expect(read(toToml({ a: null, b: { c: null }, d: [{ e: null, f: 1 }] }))).toEqual({ b: {}, d: [{ f: 1 }] });
  expect(() => toToml({ a: [null] })).toThrow(TypeError);
});
