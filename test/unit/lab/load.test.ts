import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadLab, parseLab } from '../../../src/lab/load.js';
import { type NetplayError, NetplayErrors } from '../../../src/shared/errors.js';
import { formatPlace } from '../../../src/shared/place.js';

function errorsOf(action: () => unknown): string[] {
  try {
    action();
  } catch (error) {
    const errors = error instanceof NetplayErrors ? error.errors : [error as NetplayError];
    return errors.map(({ message, hint, place }) =>
      [place && formatPlace(place), message, hint && `(${hint})`].filter(Boolean).join(' '),
    );
  }
  return [];
}

const cases: readonly (readonly [name: string, text: string, errors: readonly string[]])[] = [
  ['a sound lab', 'hosts: {a: {nics: {eth0: {switch: lan, addresses: [10.0.0.1/24]}}}}', []],
  ['a host without anything', 'hosts: {a: }', []],
  ['nothing at all', '', ['lab.yml:1:1 "the lab" must be a map with `hosts` or `include`']],
  ['a list', '- a', ['lab.yml:1:1 "the lab" must be a map with `hosts` or `include`']],
  [
    'wrong keys, all at once',
    'hosts:\n  a:\n    nic: {}\n    nics:\n      eth0: {switch: lan, adresses: []}\n',
    [
      'lab.yml:3:5 unknown key "nic" (did you mean "nics"?)',
      'lab.yml:5:27 unknown key "adresses" (did you mean "addresses"?)',
    ],
  ],
  ['a NIC without a switch', 'hosts: {a: {nics: {eth0: {}}}}', ['lab.yml:1:20 "eth0" needs "switch"']],
  [
    'a wrong type',
    'hosts: {a: {nics: {eth0: {switch: lan, mtu: big}}}}',
    ['lab.yml:1:45 "mtu" must be a number of bytes from 68 to 65535'],
  ],
  [
    'a switch that nobody has',
    'switches: [lan]\nhosts: {a: {nics: {eth0: {switch: lam}}}}',
    ['lab.yml:2:35 no switch is named "lam" (did you mean "lan"?)'],
  ],
  [
    'no address in a range',
    'hosts:\n  h[1:2]: {nics: {eth0: {switch: lan, addresses: ["10.0.0.25{n}/24", "300.0.0.{n}/24"]}}}',
    [
      'lab.yml:2:70 "300.0.0.1/24" is not an address with its prefix length (such as 192.168.1.1/24)',
      'lab.yml:2:70 "300.0.0.2/24" is not an address with its prefix length (such as 192.168.1.1/24)',
    ],
  ],
  [
    'an address of the management network',
    'hosts: {a: {nics: {eth0: {switch: lan, addresses: [10.213.7.7/24]}}}}',
    ['lab.yml:1:52 10.213.7.7/24 lies in the management network 10.213.0.0/16 (set `management`)'],
  ],
  [
    "a sysctl that is the machine's",
    'hosts: {a: {sysctls: {kernel.panic: 1}}}',
    ['lab.yml:1:23 "kernel.panic" is not a host\'s own (only net.* is)'],
  ],
  [
    'a sysctl that climbs out',
    'hosts: {a: {sysctls: {net/../kernel/panic: 1}}}',
    ['lab.yml:1:23 "net/../kernel/panic" is not a host\'s own (only net.* is)'],
  ],
  [
    'a file that climbs out',
    'hosts: {a: {files: {/etc/../../x: y}}}',
    ['lab.yml:1:21 "/etc/../../x" is not an absolute path of a file'],
  ],
  [
    'a route with a second command in it',
    'hosts: {a: {routes: ["default via 10.0.0.1\\nlink del x;"]}}',
    ['lab.yml:1:22 "x;" is not a word of `ip route add`'],
  ],
  [
    'names of its own',
    'hosts: {fabric: {}}',
    ['lab.yml:1:9 the host "fabric" is the lab\'s own (choose another name)'],
  ],
  ['two hosts of one name', 'hosts:\n  h[1:2]: {}\n  h2: {}', ['lab.yml:3:3 there are two hosts named "h2"']],
  [
    'a range that runs backwards',
    'hosts: {"h[3:1]": {}}',
    ['lab.yml:1:9 the range of "h[3:1]" runs backwards'],
  ],
  ['a range that is none', 'hosts: {"h[a]": {}}', ['lab.yml:1:9 "h[a]" is not a range such as web[1:3]']],
  [
    'a range of a million',
    'hosts: {"h[1:1000000]": {}}',
    ['lab.yml:1:9 "h[1:1000000]" makes 1000000 hosts; 1000 is the most'],
  ],
  [
    'no way in',
    'management: false\nhosts: {a: {}}',
    [
      'lab.yml:2:9 the controller can\'t reach "a" (without `management`, give a `controller`, or set `ssh: false`)',
    ],
  ],
  [
    'a management network that is too small',
    'management: 10.9.0.0/30\nhosts: {"h[1:9]": {}}',
    ['lab.yml:1:13 10.9.0.0/30 has no room for 9 hosts and the controller'],
  ],
  ['a key twice', 'hosts:\n  a: {}\n  a: {}', ['lab.yml:3:3 Map keys must be unique']],
];

describe('a lab file', () => {
  test.each(cases)('%s', (_name, text, errors) => {
    expect(errorsOf(() => parseLab(text, 'lab.yml'))).toEqual(errors);
  });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'netplay-load-'));
  mkdirSync(join(folder, 'sub'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe('loading', () => {
  test('the name is the file’s base name where it says none', () => {
    const folder = folderWith({ 'two nics.yml': 'hosts: {a: {}}' });
    expect(loadLab(join(folder, 'two nics.yml')).name).toBe('twonics');
  });

  test('included labs bring their hosts, and their sources stay where they are', () => {
    const folder = folderWith({
      'all.yml': 'name: all\ninclude: [sub/a.yml, b.yml]\n',
      'sub/a.yml': 'hosts: {a: {files: {/etc/x: {source: x}}}}',
      'b.yml': 'hosts: {b: {}}',
    });
    const { spec, name } = loadLab(join(folder, 'all.yml'));
    expect(name).toBe('all');
    expect(Object.keys(spec.hosts ?? {})).toEqual(['a', 'b']);
    expect(spec.hosts?.a?.files).toEqual({ '/etc/x': { source: join(folder, 'sub', 'x') } });
  });

  test.each([
    ['a file that includes itself', { 'all.yml': 'include: [all.yml]' }, /includes itself/],
    [
      'a host in two files',
      { 'all.yml': 'include: [b.yml]\nhosts: {b: {}}', 'b.yml': 'hosts: {b: {}}' },
      /have a host "b"/,
    ],
    ['a file that is not there', { 'all.yml': 'include: [c.yml]' }, /there is no lab file .*c\.yml/],
    [
      'a mistake in an included file',
      { 'all.yml': 'include: [c.yml]', 'c.yml': 'hosts: 5' },
      /c\.yml:1:8 "hosts" must be/,
    ],
  ])('%s', (_name, files, expected) => {
    const folder = folderWith(files);
    expect(errorsOf(() => loadLab(join(folder, 'all.yml'))).join('\n')).toMatch(expected);
  });

  test('an object is checked as a file is, and needs a name', () => {
    expect(errorsOf(() => loadLab({ hosts: { a: { ssh: 'here' } } }))).toEqual([
      '"here" is not an address (true, false, or 192.168.1.1)',
    ]);
    expect(errorsOf(() => loadLab({ hosts: { a: {} } }))).toEqual(['a lab given as an object needs a name']);
  });
});
