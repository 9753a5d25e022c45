/**
 * Facts that a few small files tell, under the names and in the shapes of ansible-core 2.14
 * (module_utils/facts/system/).
 */
import { words } from '../snapshot/text.js';
import { assignments, type Files } from './distribution.js';
import { PACKAGE_MANAGERS } from './script.js';

type Facts = Record<string, unknown>;

const trimmed = (files: Files, path: string): string => files.get(path)?.trim() ?? '';

/** What the script found out by commands, for `platformFacts`. */
export interface PlatformText {
  /** `uname -nm`. */
  uname: string;
  /** The first bytes of a program: the fifth is 1 for 32 bits, 2 for 64. */
  elf: string;
  /** `getent hosts NAME`, empty where nobody was asked. */
  resolved: string;
}

export function platformFacts(files: Files, { uname, elf, resolved }: PlatformText): Facts {
  const [nodename = '', machine = ''] = words(uname);
  const fqdn = fqdnOf(nodename, files.get('/etc/hosts') ?? '', resolved);
  const bits = { '\u0001': '32', '\u0002': '64' }[elf[4] ?? ''] ?? (machine.includes('64') ? '64' : '32');
  const isPc = machine === 'x86_64' || /^i[3456]86$/.test(machine);
  const id = (trimmed(files, '/var/lib/dbus/machine-id') || trimmed(files, '/etc/machine-id')).split('\n')[0];
  return {
    system: trimmed(files, '/proc/sys/kernel/ostype') || 'Linux',
    kernel: trimmed(files, '/proc/sys/kernel/osrelease'),
    kernel_version: trimmed(files, '/proc/sys/kernel/version'),
    machine,
    architecture: isPc && machine !== 'x86_64' ? 'i386' : machine,
    ...(isPc && { userspace_architecture: bits === '64' ? 'x86_64' : 'i386' }),
    userspace_bits: bits,
    nodename,
    hostname: nodename.split('.')[0] ?? '',
    fqdn,
    domain: fqdn.split('.').slice(1).join('.'),
    ...(id && { machine_id: id }),
  };
}

/**
 * The name of an address that the host's own name has: of those which the first line of that address gives, the first with
 * a dot, else the first.
 */
