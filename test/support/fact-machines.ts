/** As `fact-hosts.ts`: what a host runs in or on, its processors, memory and small files. */
import type { FactHost } from './fact-hosts.js';

const DMI = '/sys/devices/virtual/dmi/id';
const dmi = (fields: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [`${DMI}/${name}`, `${value}\n`]));

const virtual = (type: string, role: string): Record<string, unknown> => ({
  virtualization_type: type,
  virtualization_role: role,
});

const VIRTUAL: readonly FactHost[] = [
  {
    name: 'a Docker container',
    files: { '/proc/1/cgroup': '12:cpu:/docker/0123456789ab\n1:name=systemd:/docker/0123456789ab\n' },
    exists: ['/.dockerenv'],
    facts: { ...virtual('docker', 'guest'), virtualization_tech_guest: ['docker', 'container'] },
  },
  {
    name: 'a Docker container of cgroup v2, on a KVM guest',
    files: { '/proc/1/cgroup': '0::/\n', ...dmi({ sys_vendor: 'QEMU', product_name: 'Standard PC' }) },
    exists: ['/.dockerenv'],
    facts: { ...virtual('docker', 'guest'), virtualization_tech_guest: ['docker', 'container', 'kvm'] },
  },
  {
    name: 'an LXC container',
    files: { '/proc/1/environ': 'PATH=/bin\0container=lxc\0container_ttys=\0' },
    facts: virtual('lxc', 'guest'),
  },
  {
    name: 'a Podman container',
    files: { '/proc/1/environ': 'container=podman\0', '/run/systemd/container': 'podman\n' },
    facts: virtual('podman', 'guest'),
  },
  {
    name: 'a container of systemd-nspawn',
    files: { '/proc/1/environ': 'container=systemd-nspawn\0', '/run/systemd/container': 'systemd-nspawn\n' },
    facts: { ...virtual('container', 'guest'), virtualization_tech_guest: ['container', 'systemd-nspawn'] },
  },
  {
    name: 'the same for a user who may not see process 1',
    files: { '/run/systemd/container': 'systemd-nspawn\n' },
    facts: virtual('systemd-nspawn', 'guest'),
  },
  { name: 'an OpenVZ container', files: {}, exists: ['/proc/vz/'], facts: virtual('openvz', 'guest') },
  { name: 'a CloudLinux host', files: {}, exists: ['/proc/vz/', '/proc/lve'], facts: virtual('NA', 'NA') },
  {
    name: 'a KVM guest',
    files: dmi({ sys_vendor: 'QEMU', product_name: 'KVM', bios_vendor: 'SeaBIOS', chassis_type: '1' }),
    facts: {
      ...virtual('kvm', 'guest'),
      system_vendor: 'QEMU',
      product_name: 'KVM',
      bios_vendor: 'SeaBIOS',
      form_factor: 'Other',
      product_serial: 'NA',
    },
  },
  {
    name: 'a VMware guest',
    files: dmi({ sys_vendor: 'VMware, Inc.', product_name: 'VMware Virtual Platform' }),
    facts: virtual('VMware', 'guest'),
  },
  {
    name: 'a VirtualBox guest',
    files: dmi({ bios_vendor: 'innotek GmbH', product_name: 'VirtualBox' }),
    facts: virtual('virtualbox', 'guest'),
  },
  {
    name: 'a Hyper-V guest',
    files: dmi({ sys_vendor: 'Microsoft Corporation', product_name: 'Virtual Machine' }),
    facts: virtual('VirtualPC', 'guest'),
  },
  {
    name: 'a Xen guest',
    files: { '/proc/xen/capabilities': '' },
    exists: ['/proc/xen/'],
    facts: virtual('xen', 'guest'),
  },
  {
    name: 'a Xen host',
    files: { '/proc/xen/capabilities': 'control_d\n' },
    exists: ['/proc/xen/'],
    facts: { ...virtual('xen', 'host'), virtualization_tech_host: ['xen'] },
  },
  {
    name: 'a KVM host of metal',
    files: {
      '/proc/modules': 'kvm_intel 1 0 - Live 0x0\nkvm 1 1 kvm_intel, Live 0x0\nvboxdrv 1 0 - Live 0x0\n',
      ...dmi({ sys_vendor: 'Dell Inc.', product_name: 'PowerEdge R640', chassis_type: '23' }),
    },
    facts: {
      ...virtual('kvm', 'host'),
      virtualization_tech_host: ['kvm', 'virtualbox'],
      form_factor: 'Rack Mount Chassis',
    },
  },
  {
    name: 'an old QEMU guest without DMI',
    files: {
      '/proc/cpuinfo':
        'processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: QEMU Virtual CPU version 0.9\n',
    },
    facts: virtual('kvm', 'guest'),
  },
  {
    name: 'a Linux-VServer guest',
    files: { '/proc/self/status': 'Name:\tx\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nVxID:\t42\n' },
    facts: virtual('linux_vserver', 'guest'),
  },
];

