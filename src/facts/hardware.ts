/**
 * Memory, processors, DMI, mounts and uptime, under the names and in the shapes of ansible-core 2.14
 * (module_utils/facts/hardware/linux.py).
 */
import { words } from '../snapshot/text.js';
import type { Files } from './distribution.js';

type Facts = Record<string, unknown>;

export interface HardwareText {
  files: Files;
  exists: ReadonlySet<string>;
  /** Some of the lines of /proc/cpuinfo. */
  cpuinfo: string;
  /** `stat -f`: sizes of file systems, a line each. */
  sizes: string;
  /** Targets of links below /dev/disk/by-uuid and /dev/mapper, by path. */
  links: ReadonlyMap<string, string>;
  machine: string;
}

export function hardwareFacts(text: HardwareText): Facts {
  const uptime = Number.parseInt(text.files.get('/proc/uptime') ?? '', 10);
  return {
    ...processorFacts(text),
    ...memoryFacts(text.files.get('/proc/meminfo') ?? ''),
    ...dmiFacts(text.files),
    ...(Number.isNaN(uptime) ? {} : { uptime_seconds: uptime }),
    ...mountFacts(text),
  };
}

/** In MiB, rounded down. */
function memoryFacts(meminfo: string): Facts {
  const mb = (key: string): number => {
    const kb = new RegExp(`^${key}:\\s*(\\d+)`, 'm').exec(meminfo)?.[1];
    return Math.floor(Number(kb ?? 0) / 1024);
  };
  if (meminfo === '') return {};
  const [total, free, cached, buffers] = [mb('MemTotal'), mb('MemFree'), mb('Cached'), mb('Buffers')];
  const [swapTotal, swapFree] = [mb('SwapTotal'), mb('SwapFree')];
  const unused = cached + free + buffers;
  return {
    memtotal_mb: total,
    memfree_mb: free,
    swaptotal_mb: swapTotal,
    swapfree_mb: swapFree,
    memory_mb: {
      real: { total, used: total - free, free },
      nocache: { free: unused, used: total - unused },
      swap: { total: swapTotal, free: swapFree, used: swapTotal - swapFree, cached: mb('SwapCached') },
    },
  };
}

/** Keys of /proc/cpuinfo that are listed in `processor`, on the architectures that have them. */
const LISTED = new Set(['model name', 'Processor', 'vendor_id', 'cpu', 'Vendor', 'processor']);

function pairs(cpuinfo: string): [key: string, value: string][] {
  return cpuinfo.split('\n').flatMap((line): [string, string][] => {
    const at = line.indexOf(':');
    return at < 0 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()]];
  });
}

function processorFacts({ cpuinfo, files, exists, machine }: HardwareText): Facts {
  const lines = pairs(cpuinfo);
  if (lines.length === 0) return {};
  const processor = lines.filter(([key]) => LISTED.has(key)).map(([, value]) => value);
  const isXen = exists.has('/proc/xen') || files.get('/sys/hypervisor/type')?.trim() === 'xen';
  // A paravirtualised guest of Xen lacks this flag, and its lines tell of one core only.
  const isPara = isXen && lines.some(([key, value]) => key === 'flags' && !words(value).includes('vme'));
  const count = processorCount(lines, processor.length, machine);
  if (machine === 's390x') return { processor };
  const shape = isPara
    ? { processor_count: count, processor_cores: count, processor_threads_per_core: 1 }
    : topology(lines, count);
  const { processor_count, processor_cores, processor_threads_per_core } = shape;
  return {
    processor,
    ...shape,
    processor_vcpus: isPara ? count : processor_threads_per_core * processor_count * processor_cores,
    ...(!isPara && { processor_nproc: usable(files) || lines.filter(([key]) => key === 'processor').length }),
  };
}

function processorCount(
  lines: readonly (readonly [string, string])[],
  listed: number,
  machine: string,
): number {
  const times = (name: string): number => lines.filter(([key]) => key === name).length;
  if (/^(armv|aarch|ppc)/.test(machine)) return times('processor');
  const active = lines.findLast(([key]) => key === 'ncpus active')?.[1];
  if (active !== undefined) return Number(active);
  return times('vendor_id') > 0 && times('vendor_id') === times('model name') ? times('vendor_id') : listed;
}

interface Topology {
  processor_count: number;
  processor_cores: number;
  processor_threads_per_core: number;
}

/** Sockets with their cores, and cores with their threads; those of the first one count for all. */
function topology(lines: readonly (readonly [string, string])[], count: number): Topology {
  const sockets = new Map<string, number>();
  const siblings = new Map<string, number>();
  let [socket, core] = ['0', '0'];
  for (const [key, value] of lines) {
    if (key === 'physical id') {
      socket = value;
      if (!sockets.has(socket)) sockets.set(socket, 1);
    } else if (key === 'core id') {
      core = value;
      if (!siblings.has(core)) siblings.set(core, 1);
    } else if (key === 'cpu cores') sockets.set(socket, Number(value));
    else if (key === 'siblings') siblings.set(core, Number(value));
  }
  const cores = [...sockets.values()][0] || 1;
  return {
    processor_count: sockets.size || count,
    processor_cores: cores,
    processor_threads_per_core: Math.floor(([...siblings.values()][0] ?? 1) / cores),
  };
}

