/**
 * What a host is a guest or a host of, under Ansible's names and found in the same order as ansible-core 2.14 does
 * (module_utils/facts/virtual/linux.py). The first thing found is `virtualization_type`; all are in the lists.
 */
import type { Files } from './distribution.js';

export interface VirtualText {
  files: Files;
  exists: ReadonlySet<string>;
  cpuinfo: string;
  /** Lines `container=…` of process 1's environment; empty where it may not be read. */
  environment: string;
}

/** One sign that is there: what it tells. */
interface Sign {
  type: string;
  role: string;
  /** Left out of the lists. */
  isUnlisted?: boolean;
}

const guest = (type: string): Sign => ({ type, role: 'guest' });
const host = (type: string): Sign => ({ type, role: 'host' });
const when = (holds: boolean, sign: Sign): Sign[] => (holds ? [sign] : []);

export function virtualFacts(text: VirtualText): Record<string, unknown> {
  const signs = [...containers(text), ...xen(text), ...firmware(text), ...kernel(text)];
  const [first = { type: 'NA', role: 'NA' }] = signs;
  const listed = (role: 'guest' | 'host'): string[] => [
    ...new Set(
      signs
        .filter((sign) => !sign.isUnlisted && (sign.role === 'host') === (role === 'host'))
        .map(({ type }) => type),
    ),
  ];
  return {
    virtualization_type: first.type,
    virtualization_role: first.role,
    virtualization_tech_guest: listed('guest'),
    virtualization_tech_host: listed('host'),
  };
}

const CONTAINERS = new Set(['docker', 'lxc', 'podman', 'openvz', 'containerd']);

function containers({ files, exists, environment }: VirtualText): Sign[] {
  const cgroup = files.get('/proc/1/cgroup') ?? '';
  const systemd = files.get('/run/systemd/container')?.trim() ?? '';
  const isOpenVz = exists.has('/proc/vz') && !exists.has('/proc/lve');
  const signs = [
    ...cgroup.split('\n').flatMap(cgroupSigns),
    ...when(/container=lxc/.test(environment), guest('lxc')),
    ...when(/container=podman/.test(environment), guest('podman')),
    ...when(/^container=./m.test(environment), guest('container')),
    ...when(isOpenVz, exists.has('/proc/bc') ? host('openvz') : guest('openvz')),
    ...when(systemd !== '', guest(systemd)),
    ...when(exists.has('/.dockerenv') || exists.has('/.dockerinit'), guest('docker')),
  ];
  const isContainer = signs.some(({ type, role }) => role === 'guest' && CONTAINERS.has(type));
  return [...signs, ...when(isContainer || systemd !== '', guest('container'))];
}

function cgroupSigns(line: string): Sign[] {
  return [
    ...when(/\/docker(\/|-[0-9a-f]+\.scope)/.test(line), guest('docker')),
    ...when(/\/lxc\/|\/machine\.slice\/machine-lxc/.test(line), guest('lxc')),
    ...when(line.includes('/system.slice/containerd.service'), guest('containerd')),
  ];
}

function xen({ files, exists }: VirtualText): Sign[] {
  if (!exists.has('/proc/xen')) return [];
  const isHost = (files.get('/proc/xen/capabilities') ?? '').includes('control_d');
  return [isHost ? host('xen') : { ...guest('xen'), isUnlisted: true }];
}

/** By what a hypervisor calls itself in DMI: file, its whole value, and the name. */
const FIRMWARE: readonly (readonly [file: string, values: readonly string[], type: string])[] = [
  ['product_name', ['KVM', 'KVM Server', 'Bochs', 'AHV'], 'kvm'],
  ['sys_vendor', ['oVirt'], 'oVirt'],
  ['product_name', ['RHEV Hypervisor'], 'RHEV'],
  ['product_name', ['VMware Virtual Platform', 'VMware7,1'], 'VMware'],
  ['product_name', ['OpenStack Compute', 'OpenStack Nova'], 'openstack'],
  ['bios_vendor', ['Xen'], 'xen'],
  ['bios_vendor', ['innotek GmbH'], 'virtualbox'],
  ['bios_vendor', ['Amazon EC2', 'DigitalOcean', 'Hetzner'], 'kvm'],
  ['sys_vendor', ['QEMU', 'Amazon EC2', 'DigitalOcean', 'Google', 'Scaleway', 'Nutanix'], 'kvm'],
  ['sys_vendor', ['KubeVirt'], 'KubeVirt'],
  ['sys_vendor', ['Microsoft Corporation'], 'VirtualPC'],
  ['sys_vendor', ['Parallels Software International Inc.'], 'parallels'],
  ['sys_vendor', ['OpenStack Foundation'], 'openstack'],
];

function firmware({ files }: VirtualText): Sign[] {
  const dmi = (file: string): string => files.get(`/sys/devices/virtual/dmi/id/${file}`)?.trim() ?? '';
  const isRhv = dmi('sys_vendor') === 'Red Hat' && dmi('product_family') === 'RHV';
  return [
    ...when(isRhv, guest('RHV')),
    ...FIRMWARE.flatMap(([file, values, type]) => when(values.includes(dmi(file)), guest(type))),
  ];
}

/** By what the kernel tells of its processors, modules and devices. */
function kernel({ files, exists, cpuinfo }: VirtualText): Sign[] {
  const server = /^VxID:\s+(\d+)/m.exec(files.get('/proc/self/status') ?? '')?.[1];
  const modules = new Set((files.get('/proc/modules') ?? '').split('\n').map((line) => line.split(' ')[0]));
  const cpu = (pattern: RegExp, sign: Sign): Sign[] => when(pattern.test(cpuinfo), sign);
  return [
    ...when(server !== undefined, server?.startsWith('0') ? host('linux_vserver') : guest('linux_vserver')),
    ...cpu(/^model name.*QEMU Virtual CPU/m, guest('kvm')),
    ...cpu(/^(vendor_id.*User Mode Linux|model name.*UML)/m, guest('uml')),
    ...cpu(/^machine.*CHRP IBM pSeries .emulated by qemu./m, guest('kvm')),
    ...cpu(/^vendor_id.*PowerVM Lx86/m, guest('powervm_lx86')),
    ...cpu(/^vendor_id.*IBM\/S390/m, { type: 'PR/SM', role: 'LPAR' }),
    ...when(modules.has('kvm'), host('kvm')),
    ...when(modules.has('vboxdrv'), host('virtualbox')),
    ...when(modules.has('virtio'), guest('kvm')),
    ...when(exists.has('/dev/kvm'), host('kvm')),
  ];
}
