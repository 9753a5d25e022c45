/** Facts that need more than files: what commands print, and what the host's own name is. */
import { describe, expect, test } from 'vitest';
import { parseFacts } from '../../../src/facts/parse.js';
import { type AnswerParts, factAnswer } from '../../support/fact-answers.js';

interface Case {
  name: string;
  parts: AnswerParts;
  facts: Readonly<Record<string, unknown>>;
}

const named = (uname: string, hosts: string, resolved = ''): AnswerParts => ({
  files: { '/etc/hosts': hosts },
  sections: { uname, resolved },
});

const NAMES: readonly Case[] = [
  {
    name: 'as Debian writes /etc/hosts',
    parts: named('web1 x86_64', '127.0.0.1 localhost\n127.0.1.1\tweb1.example.org web1 # own\n'),
    facts: { hostname: 'web1', nodename: 'web1', fqdn: 'web1.example.org', domain: 'example.org' },
  },
  {
    name: 'the long name behind the short one',
    parts: named('web1 x86_64', '10.0.0.1 web1 web1.example.org\n'),
    facts: { fqdn: 'web1.example.org' },
  },
  {
    name: "the first line of the own name's address",
    parts: named('vm x86_64', '127.0.0.1 localhost\n127.0.0.1 vm\n'),
    facts: { hostname: 'vm', fqdn: 'localhost', domain: '' },
  },
  {
    name: 'a long name of the host itself',
    parts: named('web1.example.org x86_64', '127.0.0.1 localhost\n'),
    facts: {
      hostname: 'web1',
      nodename: 'web1.example.org',
      fqdn: 'web1.example.org',
      domain: 'example.org',
    },
  },
  {
    name: 'a name that the resolver knows',
    parts: named('web1 x86_64', '127.0.0.1 localhost\n', '10.0.0.1        web1.example.org web1\n'),
    facts: { fqdn: 'web1.example.org', domain: 'example.org' },
  },
  {
    name: 'a name that nobody knows',
    parts: named('web1 x86_64', '# web1\n127.0.0.1 localhost web10\n'),
    facts: { fqdn: 'web1', domain: '' },
  },
];

const KERNEL = {
  '/proc/sys/kernel/ostype': 'Linux\n',
  '/proc/sys/kernel/osrelease': '2.6.32-042stab145.3\n',
};
const PLATFORMS: readonly Case[] = [
  {
    name: 'a program of 64 bits',
    parts: {
      files: { ...KERNEL, '/proc/sys/kernel/version': '#1 SMP x\n', '/etc/machine-id': 'abc\n' },
      sections: { uname: 'a x86_64', elf: '\u007fELF\u0002' },
    },
    facts: {
      ...{ system: 'Linux', kernel: '2.6.32-042stab145.3', kernel_version: '#1 SMP x', machine: 'x86_64' },
      ...{
        architecture: 'x86_64',
        userspace_bits: '64',
        userspace_architecture: 'x86_64',
        machine_id: 'abc',
      },
    },
  },
  {
    name: 'one of 32 bits on a kernel of 64',
    parts: { sections: { uname: 'a x86_64', elf: '\u007fELF\u0001' } },
    facts: {
      architecture: 'x86_64',
      userspace_bits: '32',
      userspace_architecture: 'i386',
      machine_id: undefined,
    },
  },
  {
    name: 'an old PC',
    parts: { sections: { uname: 'a i686', elf: '\u007fELF\u0001' } },
    facts: { machine: 'i686', architecture: 'i386', userspace_bits: '32', userspace_architecture: 'i386' },
  },
  {
    name: 'an ARM',
    parts: { sections: { uname: 'a aarch64', elf: '\u007fELF\u0002' } },
    facts: { architecture: 'aarch64', userspace_bits: '64', userspace_architecture: undefined },
  },
];

