import { describe, expect, test } from 'vitest';
import { Draft } from '../../../src/inventory/draft.js';
import { readHostList } from '../../../src/inventory/host-list.js';
import { readIni } from '../../../src/inventory/ini.js';
import { readYamlInventory } from '../../../src/inventory/yaml.js';
import type { NetplayError } from '../../../src/shared/errors.js';

/** Each error as `line:column+length message (hint)`. */
function told(errors: readonly NetplayError[]): string[] {
  return errors.map(({ code, message, hint, place }) => {
    expect(code).toBe('inventory');
    const where = `${place?.line}:${place?.column}+${place?.length}`;
    return `${where} ${message}${hint === undefined ? '' : ` (${hint})`}`;
  });
}

const ASSIGNMENT = 'Put no spaces around "=", and quotes around a value that holds spaces.';

describe('INI', () => {
  test.each<[string, string, string[]]>([
    [
      'a word without =',
      'web1 a=1 foo b=2',
      [`1:10+3 "foo" is no variable: name=value is expected (${ASSIGNMENT})`],
    ],
    [
      'a word without its name',
      'web1 =1',
      [`1:6+2 "=1" is no variable: name=value is expected (${ASSIGNMENT})`],
    ],
    ['an open quote', 'web1 a="x y', ['1:8+1 A quote opens here and is never closed']],
    [
      'a line of :vars without =',
      '[a]\n[a:vars]\n  foo bar',
      ['3:3+7 This is no variable: name=value is expected'],
    ],
    [
      'a host under :vars',
      '[a]\n[a:vars]\nweb1 x=1',
      ['3:1+6 "web1 x" is no variable\'s name (Hosts belong under [group].)'],
    ],
    [
      'a wrong kind of section',
      '[web:childern]\nx',
      ['1:1+14 A section can\'t hold "childern" (Did you mean [web:children]?)'],
    ],
    [
      'a section with spaces',
      '[web servers]',
      ['1:1+13 This is no section (Write [group], [group:children] or [group:vars], without spaces.)'],
    ],
    [
      'a child that is not declared',
      '[web]\n[all2:children]\nwbe',
      ['3:1+3 [all2:children] names the group "wbe", which is not declared (Did you mean "web"?)'],
    ],
    [
      'variables of a group that is not declared',
      '[wbe:vars]\na=1\n[web]',
      ['1:1+10 Variables are set for the group "wbe", which is not declared (Did you mean "web"?)'],
    ],
    [
      'variables for a child',
      '[web]\n[p:children]\nweb a=1',
      ["3:1+7 This is no group's name (One group a line stands here.)"],
    ],
    [
      'a group within itself',
      '[a:children]\nb\n[b:children]\nc\n[c:children]\na',
      ['6:1+1 The group "c" would be within itself: c > a > b > c'],
    ],
    ['all as a child', '[a:children]\nall', ['2:1+3 The group "a" would be within itself: a > all > a']],
    [
      'a priority that is no number',
      '[a]\n[a:vars]\nansible_group_priority=high',
      ['3:1+27 ansible_group_priority must be a whole number'],
    ],
    [
      'YAML',
      '---\nall:\n',
      [
        '1:1+3 "---" begins a YAML file (Name the file with .yml.)',
        '2:1+4 "all:" ends in a colon (For an inventory in YAML, name the file with .yml.)',
      ],
    ],
    [
      'a range without its end',
      'web[1:]',
      ['1:1+7 [1:] is no range (Write [first:last] or [first:last:step].)'],
    ],
    [
      'a range of a step of nothing',
      'web[1:4:0]',
      ['1:1+10 [1:4:0] is no range (Write [first:last] or [first:last:step].)'],
    ],
    [
      'a range that mixes',
      'web[a:10]',
      ['1:1+9 [a:10] is no range (Both ends must be numbers, or both be single letters.)'],
    ],
    ['a range backwards', 'web[4:1]', ['1:1+8 The range [4:1] ends before it begins']],
    [
      'a range of two widths',
      'web[01:100]',
      ['1:1+11 The ends of [01:100] differ in width (Pad both: [01:10], [001:010].)'],
    ],
    ['a range beyond reason', 'web[1:99999999]', ['1:1+15 [1:99999999] stands for more than 100000 hosts']],
    [
      'ranges beyond reason',
      'web[1:9999]-[1:9999]',
      ['1:1+20 "web[1:9999]-[1:9999]" stands for more than 100000 hosts'],
    ],
    ['an open bracket', 'web[1:4', ['1:1+7 A bracket in "web[1:4" has no counterpart']],
    [
      'a port that is no number',
      'web1:ssh',
      ['1:1+8 The port behind "web1:ssh" is no number (Write host:port, such as web1:2222.)'],
    ],
    ['a port beyond 65535', 'web1:70000', ['1:1+10 The port 70000 is not between 1 and 65535']],
    [
      'colons that are no IPv6 address',
      'fe80:::1',
      [
        '1:1+8 "fe80:::1" is no host name: it holds colons and is no IPv6 address (Write an IPv6 address with its port as [address]:port.)',
      ],
    ],
    [
      'all mistakes, in the order of the file',
      '[x:vars]\na=1\n[web]\nweb1 foo\nweb2 bar',
      [
        '1:1+8 Variables are set for the group "x", which is not declared (Declare it: [x])',
        `4:6+3 "foo" is no variable: name=value is expected (${ASSIGNMENT})`,
        `5:6+3 "bar" is no variable: name=value is expected (${ASSIGNMENT})`,
      ],
    ],
  ])('%s', (_name, text, expected) => expect(told(readIni(text, 'hosts', new Draft()))).toEqual(expected));

  test('the line is shown, its password is not', () => {
    const [error] = readIni('web1 ansible_password=hunter2 foo', 'hosts', new Draft());
    expect(error?.place?.source).toBe('web1 ansible_password=******* foo');
  });
});