/** How many processors a program may use: the bits of its mask. */
function usable(files: Files): number {
  const mask = /^Cpus_allowed:\s*([0-9a-f,]+)/m.exec(files.get('/proc/self/status') ?? '')?.[1] ?? '';
  return [...mask.replaceAll(',', '')]
    .map((digit) => Number.parseInt(digit, 16).toString(2).replaceAll('0', '').length)
    .reduce((sum, bits) => sum + bits, 0);
}

const DMI = '/sys/devices/virtual/dmi/id/';
/** Facts by the kernel's file, where the two are not called the same. */
const DMI_NAMES = { form_factor: 'chassis_type', system_vendor: 'sys_vendor' } as const;
const DMI_FACTS = [
  ...['bios_date', 'bios_vendor', 'bios_version', 'board_asset_tag', 'board_name', 'board_serial'],
  ...['board_vendor', 'board_version', 'chassis_asset_tag', 'chassis_serial', 'chassis_vendor'],
  ...['chassis_version', 'form_factor', 'product_name', 'product_serial', 'product_uuid', 'product_version'],
  'system_vendor',
] as const;

/** Kinds of chassis, by the numbers of the SMBIOS standard (DSP0134), section 7.4.1. */
const FORM_FACTORS = [
  ...['Unknown', 'Other', 'Unknown', 'Desktop', 'Low Profile Desktop', 'Pizza Box', 'Mini Tower', 'Tower'],
  ...['Portable', 'Laptop', 'Notebook', 'Hand Held', 'Docking Station', 'All In One', 'Sub Notebook'],
  ...['Space-saving', 'Lunch Box', 'Main Server Chassis', 'Expansion Chassis', 'Sub Chassis'],
  ...['Bus Expansion Chassis', 'Peripheral Chassis', 'RAID Chassis', 'Rack Mount Chassis', 'Sealed-case PC'],
  ...['Multi-system', 'CompactPCI', 'AdvancedTCA', 'Blade', 'Blade Enclosure', 'Tablet', 'Convertible'],
  ...['Detachable', 'IoT Gateway', 'Embedded PC', 'Mini PC', 'Stick PC'],
];

/** `NA` stands for what the host does not tell: some of it is for root alone. */
function dmiFacts(files: Files): Facts {
  const told = (name: (typeof DMI_FACTS)[number]): string => {
    const file = name in DMI_NAMES ? DMI_NAMES[name as keyof typeof DMI_NAMES] : name;
    const value = files.get(`${DMI}${file}`)?.trim() || 'NA';
    return name === 'form_factor' && value !== 'NA'
      ? (FORM_FACTORS[Number(value)] ?? `unknown (${value})`)
      : value;
  };
  return Object.fromEntries(DMI_FACTS.map((name) => [name, told(name)]));
}

/** Mounts of block devices and of other hosts, with the sizes of the former. */
function mountFacts({ files, sizes, links }: HardwareText): Facts {
  const bound = boundMounts(files.get('/proc/self/mountinfo') ?? '');
  const sized = sizesByMount(sizes);
  const uuids = uuidsOf(links);
  const mounts = (files.get('/proc/mounts') ?? '').split('\n').flatMap((line) => {
    const [device = '', mount = '', fstype = '', options = ''] = words(line).map(unescaped);
    if (options === '' || fstype === 'none' || !(/^[/\\]/.test(device) || device.includes(':/'))) return [];
    return [
      {
        mount,
        device,
        fstype,
        options: bound.has(mount) ? `${options},bind` : options,
        ...sized.get(mount),
        uuid: uuids.get(device) ?? 'N/A',
      },
    ];
  });
  return { mounts: [...new Map(mounts.map((one) => [one.mount, one])).values()] };
}

/** /proc writes blanks and backslashes of a name in octal. */
function unescaped(word: string): string {
  return word.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/** Mounts of a folder, and not of a file system's root. */
function boundMounts(mountinfo: string): ReadonlySet<string> {
  const lines = mountinfo.split('\n').map((line) => words(line));
  return new Set(lines.filter(([, , , root]) => root !== '/').map((line) => unescaped(line[4] ?? '')));
}

/** `BLOCK_SIZE BLOCKS AVAILABLE OPTIMAL_SIZE INODES FREE_INODES MOUNT`. */
function sizesByMount(sizes: string): ReadonlyMap<string, Facts> {
  const lines = sizes.matchAll(/^(\d+) (\d+) (\d+) (\d+) (\d+) (\d+) (.+)$/gm);
  return new Map(
    [...lines].map(([, ...fields]): [string, Facts] => {
      const [size = 0, total = 0, available = 0, optimal = 0, inodes = 0, freeInodes = 0] =
        fields.map(Number);
      return [
        fields[6] ?? '',
        {
          size_total: size * total,
          size_available: size * available,
          block_size: optimal,
          block_total: total,
          block_available: available,
          block_used: total - available,
          inode_total: inodes,
          inode_available: freeInodes,
          inode_used: inodes - freeInodes,
        },
      ];
    }),
  );
}

/** By device: its own name and those that the device mapper gives it. */
function uuidsOf(links: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const base = (target: string): string => target.split('/').at(-1) ?? '';
  const named = [...links].map(([path, target]) => ({ path, device: `/dev/${base(target)}` }));
  const uuids = new Map(
    named.flatMap(({ path, device }): [string, string][] =>
      path.startsWith('/dev/disk/by-uuid/') ? [[device, base(path)]] : [],
    ),
  );
  for (const { path, device } of named) {
    const uuid = path.startsWith('/dev/mapper/') ? uuids.get(device) : undefined;
    if (uuid !== undefined) uuids.set(path, uuid);
  }
  return uuids;
}