/** One processor as x86 tells it. */
const cpu = (at: number, socket: number, core: number, cores: number, siblings: number): string =>
  [
    `processor\t: ${at}`,
    'vendor_id\t: GenuineIntel',
    'cpu family\t: 6',
    'model name\t: Intel(R) Xeon(R) CPU',
    `physical id\t: ${socket}`,
    `siblings\t: ${siblings}`,
    `core id\t\t: ${core}`,
    `cpu cores\t: ${cores}`,
    'flags\t\t: fpu vme de',
    '',
  ].join('\n');

const MACHINES: readonly FactHost[] = [
  {
    name: 'two sockets of two cores with two threads each',
    files: {
      '/proc/cpuinfo': [0, 1, 2, 3, 4, 5, 6, 7]
        .map((at) => cpu(at, at % 2, Math.floor(at / 2) % 2, 2, 4))
        .join('\n'),
      '/proc/meminfo': [
        ...['MemTotal:       24683896 kB', 'MemFree:        21863256 kB', 'Buffers:          120000 kB'],
        ...['Cached:          1200000 kB', 'SwapCached:         2048 kB', 'SwapTotal:       2097148 kB'],
        ...['SwapFree:        1048572 kB', 'HugePages_Total:       0', ''],
      ].join('\n'),
      '/proc/uptime': '49706.52 98000.10\n',
    },
    facts: {
      processor: Array.from({ length: 8 }, (_, at) => [
        String(at),
        'GenuineIntel',
        'Intel(R) Xeon(R) CPU',
      ]).flat(),
      processor_count: 2,
      processor_cores: 2,
      processor_threads_per_core: 2,
      processor_vcpus: 8,
      memtotal_mb: 24105,
      memfree_mb: 21350,
      swaptotal_mb: 2047,
      swapfree_mb: 1023,
      uptime_seconds: 49706,
      memory_mb: {
        real: { total: 24105, used: 2755, free: 21350 },
        nocache: { free: 22638, used: 1467 },
        swap: { total: 2047, free: 1023, used: 1024, cached: 2 },
      },
    },
  },
  {
    name: 'processors that tell of no socket',
    files: {
      '/proc/cpuinfo':
        'processor\t: 0\nvendor_id\t: X\nmodel name\t: Y\n\nprocessor\t: 1\nvendor_id\t: X\nmodel name\t: Y\n',
    },
    facts: { processor_count: 2, processor_cores: 1, processor_threads_per_core: 1, processor_vcpus: 2 },
  },
  {
    name: 'a paravirtualised guest of Xen',
    files: {
      '/sys/hypervisor/type': 'xen\n',
      '/proc/cpuinfo': [0, 1].map((at) => cpu(at, 0, 0, 1, 1).replace(' vme', '')).join('\n'),
    },
    facts: { processor_count: 2, processor_cores: 2, processor_threads_per_core: 1, processor_vcpus: 2 },
  },
];

const SMALL: readonly FactHost[] = [
  {
    name: 'small files',
    files: {
      '/proc/cmdline':
        'BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet console=tty0 console=ttyS0,115200n8 quiet "a b"\n',
      '/etc/resolv.conf':
        '# c\n; d\nnameserver 10.0.0.53\nnameserver fd00::53\nsearch a.example b.example\ndomain c.example\n' +
        'options timeout:1 rotate ndots:\nsortlist 10.0.0.0/8\nother x\n',
      '/proc/sys/crypto/fips_enabled': '1\n',
      '/etc/ssh/ssh_host_rsa_key.pub': 'ssh-rsa AAAAB3Nz root@x\n',
      '/etc/ssh/ssh_host_ed25519_key.pub': 'ssh-ed25519 AAAAC3Nz\n',
      '/etc/ssh_host_rsa_key.pub': 'ssh-rsa OTHER\n',
    },
    exists: ['/sys/kernel/security/apparmor/'],
    facts: {
      cmdline: {
        ...{ BOOT_IMAGE: '/vmlinuz', root: '/dev/sda1', ro: true, quiet: true, console: 'ttyS0,115200n8' },
        '"a b"': true,
      },
      proc_cmdline: {
        ...{ BOOT_IMAGE: '/vmlinuz', root: '/dev/sda1', ro: true, quiet: true },
        ...{ console: ['tty0', 'ttyS0,115200n8'], '"a b"': true },
      },
      dns: {
        nameservers: ['10.0.0.53', 'fd00::53'],
        search: ['a.example', 'b.example'],
        domain: 'c.example',
        options: { timeout: '1', rotate: true, ndots: true },
        sortlist: ['10.0.0.0/8'],
      },
      fips: true,
      apparmor: { status: 'enabled' },
      ssh_host_key_rsa_public: 'AAAAB3Nz',
      ssh_host_key_rsa_public_keytype: 'ssh-rsa',
      ssh_host_key_ed25519_public: 'AAAAC3Nz',
      ssh_host_key_ed25519_public_keytype: 'ssh-ed25519',
    },
  },
  {
    name: 'none of them',
    files: {},
    facts: { dns: {}, fips: false, apparmor: { status: 'disabled' }, lsb: {} },
  },
];

export const FACT_MACHINES: readonly FactHost[] = [...VIRTUAL, ...MACHINES, ...SMALL];
