import { describe, expect, test } from 'vitest';
import { NetplayErrors } from '../../../src/shared/errors.js';
import { type TargetDefaults, targetFromVars } from '../../../src/transport/target.js';

type Vars = Readonly<Record<string, unknown>>;

const PLAIN = {
  name: 'web1',
  connection: 'ssh',
  address: 'web1',
  connectTimeoutMs: 10_000,
  retries: 0,
  hostKeyChecking: 'yes',
};
const SUDO = { method: 'sudo', user: 'root' };

const CASES: readonly (readonly [string, Vars, TargetDefaults, object])[] = [
  ['nothing set', {}, {}, {}],
  ['an address', { ansible_host: '192.0.2.1' }, {}, { address: '192.0.2.1' }],
  ['an IPv6 address in brackets', { ansible_host: '[2001:db8::1]' }, {}, { address: '2001:db8::1' }],
  ['the alias of a name wins', { ansible_host: 'a', ansible_ssh_host: 'b' }, {}, { address: 'b' }],
  ['null is not set', { ansible_host: null, ansible_user: null }, { user: 'u' }, { user: 'u' }],
  ['port as text', { ansible_port: '2222' }, {}, { port: 2222 }],
  [
    'variables win over the command line',
    { ansible_user: 'a', ansible_port: 1 },
    { user: 'b', port: 2 },
    { user: 'a', port: 1 },
  ],
  ['a number as user', { ansible_user: 1000 }, {}, { user: '1000' }],
  ['a number as password', { ansible_password: 1234 }, {}, { password: '1234' }],
  ['ansible_ssh_pass', { ansible_password: 'a', ansible_ssh_pass: 'b' }, {}, { password: 'b' }],
  [
    'a key',
    { ansible_ssh_private_key_file: 'k', ansible_ssh_private_key_passphrase: 'p' },
    {},
    { privateKeyFile: 'k', passphrase: 'p' },
  ],
  ['local', { ansible_connection: 'local' }, {}, { connection: 'local' }],
  ['local by the command line', {}, { connection: 'local' }, { connection: 'local' }],
  ['paramiko is ssh', { ansible_connection: 'paramiko_ssh' }, {}, {}],
  [
    'time-outs are seconds',
    { ansible_ssh_timeout: 30, ansible_ssh_retries: '2' },
    {},
    { connectTimeoutMs: 30_000, retries: 2 },
  ],
  ['host keys not checked', { ansible_host_key_checking: 'no' }, {}, { hostKeyChecking: 'no' }],
  ['host keys checked', { ansible_host_key_checking: true }, { hostKeyChecking: 'no' }, {}],
  ['accept-new', { ansible_ssh_host_key_checking: 'accept-new' }, {}, { hostKeyChecking: 'accept-new' }],
  ['become', { ansible_become: 'yes' }, {}, { become: SUDO }],
  ['become by the play', {}, { become: true, becomeUser: 'ada' }, { become: { ...SUDO, user: 'ada' } }],
  ['become turned off', { ansible_become: false }, { become: true }, {}],
  [
    'become in full',
    {
      ansible_become: true,
      ansible_become_user: 'ada',
      ansible_become_pass: 'p',
      ansible_become_flags: '-H -g "a b"',
      ansible_become_exe: '/opt/sudo',
    },
    {},
    { become: { ...SUDO, user: 'ada', password: 'p', flags: ['-H', '-g', 'a b'], exe: '/opt/sudo' } },
  ],
  [
    'become by su, whose own variables count',
    { ansible_become: true, ansible_become_method: 'su', ansible_su_user: 'ada', ansible_sudo_user: 'bea' },
    {},
    { become: { method: 'su', user: 'ada' } },
  ],
  [
    'become by doas',
    { ansible_become_method: 'community.general.doas' },
    { become: true },
    { become: { method: 'doas', user: 'root' } },
  ],
  [
    'ssh options, common ones first',
    { ansible_ssh_extra_args: '-p 1', ansible_ssh_common_args: "-o 'ProxyCommand=nc %h %p'" },
    { sshCommonArgs: '-C' },
    { sshArgs: ['-o', 'ProxyCommand=nc %h %p', '-p', '1'] },
  ],
];

test.each(CASES)('%s', (_, vars, defaults, expected) => {
  expect(targetFromVars('web1', vars, defaults)).toEqual({ ...PLAIN, ...expected });
});

describe('what makes no sense is refused with its variable, value and host', () => {
  const BAD: readonly (readonly [Vars, RegExp])[] = [
    [{ ansible_port: 'ssh' }, /ansible_port "ssh" of host web1/],
    [{ ansible_port: 0 }, /from 1 to 65535/],
    [{ ansible_port: 22.5 }, /from 1 to 65535/],
    [{ ansible_host: '-oProxyCommand=x' }, /ansible_host "-oProxyCommand=x"/],
    [{ ansible_host: 'a b' }, /is not a name/],
    [{ ansible_user: '' }, /is not a name/],
    [{ ansible_connection: 'docker' }, /ansible_connection "docker"/],
    [{ ansible_become: 'maybe' }, /neither true nor false/],
    [{ ansible_become: true, ansible_become_method: 'pbrun' }, /ansible_become_method "pbrun"/],
    [{ ansible_become_user: '--shell' }, /is not a name/],
    [{ ansible_host_key_checking: 'ask' }, /not true, false or accept-new/],
    [{ ansible_ssh_common_args: "-o 'x" }, /quote that is not closed/],
    [{ ansible_ssh_timeout: 0 }, /from 1 to/],
    [{ ansible_user: { a: 1 } }, /is not a text/],
  ];
  test.each(BAD)('%j', (vars, message) => {
    expect(() => targetFromVars('web1', vars)).toThrow(message);
    expect(() => targetFromVars('web1', vars)).toThrow(
      expect.objectContaining({ code: 'inventory', host: 'web1' }),
    );
  });

  test('all at once, and without the value of a secret', () => {
    const vars = { ansible_password: ['hush'], ansible_become_pass: { hush: 1 }, ansible_port: 'x' };
    try {
      targetFromVars('web1', vars);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(NetplayErrors);
      expect(error).toHaveProperty('errors.length', 3);
      expect(String(error)).not.toContain('hush');
    }
  });
});
