/** `serial`, `transaction`, `probes` and `verify` of a play. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Play } from '../../../src/playbook/model.js';
import { batchSizes } from '../../../src/playbook/serial.js';
import { probeKinds } from '../../../src/probes/registry.js';
import { readPlaybookText } from '../../support/playbook-text.js';
import { fakes, templates } from './fakes.js';

/** A play of `hosts: all`, whose further lines begin with line 2. */
const parse = (lines: string) =>
  readPlaybookText(`- hosts: all\n${lines.replaceAll(/^/gm, '  ')}`, 'site.yml', fakes, { templates });

async function playOf(lines: string): Promise<Play> {
  const { plays, errors } = await parse(lines);
  const [play] = plays;
  expect(errors).toEqual([]);
  if (play === undefined) throw new Error('no play');
  return play;
}

/** `line:column message`, and the hint behind ` | ` where there is one. */
const told = async (lines: string): Promise<string[]> =>
  (await parse(lines)).errors.map(({ place, message, hint }) =>
    [`${place?.line}:${place?.column} ${message}`, ...(hint === undefined ? [] : [hint])].join(' | '),
  );

test('a play that says nothing of them has none of them', async () => {
  const play = await playOf('tasks: []');
  for (const word of ['serial', 'transaction', 'probes', 'verify']) expect(play).not.toHaveProperty(word);
});

test('all of them are read', async () => {
  const play = await playOf(`serial: [1, "30%"]
transaction: batch
probes:
  - ping: "{{ gateway }}"
    name: the way out
verify:
  - ping: {dest: 10.0.0.1, count: "3"}
    from: monitor:web
  - tcp_connect: 10.0.0.1:22
  - command: true
  - command: "{{ check }}"
`);
  const { serial, transaction, probes, verify } = play;
  expect(serial?.value).toEqual([1, '30%']);
  expect(transaction).toBe('batch');
  expect(probes?.map(({ name, probe, params }) => [name, probe, params])).toEqual([
    ['the way out', 'ping', '{{ gateway }}'],
  ]);
  expect(verify?.map(({ from, probe, params }) => [from?.pattern, probe, params])).toEqual([
    ['monitor:web', 'ping', { dest: '10.0.0.1', count: '3' }],
    [undefined, 'tcp_connect', '10.0.0.1:22'],
    [undefined, 'command', 'true'],
    [undefined, 'command', '{{ check }}'],
  ]);
});

test('a probe and its parameters are found again in the file', async () => {
  const [short, long] =
    (
      await playOf(`verify:
  - ping: 10.0.0.1
  - name: x
    tcp_connect:
      host: gw
      port: 22
`)
    ).verify ?? [];
  const at = (item: typeof short, ...path: string[]) => {
    const place = item?.locate(path);
    return `${place?.line}:${place?.column}`;
  };
  expect([short?.place.line, long?.place.line]).toEqual([3, 4]);
  expect(at(short, 'dest')).toBe('3:13');
  expect(at(long, 'port')).toBe('7:15');
  expect(at(long, 'timeout')).toBe('5:7');
});

const NAMES = probeKinds.map(({ name }) => name).join(', ');
const FORMS = 'serial: must be a number of hosts, a percentage such as "30%", or a list of these';
const wrong: [what: string, lines: string, expected: string[]][] = [
  ['a size that is none', 'serial: half', [`2:11 ${FORMS}, not 'half'`]],
  ['a broken number', 'serial: 1.5', [`2:11 ${FORMS}, not 1.5`]],
  ['a list that holds one', 'serial: [1, "5 %", "20%"]', [`2:15 ${FORMS}, not '5 %'`]],
  ['a list within a list', 'serial: [[1]]', [`2:12 ${FORMS}, not a list`]],
  ['no size', 'serial:', [`2:3 ${FORMS}, not empty`]],
  [
    'a misspelt transaction',
    'transaction: batches',
    ["2:16 transaction: must be host, batch or play, not 'batches' | Did you mean batch?"],
  ],
  ['no transaction', 'transaction:', ['2:3 transaction: must be host, batch or play, not empty']],
  ['a misspelt keyword', 'verfy: []', ["2:3 Unknown keyword 'verfy' in a play | Did you mean verify?"]],
  [
    'no list',
    'probes: {ping: gw}',
    ['2:3 probes: must be a list, not a map | Begin each probe with "- ": - ping: 192.168.1.254'],
  ],
  [
    'a word in the place of a probe',
    'verify: [ping]',
    ["2:12 A probe must be a map, not 'ping' | Write the probe and whom it asks: ping: 192.168.1.254"],
  ],
  [
    'a misspelt probe',
    'verify:\n  - pnig: gw\n  - tcp: gw:22',
    [
      "3:7 Unknown probe or keyword 'pnig' | Did you mean ping?",
      `4:7 Unknown probe or keyword 'tcp' | Probes are ${NAMES}.`,
    ],
  ],
  ['no probe', 'verify: [{name: x}]', [`2:12 This names no probe | Name one: ${NAMES}.`]],
  [
    'two probes',
    'verify: [{ping: gw, command: "true"}]',
    ['2:23 One probe at a time: command stands here beside ping | Make it an item of its own.'],
  ],
  [
    'from: where the host itself asks',
    'probes: [{ping: gw, from: mon}]',
    [
      '2:23 from: belongs to verify:, not to probes: | probes: run on the host that is changed; move this one to verify: to run it from others.',
    ],
  ],
  ['no parameters', 'verify: [{ping: }]', ['2:13 ping: has no parameters']],
  [
    'a wrong parameter of the short form',
    'verify:\n  - tcp_connect: gw:99999',
    ['3:20 port: must be from 1 to 65535, not 99999'],
  ],
  ['a missing one', 'verify:\n  - tcp_connect: gw', ["3:20 missing parameter 'port'"]],
  [
    'a misspelt one',
    'verify:\n  - ping: {dest: gw, cuont: 1}',
    ["3:24 unknown parameter 'cuont' | Did you mean count?"],
  ],
  [
    'what no template can mend',
    'verify:\n  - ping: {dest: "{{ gw }}", count: none}',
    ["3:39 count: must be a whole number, not 'none'"],
  ],
  ['a broken template', 'verify:\n  - ping: "{{ !! }}"', ['3:13 unexpected ! | Leave it out.']],
  ['a template without quotes', 'probes:\n  - ping: {{ gw }}', [expect.stringContaining('quote')]],
];
test.each(wrong)('%s is told with its place', async (_what, lines, expected) => {
  expect(await told(lines)).toEqual(expected);
});

describe('serial', () => {
  const sizes: [value: unknown, expected: unknown][] = [
    [5, [{ hosts: 5 }]],
    ['5', [{ hosts: 5 }]],
    [0, [{ hosts: 0 }]],
    ['-1', [{ hosts: -1 }]],
    [' 30% ', [{ percent: 30 }]],
    [
      [1, '10%', 5],
      [{ hosts: 1 }, { percent: 10 }, { hosts: 5 }],
    ],
    [[], []],
    [null, undefined],
    [true, undefined],
    ['12.5%', undefined],
    [[1, 'x'], undefined],
    ['', undefined],
  ];
  test.each(sizes)('%j', (value, expected) => expect(batchSizes(value)).toEqual(expected));

  test('takes any number, with or without a sign of per cent', () => {
    fc.assert(
      fc.property(fc.integer({ min: -999_999, max: 999_999 }), (number) => {
        expect(batchSizes(String(number))).toEqual([{ hosts: number }]);
        expect(batchSizes(`${number}%`)).toEqual([{ percent: number }]);
      }),
    );
  });
});