const STATUS = 'Name:\tgrep\nUid:\t1000\t0\t0\t0\nGid:\t1000\t0\t0\t0\nCpus_allowed:\tff,0000000f\n';
const OTHERS: readonly Case[] = [
  {
    name: 'who runs it',
    parts: {
      files: { '/proc/self/status': STATUS },
      sections: { account: 'admin:x:0:0:The Admin,,,:/home/admin:/bin/bash\n' },
    },
    facts: {
      ...{ user_id: 'admin', user_uid: 0, user_gid: 0, user_gecos: 'The Admin,,,', user_dir: '/home/admin' },
      ...{ user_shell: '/bin/bash', real_user_id: 1000, effective_user_id: 0, real_group_id: 1000 },
    },
  },
  {
    name: 'one without an account',
    parts: { files: { '/proc/self/status': STATUS } },
    facts: { user_id: undefined, user_uid: 0 },
  },
  {
    name: 'processors that may be used',
    parts: { files: { '/proc/self/status': STATUS, '/proc/cpuinfo': 'processor\t: 0\n' } },
    facts: { processor_nproc: 12 },
  },
  {
    name: 'SELinux',
    parts: {
      files: {
        '/sys/fs/selinux/enforce': '1\n',
        '/sys/fs/selinux/policyvers': '33\n',
        '/etc/selinux/config': '# SELINUX= x\nSELINUX=permissive\nSELINUXTYPE=targeted\n',
      },
    },
    facts: {
      selinux: {
        ...{
          status: 'enabled',
          policyvers: 33,
          config_mode: 'permissive',
          mode: 'enforcing',
          type: 'targeted',
        },
      },
    },
  },
  {
    name: 'SELinux of RHEL 6',
    parts: { files: { '/selinux/enforce': '0\n' } },
    facts: {
      selinux: {
        ...{
          status: 'enabled',
          policyvers: 'unknown',
          config_mode: 'unknown',
          mode: 'permissive',
          type: 'unknown',
        },
      },
    },
  },
  {
    name: 'SELinux that is configured and not there',
    parts: { files: { '/etc/selinux/config': 'SELINUX=disabled\n' } },
    facts: { selinux: { status: 'disabled' } },
  },
  { name: 'the own root', parts: { sections: { chroot: 'no' } }, facts: { is_chroot: false } },
  { name: 'another root', parts: { sections: { chroot: 'yes' } }, facts: { is_chroot: true } },
  {
    name: 'the environment',
    parts: { sections: { env: 'A=1\0B=x=y\nz\0EMPTY=\0odd\0' } },
    facts: { env: { A: '1', B: 'x=y\nz', EMPTY: '' } },
  },
  {
    name: 'loads',
    parts: { files: { '/proc/loadavg': '0.5 1.25 2 1/200 3\n' } },
    facts: { loadavg: { '1m': 0.5, '5m': 1.25, '15m': 2 } },
  },
];

const CHROOT_UNSEEN = (inode: string, type: string): AnswerParts => {
  const { chroot, ...parts } = {
    chroot: undefined,
    files: { '/proc/mounts': `/dev/sda / ${type} rw 0 0\n` },
  };
  return { ...parts, sections: { 'root-inode': `${inode} /` } };
};

describe.each([...NAMES, ...PLATFORMS, ...OTHERS])('$name', ({ parts, facts }) => {
  test('is told', () => {
    const told = parseFacts(factAnswer(parts));
    expect(Object.fromEntries(Object.keys(facts).map((name) => [name, told[name]]))).toEqual(facts);
  });
});

test.each([
  ['2', 'ext4', false],
  ['5', 'ext4', true],
  ['128', 'xfs', false],
  ['256', 'btrfs', false],
  ['2', 'xfs', true],
] as const)('inode %s of %s, where process 1 may not be seen: %j', (inode, type, is) => {
  const answer = factAnswer({ ...CHROOT_UNSEEN(inode, type), collectors: ['chroot'] });
  const unseen = answer.replace(/\n[0-9a-f]{32} chroot\nno\n[0-9a-f]{32} = 0 /, '');
  expect(parseFacts(unseen).is_chroot).toBe(is);
});

