import { homedir, userInfo } from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import { parseSshArgs } from '../../../src/transport/ssh-args.js';
import { endpoint, parseJump, parseSettings } from '../../../src/transport/ssh-config.js';
import { splitWords } from '../../../src/transport/words.js';

describe('words', () => {
  test.each([
    ['', []],
    ['  a  b ', ['a', 'b']],
    [`-o 'A=b c' "d\\"e"`, ['-o', 'A=b c', 'd"e']],
    [`a'b'"c"d`, ['abcd']],
    ['a\\ b', ['a b']],
    [`''`, ['']],
    [`"a\\b"`, ['a\\b']],
  ])('%j', (line, words) => expect(splitWords(line)).toEqual(words));

  test.each(["'a", '"a', 'a\\'])('%j is not closed', (line) => expect(splitWords(line)).toBeUndefined());
});

describe('ssh options', () => {
  test.each([
    [['-o', 'Port=2222'], { settings: [['port', '2222']] }],
    [['-oPort 2222'], { settings: [['port', '2222']] }],
    [['-o', 'ProxyCommand=nc -x a=b %h %p'], { settings: [['proxycommand', 'nc -x a=b %h %p']] }],
    [
      ['-J', 'a,b', '-l', 'ada', '-p22', '-i', 'k'],
      {
        settings: [
          ['proxyjump', 'a,b'],
          ['user', 'ada'],
          ['port', '22'],
          ['identityfile', 'k'],
        ],
      },
    ],
    [['-F', 'file'], { settings: [], configFile: 'file' }],
    [['-C', '-qT', '-o', 'ControlMaster=auto', '-o', 'ControlPersist=60s'], { settings: [] }],
  ])('%j', (words, expected) => expect(parseSshArgs(words, 'h')).toEqual(expected));

  test.each([
    [['-L', '1:a:2'], '-L'],
    [['-o', 'Ciphers=none'], '-o Ciphers=none'],
    [['-o', 'Port='], '-o Port='],
    [['-o'], '-o'],
    [['host'], 'host'],
  ])('%j is refused by name', (words, named) => {
    expect(() => parseSshArgs(words, 'h')).toThrow(
      expect.objectContaining({ code: 'inventory', message: expect.stringContaining(named) }),
    );
  });
});

describe('an endpoint', () => {
  const asked = { label: 'h', address: 'web', args: { settings: [] } };
  const of = (settings: readonly (readonly [string, string])[], more = {}) =>
    endpoint({ ...asked, ...more }, [['identityagent', 'none'], ...settings], '/home/u');

  test('has the defaults of ssh', () => {
    expect(of([])).toEqual({
      host: 'web',
      port: 22,
      user: userInfo().username,
      identitiesOnly: false,
      jumps: [],
      hostKeyName: 'web',
      userKnownHosts: ['/home/u/.ssh/known_hosts', '/home/u/.ssh/known_hosts2'],
      systemKnownHosts: ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
    });
  });

  test.each([
    ['', {}],
    ['/run/agent', { agent: '/run/agent' }],
  ])('asks the agent of SSH_AUTH_SOCK=%s', (socket, found) => {
    vi.stubEnv('SSH_AUTH_SOCK', socket);
    const { agent } = endpoint(asked, [], '/home/u');
    vi.unstubAllEnvs();
    expect({ ...(agent !== undefined && { agent }) }).toEqual(found);
  });

  test('reads what ssh -G prints', () => {
    const settings = parseSettings(
      'hostname 192.0.2.1\nuser ada\nport 2222\nidentityfile ~/.ssh/a\nidentityfile %d/b_%r\nidentitiesonly yes\n' +
        'proxyjump x@j1:1,j2\nuserknownhostsfile /a ~/b\nstricthostkeychecking accept-new\nconnecttimeout 7\n' +
        'hostkeyalias alias\nproxycommand none\n',
    );
    expect(of(settings)).toMatchObject({
      host: '192.0.2.1',
      port: 2222,
      user: 'ada',
      identityFiles: ['/home/u/.ssh/a', '/home/u/b_ada'],
      identitiesOnly: true,
      jumps: ['x@j1:1', 'j2'],
      userKnownHosts: ['/a', '/home/u/b'],
      checking: 'accept-new',
      connectTimeoutMs: 7000,
      hostKeyName: 'alias',
    });
    expect(of(settings)).not.toHaveProperty('proxyCommand');
  });

  test('gives way to what was asked for', () => {
    expect(
      of(
        [
          ['user', 'a'],
          ['port', '1'],
        ],
        { user: 'b', port: 2 },
      ),
    ).toMatchObject({ user: 'b', port: 2 });
  });

  test('puts names into a ProxyCommand, and none that could add to it', () => {
    expect(of([['proxycommand', 'nc -q0 %h %p %%']])).toMatchObject({ proxyCommand: 'nc -q0 web 22 %' });
    expect(() => of([['proxycommand', 'nc %h']], { address: 'a;reboot' })).toThrow(/ProxyCommand/);
    expect(() =>
      of([
        ['proxycommand', 'nc %h'],
        ['user', '$(id)'],
      ]),
    ).toThrow(/ProxyCommand/);
  });

  test('knows the home folder of this machine', () => {
    expect(endpoint(asked, [], homedir()).userKnownHosts[0]).toBe(`${homedir()}/.ssh/known_hosts`);
  });
});

describe('a jump host', () => {
  test.each([
    ['j', { address: 'j' }],
    ['ada@j:2222', { address: 'j', user: 'ada', port: 2222 }],
    ['[2001:db8::1]:22', { address: '2001:db8::1', port: 22 }],
    ['ssh://ada@j:1/', { address: 'j', user: 'ada', port: 1 }],
  ])('%s', (jump, expected) => expect(parseJump(jump, 'h')).toEqual(expected));

  test.each(['', 'a b:x', '-oProxyCommand=x', '-l@j', 'j:port'])('%j is none', (jump) => {
    expect(() => parseJump(jump, 'h')).toThrow(expect.objectContaining({ code: 'inventory' }));
  });
});
