import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formats } from '../../../src/resources/formats.js';
import { resources } from '../../../src/resources/registry.js';
import type { JsonSchema } from '../../../src/resources/resource.js';
import { coerceParams, validateParams } from '../../../src/resources/validate.js';

const route = {
  name: 'route',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['dst'],
    $defs: { address: { type: 'string', format: 'ip-address' } },
    properties: {
      dst: { type: 'string', format: 'ip-prefix' },
      via: { anyOf: [{ $ref: '#/$defs/address' }, { type: 'null' }] },
      dev: { type: 'string', format: 'interface' },
      table: {
        anyOf: [
          { type: 'string', format: 'table' },
          { type: 'integer', minimum: 1, maximum: 9 },
        ],
      },
      metric: { type: 'integer', minimum: 0 },
      weight: { type: ['integer', 'null'], minimum: 1, maximum: 256 },
      onlink: { type: 'boolean' },
      mode: { type: 'string' },
      label: { type: 'string', pattern: '^[a-z]+$', examples: ['uplink'], description: 'lower-case letters' },
      state: { enum: ['present', 'absent'] },
      flag: { const: 'only' },
      src: {
        anyOf: [
          { type: 'string', format: 'mac' },
          { type: 'string', format: 'ip-address' },
        ],
      },
      ports: {
        type: 'array',
        items: { type: 'string', format: 'interface' },
        minItems: 1,
        uniqueItems: true,
      },
      nexthops: {
        type: 'array',
        items: {
          type: 'object',
          additionalProperties: false,
          anyOf: [{ required: ['via'] }, { required: ['dev'] }],
          properties: {
            via: { $ref: '#/$defs/address' },
            dev: { type: 'string' },
            weight: { type: 'integer' },
          },
        },
      },
    },
    dependentRequired: { weight: ['via'] },
    not: { required: ['via', 'nexthops'] },
    if: {
      properties: { dst: { const: 'default' }, state: { const: 'present' } },
      required: ['dst', 'state'],
    },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { anyOf: [{ required: ['via'] }, { required: ['onlink'] }] },
  } satisfies JsonSchema,
};

interface Case {
  params: unknown;
  path: (string | number)[];
  message: string;
  hint?: string;
  key?: boolean;
}

const prefix = 'a network, an address or default, such as 192.168.1.0/24 or 2001:db8::/64';