describe('YAML', () => {
  const begin = 'Begin with "all:" and under it "hosts:".';
  test.each<[string, string, string[]]>([
    ['an empty file', '', [`1:1+1 The inventory is empty (${begin})`]],
    ['a list', '- web1', [`1:1+6 An inventory is a map of groups (${begin})`]],
    [
      'a section on top',
      'hosts:\n  web1:',
      ['1:1+5 "hosts" can\'t stand at the top: groups do (Put it under "all:".)'],
    ],
    [
      'a plugin',
      'plugin: constructed',
      [
        '1:1+6 This file configures the inventory plugin "constructed", which netplay has not (Save what it makes as a file: ansible-inventory -i FILE --list --export --yaml)',
      ],
    ],
    [
      'an unknown key',
      'all:\n  hots:\n    web1:',
      ['2:3+4 The group "all" can\'t hold "hots" (Did you mean "hosts"?)'],
    ],
    [
      'a group beside the sections',
      'all:\n  webservers:\n',
      [
        '2:3+10 The group "all" can\'t hold "webservers" (A group holds hosts, vars and children; put groups under children.)',
      ],
    ],
    [
      'a list of hosts',
      'all:\n  hosts: [web1, web2]',
      [
        '2:10+12 "hosts" of the group "all" must be a map (Write a map, one "name:" a line, instead of a list.)',
      ],
    ],
    ['a group that is a word', 'web: web1', ['1:6+4 The group "web" must be a map']],
    [
      'variables of a host that are a word',
      'web: {hosts: {web1: 10.0.0.1}}',
      ['1:21+8 The host "web1" must be a map'],
    ],
    [
      'a loop',
      'a: {children: {b: {children: {a: }}}}',
      ['1:16+1 The group "a" would be within itself: a > b > a'],
    ],
    ['a range', 'a: {hosts: {"w[4:1]": }}', ['1:13+8 The range [4:1] ends before it begins']],
    [
      'a key twice',
      'a:\n  hosts:\n    w1:\n    w1:',
      ['4:5+2 The key "w1" is given twice; the first is at hosts.yml:3:5 (Keep one of the two.)'],
    ],
    [
      'all mistakes',
      'a: {hots: {}}\nb: {children: {c: {vas: {}}}}',
      [
        '1:5+4 The group "a" can\'t hold "hots" (Did you mean "hosts"?)',
        '2:20+3 The group "c" can\'t hold "vas" (Did you mean "vars"?)',
      ],
    ],
  ])('%s', (_name, text, expected) => {
    expect(told(readYamlInventory(text, 'hosts.yml', new Draft()))).toEqual(expected);
  });
});

test('a mistake in a list of hosts is shown within the list', () => {
  const [error, ...others] = readHostList('web1,web[4:1],db', new Draft());
  expect(others).toEqual([]);
  expect(error?.message).toBe('The range [4:1] ends before it begins');
  expect(error?.place).toEqual({ file: '-i', line: 1, column: 6, length: 8, source: 'web1,web[4:1],db' });
});