function fqdnOf(nodename: string, hosts: string, resolved: string): string {
  const lines = hosts.split('\n').map((line) => words(line.replace(/#.*/, '')));
  const address = lines.find((line) => line.slice(1).includes(nodename))?.[0];
  const names = (lines.find(([first]) => first !== undefined && first === address) ?? words(resolved)).slice(
    1,
  );
  return names.find((name) => name.includes('.')) ?? names[0] ?? nodename;
}

/**
 * From files alone, since the program `lsb_release` takes a tenth of a second. Debian's, where it is installed, tells what
 * os-release does.
 */
export function lsbFacts(files: Files, exists: ReadonlySet<string>): Facts {
  const lsb = assignments(files.get('/etc/lsb-release') ?? '');
  const os = assignments(files.get('/etc/os-release') ?? '');
  const isDebian = os.get('id') === 'debian' && exists.has('/usr/bin/lsb_release') && lsb.size === 0;
  const told = isDebian
    ? {
        id: 'Debian',
        release: os.get('version_id'),
        description: os.get('pretty_name'),
        codename: os.get('version_codename'),
      }
    : Object.fromEntries(LSB.map((name) => [name, lsb.get(`distrib_${name}`)]));
  const { release } = told;
  const all = { ...told, major_release: release?.split('.')[0] };
  return { lsb: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) };
}

const LSB = ['id', 'release', 'description', 'codename'] as const;

const SELINUX_MODES: Readonly<Record<string, string>> = { 0: 'permissive', 1: 'enforcing' };

export function selinuxFacts(files: Files): Facts {
  const told = (file: string): string =>
    trimmed(files, `/sys/fs/selinux/${file}`) || trimmed(files, `/selinux/${file}`);
  const mode = told('enforce');
  if (mode === '') return { selinux: { status: 'disabled' } };
  const config = assignments(files.get('/etc/selinux/config') ?? '');
  return {
    selinux: {
      status: 'enabled',
      policyvers: Number(told('policyvers')) || 'unknown',
      config_mode: config.get('selinux')?.toLowerCase() ?? 'unknown',
      mode: SELINUX_MODES[mode] ?? 'unknown',
      type: config.get('selinuxtype') ?? 'unknown',
    },
  };
}

export function pkgMgrFacts(exists: ReadonlySet<string>, distribution: Facts): Facts {
  const found = PACKAGE_MANAGERS.findLast(([path]) => exists.has(path))?.[1] ?? 'unknown';
  return { pkg_mgr: packageManager(found, exists, distribution) };
}

/** A family's own manager, whatever else is installed. */
function packageManager(found: string, exists: ReadonlySet<string>, distribution: Facts): string {
  const family = distribution.os_family;
  if (family === 'Debian') return 'apt';
  if (family === 'Altlinux' && found === 'apt') return 'apt_rpm';
  if (family !== 'RedHat') return found;
  if (exists.has('/run/ostree-booted')) return 'atomic_container';
  const firstWithDnf: Readonly<Record<string, number>> = { Fedora: 23, Amazon: 2022 };
  const own = firstWithDnf[String(distribution.distribution)];
  const manager = Number(distribution.distribution_major_version) < (own ?? 8) ? 'yum' : 'dnf';
  return own === undefined || exists.has(`/usr/bin/${manager}`) ? manager : found;
}

/** What process 1 is called, where that tells its kind. */
const INITS: Readonly<Record<string, string>> = {
  procd: 'openwrt_init',
  'runit-init': 'runit',
  svscan: 'svc',
  'openrc-init': 'openrc',
};

/** @param init the target of /sbin/init, where that is a link */
export function serviceMgrFacts(
  files: Files,
  exists: ReadonlySet<string>,
  init: string,
  distribution: Facts,
): Facts {
  const stat = /^\d+ \((.*)\)/.exec(trimmed(files, '/proc/1/stat'))?.[1];
  const first = (trimmed(files, '/proc/1/comm') || stat || init).split('/').at(-1) ?? '';
  // Many systems' process 1 is just called init; one that ends in sh is a container's shell.
  if (first !== '' && first !== 'init' && !first.endsWith('sh'))
    return { service_mgr: Object.hasOwn(INITS, first) ? INITS[first] : first };
  return { service_mgr: byTraces(exists, init, distribution) };
}

function byTraces(exists: ReadonlySet<string>, init: string, distribution: Facts): string {
  const systemctl = exists.has('systemctl');
  const isRunning = ['/run/systemd/system/', '/dev/.run/systemd/', '/dev/.systemd/'].some((path) =>
    exists.has(path),
  );
  if (distribution.distribution === 'OpenWrt') return 'openwrt_init';
  if (systemctl && isRunning) return 'systemd';
  if (exists.has('initctl') && exists.has('/etc/init/')) return 'upstart';
  if (exists.has('/sbin/openrc')) return 'openrc';
  if (systemctl && init.split('/').at(-1) === 'systemd') return 'systemd';
  return exists.has('/etc/init.d/') ? 'sysvinit' : 'service';
}

/** Both forms of the kernel's command line: the last of a name, and all of a name. */
export function cmdlineFacts(files: Files): Facts {
  const text = trimmed(files, '/proc/cmdline');
  if (text === '') return {};
  const pieces = [...text.matchAll(/"[^"]*"|'[^']*'|\S+/g)].map(([piece]): [string, string | true] => {
    const at = piece.indexOf('=');
    return at < 0 ? [piece, true] : [piece.slice(0, at), piece.slice(at + 1)];
  });
  const all = new Map<string, unknown>();
  for (const [name, value] of pieces) {
    const before = all.get(name);
    if (value === true || before === undefined) all.set(name, value);
    else all.set(name, Array.isArray(before) ? [...before, value] : [before, value]);
  }
  return { cmdline: Object.fromEntries(pieces), proc_cmdline: Object.fromEntries(all) };
}

/** /etc/resolv.conf. */
export function dnsFacts(files: Files): Facts {
  const dns = new Map<string, unknown>();
  for (const line of (files.get('/etc/resolv.conf') ?? '').split('\n')) {
    if (/^[#;]/.test(line)) continue;
    const [key, ...values] = words(line);
    if (key === 'nameserver')
      dns.set('nameservers', [...((dns.get('nameservers') as string[]) ?? []), ...values]);
    else if (key === 'domain' && values[0] !== undefined) dns.set('domain', values[0]);
    else if (key === 'search' || key === 'sortlist') dns.set(key, values);
    else if (key === 'options') dns.set('options', Object.fromEntries(values.map(option)));
  }
  return { dns: Object.fromEntries(dns) };
}

function option(word: string): [string, string | true] {
  const at = word.indexOf(':');
  return at < 0 ? [word, true] : [word.slice(0, at), word.slice(at + 1) || true];
}

/** `NAME=VALUE`, parted by NULs as /proc has them. */
export function envFacts(text: string): Facts {
  const entries = text.split('\0').flatMap((entry): [string, string][] => {
    const at = entry.indexOf('=');
    return at <= 0 ? [] : [[entry.slice(0, at), entry.slice(at + 1)]];
  });
  return { env: Object.fromEntries(entries) };
}

export function loadavgFacts(files: Files): Facts {
  const [one, five, fifteen] = words(trimmed(files, '/proc/loadavg')).map(Number);
  return one === undefined ? {} : { loadavg: { '1m': one, '5m': five, '15m': fifteen } };
}

/** The public keys of the first folder that has some. */
export function sshKeyFacts(files: Files): Facts {
  for (const folder of ['/etc/ssh', '/etc/openssh', '/etc']) {
    const facts: Facts = {};
    for (const kind of ['dsa', 'rsa', 'ecdsa', 'ed25519']) {
      const [type, key] = words(trimmed(files, `${folder}/ssh_host_${kind}_key.pub`));
      if (key === undefined) continue;
      facts[`ssh_host_key_${kind}_public`] = key;
      facts[`ssh_host_key_${kind}_public_keytype`] = type;
    }
    if (Object.keys(facts).length > 0) return facts;
  }
  return {};
}

/** @param account the line of passwd of who runs the script */
export function userFacts(files: Files, account: string): Facts {
  const status = files.get('/proc/self/status') ?? '';
  const ids = (name: string): number[] =>
    (new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '').split(/\s+/).map(Number);
  const [[uid, euid], [gid, egid]] = [ids('Uid'), ids('Gid')];
  const [name, , , , gecos, dir, shell] = account.trim().split(':');
  return {
    real_user_id: uid,
    effective_user_id: euid,
    real_group_id: gid,
    effective_group_id: egid,
    user_uid: euid,
    user_gid: egid,
    ...(name && { user_id: name, user_gecos: gecos ?? '', user_dir: dir ?? '', user_shell: shell ?? '' }),
  };
}