const wrong: Record<string, Case> = {
  'a word for a number': {
    params: { dst: 'default', metric: 'abc' },
    path: ['metric'],
    message: "metric: must be a whole number, not 'abc'",
  },
  'a number below its least': {
    params: { dst: 'default', metric: -1 },
    path: ['metric'],
    message: 'metric: must be at least 0, not -1',
  },
  'a number outside a range': {
    params: { dst: '10/8', via: '10.0.0.1', weight: 300 },
    path: ['weight'],
    message: 'weight: must be from 1 to 256, not 300',
  },
  'an unknown parameter with a near one': {
    params: { dst: 'default', tabel: 1 },
    path: ['tabel'],
    message: "unknown parameter 'tabel'",
    hint: 'Did you mean table?',
    key: true,
  },
  'an unknown parameter with none near': {
    params: { dst: 'default', zzzzzzzz: 1 },
    path: ['zzzzzzzz'],
    message: "unknown parameter 'zzzzzzzz'",
    hint: `route takes ${Object.keys(route.schema.properties).join(', ')}.`,
    key: true,
  },
  'an unknown parameter further in': {
    params: { dst: 'default', nexthops: [{ dev: 'eth0', wieght: 1 }] },
    path: ['nexthops', 0, 'wieght'],
    message: "nexthops[0]: unknown parameter 'wieght'",
    hint: 'Did you mean weight?',
    key: true,
  },
  'a missing parameter': { params: {}, path: [], message: "missing parameter 'dst'" },
  'no parameters at all': { params: null, path: [], message: 'route: must be a map, not null' },
  'a list for a map': { params: [1], path: [], message: 'route: must be a map, not a list' },
  'a word that is none of those allowed': {
    params: { dst: 'default', state: 'presnt' },
    path: ['state'],
    message: "state: must be present or absent, not 'presnt'",
    hint: 'Did you mean present?',
  },
  'another word than the only one': {
    params: { dst: 'default', flag: 'x' },
    path: ['flag'],
    message: "flag: must be only, not 'x'",
  },
  'a string of a wrong format': {
    params: { dst: '10.0.0.300' },
    path: ['dst'],
    message: `dst: must be ${prefix}, not '10.0.0.300'`,
  },
  'a pattern that does not match': {
    params: { dst: 'default', label: 'A B' },
    path: ['label'],
    message: "label: must be such as uplink, not 'A B'",
  },
  'a wrong address where null is allowed too': {
    params: { dst: '10/8', via: '10.0.0' },
    path: ['via'],
    message: `via: must be ${formats['ip-address'].expected}, not '10.0.0'`,
  },
  'a type that no branch takes': {
    params: { dst: 'default', table: true },
    path: ['table'],
    message: 'table: must be text or a whole number, not true',
  },
  'what no format of several takes': {
    params: { dst: 'default', src: 'x' },
    path: ['src'],
    message: `src: must be ${formats.mac.expected}, or ${formats['ip-address'].expected}, not 'x'`,
  },
  'a branch that fits by type only': {
    params: { dst: 'default', table: 10 },
    path: ['table'],
    message: 'table: must be from 1 to 9, not 10',
  },
  'an empty list': {
    params: { dst: 'default', ports: [] },
    path: ['ports'],
    message: 'ports: must be a list of at least one, not an empty list',
  },
  'an item twice': {
    params: { dst: 'default', ports: ['eth0', 'eth0'] },
    path: ['ports', 1],
    message: "ports: 'eth0' stands here twice",
  },
  'neither of two': {
    params: { dst: 'default', nexthops: [{ weight: 1 }] },
    path: ['nexthops', 0],
    message: "nexthops[0]: one of 'via' or 'dev' is needed",
  },
  'two that exclude each other': {
    params: { dst: '10/8', via: '10.0.0.1', nexthops: [] },
    path: [],
    message: "'via' and 'nexthops' can't be given together",
  },
  'one that needs another': {
    params: { dst: '10/8', weight: 1 },
    path: ['weight'],
    message: "'weight' needs 'via' as well",
  },
  'what a condition asks for': {
    params: { dst: 'default', state: 'present' },
    path: [],
    message: "one of 'via' or 'onlink' is needed",
  },
};

describe('validateParams', () => {
  test.each(Object.entries(wrong))('%s', (_, { params, ...violation }) => {
    expect(validateParams(route, params, { templates: false })).toEqual([violation]);
  });

  test.each(Object.entries(wrong))('before rendering as well: %s', (_, { params, ...violation }) => {
    expect(validateParams(route, params, { templates: true })).toEqual([violation]);
  });

  test('all that is wrong at once', () => {
    const params = { tabel: 1, metric: 'x', dev: 'a b', nexthops: [{ via: 'y' }, { dev: 3 }] };
    const paths = validateParams(route, params, { templates: false }).map((violation) =>
      violation.path.join('.'),
    );
    expect(paths.sort()).toEqual(['', 'dev', 'metric', 'nexthops.0.via', 'nexthops.1.dev', 'tabel']);
  });

  test('a long value is cut, and stays on one line', () => {
    const [violation] = validateParams(
      route,
      { dst: `x\n${'y'.repeat(500)}` },
      {
        templates: false,
      },
    );
    expect(violation?.message).not.toContain('\n');
    expect(violation?.message.length).toBeLessThan(200);
  });

  const right: Record<string, unknown> = {
    'all forms': { dst: '10/8', via: null, table: 'local100', metric: 0, onlink: true, label: 'uplink' },
    'a multipath': { dst: 'default', nexthops: [{ via: '10.0.0.1' }, { dev: 'eth0', weight: 2 }] },
    'a default with what it needs': { dst: 'default', state: 'present', via: '10.0.0.1' },
  };
  test.each(Object.entries(right))('accepts %s', (_, params) => {
    expect(validateParams(route, params, { templates: false })).toEqual([]);
  });
});