describe('date_time', () => {
  const of = (date: string, zone: string): unknown =>
    parseFacts(factAnswer({ sections: { date, zone } })).date_time;

  test('is all that Ansible has', () => {
    expect(
      of('2024|07|Monday|1|27|08|01|02|03|1720393323|CEST|+0200\n', 'CET-1CEST,M3.5.0,M10.5.0/3\n'),
    ).toEqual({
      ...{ year: '2024', month: '07', weekday: 'Monday', weekday_number: '1', weeknumber: '27', day: '08' },
      ...{ hour: '01', minute: '02', second: '03', epoch: '1720393323', epoch_int: '1720393323' },
      ...{
        date: '2024-07-08',
        time: '01:02:03',
        iso8601: '2024-07-07T23:02:03Z',
        tz: 'CEST',
        tz_dst: 'CEST',
      },
      ...{ iso8601_micro: '2024-07-07T23:02:03.000000Z', iso8601_basic: '20240708T010203000000' },
      ...{ iso8601_basic_short: '20240708T010203', tz_offset: '+0200' },
    });
  });

  test.each([
    ['CET-1CEST,M3.5.0,M10.5.0/3', 'CEST'],
    ['UTC0', 'UTC'],
    ['<+0330>-3:30', '+0330'],
    ['<-03>3<-02>,M3.5.0/-2,M10.5.0/-1', '-02'],
    ['', 'X'],
    ['TZif2\u0000\u0000', 'X'],
  ])('the zone %j has the summer %s', (zone, summer) => {
    expect(of('2024|01|Monday|1|01|08|01|02|03|1704675723|X|+0000', zone)).toMatchObject({ tz_dst: summer });
  });
});

test('mounts: of devices and other hosts, with sizes of the former', () => {
  const files = {
    '/proc/mounts': [
      ...[
        '/dev/mapper/vg-root / ext4 rw,relatime 0 0',
        'proc /proc proc rw 0 0',
        '/dev/sda1 /boot ext2 ro 0 0',
      ],
      ...[
        'nas:/x /mnt/my\\040nas nfs4 rw 0 0',
        '/dev/sda1 /srv/boot ext2 ro 0 0',
        '/dev/x /none none rw 0 0',
        '',
      ],
    ].join('\n'),
    '/proc/self/mountinfo': [
      '21 1 253:0 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw',
      '22 21 8:1 /grub /srv/boot ro - ext2 /dev/sda1 ro',
      '',
    ].join('\n'),
  };
  const sizes = '4096 1000 400 4096 500 450 /\nstat: cannot read\n';
  const links = { '/dev/disk/by-uuid/1234-5678': '../../dm-0', '/dev/mapper/vg-root': '../dm-0' };
  const { mounts } = parseFacts(factAnswer({ files, links, sections: { sizes } }));
  expect(mounts).toEqual([
    {
      ...{
        mount: '/',
        device: '/dev/mapper/vg-root',
        fstype: 'ext4',
        options: 'rw,relatime',
        uuid: '1234-5678',
      },
      ...{ size_total: 4096000, size_available: 1638400, block_size: 4096, block_total: 1000 },
      ...{ block_available: 400, block_used: 600, inode_total: 500, inode_available: 450, inode_used: 50 },
    },
    { mount: '/boot', device: '/dev/sda1', fstype: 'ext2', options: 'ro', uuid: 'N/A' },
    { mount: '/mnt/my nas', device: 'nas:/x', fstype: 'nfs4', options: 'rw', uuid: 'N/A' },
    { mount: '/srv/boot', device: '/dev/sda1', fstype: 'ext2', options: 'ro,bind', uuid: 'N/A' },
  ]);
});

test('an answer that is cut off is no answer', () => {
  const answer = factAnswer({});
  expect(() => parseFacts(answer.slice(0, answer.length / 2))).toThrow(/ends in its middle/);
  expect(() => parseFacts('sh: syntax error')).toThrow(/did not answer/);
});