describe('before rendering', () => {
  const templated: Record<string, unknown> = {
    'the parameters as a whole': '{{ my_route }}',
    'a number': { dst: 'default', metric: '{{ m }}' },
    'a boolean': { dst: 'default', onlink: '{{ x | bool }}' },
    'a format behind a $ref and an anyOf': { dst: 'default', via: '{{ gw }}' },
    'a part of a string': { dst: '10.{{ n }}.0.0/16' },
    'a word of an enum': { dst: 'default', state: '{{ s }}' },
    'a statement': { dst: '{% if x %}10/8{% else %}default{% endif %}' },
    'a list as a whole': { dst: '10/8', nexthops: '{{ hops }}' },
    'an item of a list': { dst: '10/8', nexthops: ['{{ hop }}'] },
    'a value in an item': { dst: '10/8', nexthops: [{ via: '{{ gw }}', weight: '{{ w }}' }] },
    'two equal items that may differ': { dst: '10/8', ports: ['{{ next }}', '{{ next }}'] },
    'what a condition looks at': { dst: '{{ d }}', state: 'present' },
  };

  test.each(Object.entries(templated))('%s may be a template', (_, params) => {
    expect(validateParams(route, params, { templates: true })).toEqual([]);
  });

  test('what is wrong whatever the templates give is still found', () => {
    const params = { dst: '{{ d }}', metric: 'abc', tabel: '{{ t }}' };
    const found = validateParams(route, params, { templates: true });
    expect(found.map((violation) => violation.path)).toEqual(expect.arrayContaining([['metric'], ['tabel']]));
    expect(found).toHaveLength(2);
  });

  test('after rendering braces are text like any other', () => {
    expect(validateParams(route, { dst: '{{ d }}' }, { templates: false })).toHaveLength(1);
  });

  test('branches that look at a templated value are not judged, others are', () => {
    const schema = {
      type: 'object',
      properties: { kind: { type: 'string' }, a: {}, b: {} },
      oneOf: [
        { properties: { kind: { const: 'one' } }, required: ['a'] },
        { properties: { kind: { const: 'two' } }, required: ['b'] },
      ],
    };
    const check = (params: unknown) =>
      validateParams({ name: 'x', schema }, params, { templates: true }).length;
    expect([check({ kind: '{{ k }}', a: 1 }), check({ kind: '{{ k }}' }), check({ kind: 'one' })]).toEqual([
      0, 0, 1,
    ]);
  });
});

describe('coerceParams', () => {
  const cases: readonly [string, unknown, unknown][] = [
    ['numbers', { metric: '10', weight: '7' }, { metric: 10, weight: 7 }],
    ['negative numbers', { metric: '-1' }, { metric: -1 }],
    ['not what is no number', { metric: '0x1', weight: '1.5' }, { metric: '0x1', weight: '1.5' }],
    ['not a number too large to be exact', { metric: '9007199254740993' }, { metric: '9007199254740993' }],
    ['yes', { onlink: 'yes' }, { onlink: true }],
    ['off in capitals', { onlink: 'OFF' }, { onlink: false }],
    ['not other words', { onlink: 'maybe' }, { onlink: 'maybe' }],
    ['not names of what every object has', { onlink: 'constructor' }, { onlink: 'constructor' }],
    ['numbers to text', { mode: 755 }, { mode: '755' }],
    ['never null', { mode: null, metric: null, onlink: null }, { mode: null, metric: null, onlink: null }],
    ['never what may be both', { table: '100' }, { table: '100' }],
    ['never a template', { metric: '{{ m }}' }, { metric: '{{ m }}' }],
    ['within lists', { nexthops: [{ weight: '2' }, 'x'] }, { nexthops: [{ weight: 2 }, 'x'] }],
    ['text in lists', { ports: [1, 'eth0'] }, { ports: ['1', 'eth0'] }],
    ['behind a $ref', { via: 5 }, { via: '5' }],
    ['not what the schema does not know', { zzz: '1' }, { zzz: '1' }],
    ['not what is no map', '1', '1'],
  ];
  test.each(cases)('%s', (_, params, expected) => {
    expect(coerceParams(route, params)).toEqual(expected);
  });

  test('types that branches disagree on stay open', () => {
    const branches = (types: readonly string[]) => ({
      schema: { type: 'object', oneOf: types.map((type) => ({ properties: { x: { type } } })) },
    });
    expect(coerceParams(branches(['integer', 'string']), { x: '1' })).toEqual({ x: '1' });
    expect(coerceParams(branches(['integer', 'null']), { x: '1' })).toEqual({ x: 1 });
    const silent = { schema: { oneOf: [{ properties: { x: { type: 'integer' } } }, { required: ['y'] }] } };
    expect(coerceParams(silent, { x: '1' })).toEqual({ x: '1' });
  });

  test('coercing twice is coercing once, and does not touch what it was given', () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constantFrom('yes', '12', null));
    const params = fc.record(
      { dst: value, metric: value, onlink: value, mode: value, table: value, nexthops: fc.array(value) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(params, (given) => {
        const before = structuredClone(given);
        const once = coerceParams(route, given);
        expect(given).toEqual(before);
        expect(coerceParams(route, once)).toEqual(once);
      }),
    );
  });
});

describe('formats', () => {
  const cases: readonly [keyof typeof formats, readonly string[], readonly string[]][] = [
    ['ip-address', ['1.2.3.4', '2001:db8::1'], ['1.2.3', '1.2.3.4/32', 'default', '', 'fe80::1%eth0']],
    ['ipv4-address', ['1.2.3.4'], ['2001:db8::1']],
    ['ipv6-address', ['2001:db8::1'], ['1.2.3.4']],
    ['ip-prefix', ['default', '10/8', '1.2.3.4', '::/0'], ['10.0.0.0/33', 'x', '']],
    ['ip-interface', ['192.168.1.1/24', '10.0.0.1', 'fe80::1/64'], ['default', '10/8', '1.2.3.4/40']],
    [
      'interface',
      ['eth0', 'eth0.100', 'br-lan'],
      ['', '.', '..', '-x', 'a b', 'a/b', 'a:1', 'x'.repeat(16), 'all', 'default'],
    ],
    ['interface', ['äöü'], ['ä'.repeat(8)]],
    ['mac', ['52:54:00:12:34:56', '52-54-00-12-34-AB'], ['52:54:00:12:34', '52:54:00:12:34:5g']],
    ['table', ['main', '100', '0x64', '4294967295'], ['', 'a b', '4294967296', '77x', '-1', 'a#b']],
    ['table-name', ['local100'], ['100', '0x64', '1st', 'with space', '']],
    ['fwmark', ['1', '0x1', '0x1/0xff'], ['x', '1/2/3', '', '1/']],
    ['tos', ['0x10', '16', 'lowdelay'], ['256', '0x100', '']],
    ['port-range', ['80', '80-90', '1-65534'], ['90-80', '0', '1-65535', '65536', '-', '80-']],
    ['uid-range', ['0', '1000-1999'], ['4294967295', '2-1', 'root']],
    [
      'sysctl-key',
      ['net.ipv4.ip_forward', 'net/ipv4/conf/eth0.100/rp_filter', 'net.ipv4.conf.eth0/100.rp_filter'],
      ['ip_forward', '../../etc/passwd', 'net/../../etc', '/etc/passwd', 'net.ipv4 x', 'net//x', ''],
    ],
    ['absolute-path', ['/etc/hosts'], ['etc/hosts', '/etc/../x', '/a\0b']],
    ['file-mode', ['644', '0644'], ['888', '64', 'rw-r--r--']],
  ];
  test.each(cases)('%s', (name, valid, invalid) => {
    expect(valid.filter((text) => !formats[name].test(text))).toEqual([]);
    expect(invalid.filter((text) => formats[name].test(text))).toEqual([]);
  });
});

test("every resource's examples satisfy its schema", () => {
  const violations = resources.flatMap((resource) =>
    resource.examples
      .filter((example) => resource.name in example)
      .flatMap((example) => validateParams(resource, example[resource.name], { templates: true })),
  );
  expect(violations).toEqual([]);
});
