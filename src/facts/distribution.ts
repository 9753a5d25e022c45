/**
 * `distribution…` and `os_family` from the files in /etc, as ansible-core 2.14 tells them
 * (module_utils/facts/system/distribution.py): a first guess from os-release or a release file, then the first of a
 * list of files that knows better.
 */
import { FAMILIES } from './families.js';

/** Files by path, without what was empty or missing. */
export type Files = ReadonlyMap<string, string>;

interface Guess {
  distribution: string;
  distribution_version: string;
  distribution_release: string;
  distribution_major_version: string;
}

type Found = Readonly<Record<string, string>>;

interface Context {
  files: Files;
  guess: Guess;
  /** The base product of SUSE: the target of its link. */
  product: string;
}

interface Source {
  path: string;
  variety: string;
  /** The file tells by being there, even empty. */
  alone?: true;
  /** Undefined where the file is of another distribution. */
  read(text: string, context: Context): Found | undefined;
}

/** @param exists paths that are there, empty or not; `product` the target of /etc/products.d/baseproduct */
export function distributionFacts(
  files: Files,
  exists: ReadonlySet<string>,
  product: string,
): Record<string, unknown> {
  const guess = guessed(files);
  const facts: Record<string, unknown> = { ...guess };
  for (const { path, variety, alone, read } of SOURCES) {
    const text = files.get(path);
    const found = alone && exists.has(path) ? {} : text && read(text.trim(), { files, guess, product });
    if (!found) continue;
    Object.assign(facts, { distribution: variety, distribution_file_path: path });
    Object.assign(
      facts,
      { distribution_file_variety: variety },
      !alone && { distribution_file_parsed: true },
    );
    Object.assign(facts, found);
    break;
  }
  const name = String(facts.distribution);
  return { ...facts, os_family: FAMILIES.get(name) ?? name };
}

/** `KEY=value` lines as a shell reads them; keys in lower case. */
export function assignments(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const [, key = '', value = ''] of text.matchAll(/^\s*([A-Za-z_]\w*)=(.*)$/gm))
    values.set(key.toLowerCase(), unquoted(value.trim()));
  return values;
}

function unquoted(value: string): string {
  const single = /^'([^']*)'/.exec(value)?.[1];
  if (single !== undefined) return single;
  const double = /^"((?:[^"\\]|\\.)*)"/.exec(value)?.[1];
  if (double !== undefined) return double.replaceAll(/\\([\\"$`])/g, '$1');
  return value.replace(/\s+#.*$/, '').replaceAll(/\\(.)/g, '$1');
}

interface Release {
  name: string;
  version: string;
  codename: string;
}

/** `CentOS Linux release 7.9.2009 (Core)`, `Fedora release 39`, `Debian GNU/Linux 12 (bookworm)`. */
function parseRelease(line: string): Release {
  const match = /^(.+?)(?: +release)? +([\d][\d.+\-a-z]*)(?: +LTS)? *(?:\(([^)]*)\).*)?$/.exec(line.trim());
  return { name: match?.[1] ?? line.trim(), version: match?.[2] ?? '', codename: match?.[3] ?? '' };
}

/** Release files that tell nothing of their own distribution. */
const FOREIGN = /^(debian_version|lsb-release|oem-release|os-release|system-release|plesk-release)$/;
const IDS: ReadonlyMap<string, string> = new Map([
  ['ol', 'oracle'],
  ['opensuse-leap', 'opensuse'],
  ['redhat', 'rhel'],
]);
const CAPITALISED: ReadonlyMap<string, string> = new Map([
  ['amzn', 'Amazon'],
  ['rhel', 'Redhat'],
]);

/** The first file of /etc whose name ends in `-release` or `-version` and that says something. */
function releaseFile(files: Files): (Release & { id: string }) | undefined {
  for (const path of [...files.keys()].sort()) {
    const [, base = '', id = ''] = /^\/etc\/((\w+)[-_](?:release|version))$/.exec(path) ?? [];
    const line = files.get(path)?.split('\n')[0] ?? '';
    if (base === '' || FOREIGN.test(base) || line.trim() === '') continue;
    const release = parseRelease(line);
    return { ...release, id: /cloudlinux/i.test(release.name) ? 'cloudlinux' : id };
  }
  return undefined;
}

function guessed(files: Files): Guess {
  const os = assignments(files.get('/etc/os-release') ?? files.get('/usr/lib/os-release') ?? '');
  const lsb = assignments(files.get('/etc/lsb-release') ?? '');
  const file = releaseFile(files);
  const named = (os.get('id') || lsb.get('distrib_id') || file?.id || '').toLowerCase().replaceAll(' ', '_');
  const id = IDS.get(named) ?? named;
  const version = versionOf(id, [
    os.get('version_id'),
    lsb.get('distrib_release'),
    file?.version,
    parseRelease(os.get('pretty_name') ?? '').version,
    parseRelease(lsb.get('distrib_description') ?? '').version,
    // Debian's os-release has no minor version.
    id === 'debian' ? files.get('/etc/debian_version')?.trim() : undefined,
  ]);
  return {
    distribution: CAPITALISED.get(id) ?? (id === '' ? 'OtherLinux' : id[0]?.toUpperCase() + id.slice(1)),
    distribution_version: version || 'NA',
    distribution_release: codename(os, lsb, file),
    distribution_major_version: version.split('.')[0] || 'NA',
  };
}

/** CentOS and Debian: the version with most parts, of CentOS two; else the first that is told. */
function versionOf(id: string, told: readonly (string | undefined)[]): string {
  const versions = told.filter((version): version is string => version !== undefined && version !== '');
  if (id !== 'centos' && id !== 'debian') return versions[0] ?? '';
  const parts = (version: string): number => version.split('.').length;
  const best = versions.reduce(
    (most, version) => (parts(version) > parts(most) ? version : most),
    versions[0] ?? '',
  );
  return id === 'centos' ? best.split('.').slice(0, 2).join('.') : best;
}

function codename(os: Files, lsb: Files, file: Release | undefined): string {
  const named = os.get('version_codename') ?? os.get('ubuntu_codename');
  if (named !== undefined) return named;
  // `7.9 (Maipo)`, `14.04.6 LTS, Trusty Tahr`
  const [, inBrackets, behindComma] = /\((\D+)\)|,\s*(\D+)/.exec(os.get('version') ?? '') ?? [];
  const ubuntu = os.get('id') === 'ubuntu' ? lsb.get('distrib_codename') : undefined;
  return (
    ubuntu ||
    inBrackets?.trim() ||
    behindComma?.trim() ||
    lsb.get('distrib_codename') ||
    file?.codename ||
    'NA'
  );
}

/** What a pattern's first group holds, under a name; nothing where it does not match. */
function take(name: string, pattern: RegExp, text: string): Found {
  const value = pattern.exec(text)?.[1];
  return value === undefined ? {} : { [name]: value };
}

/** The version and its first part from `VERSION_ID`. */
function versioned(text: string): Found {
  const version = /^VERSION_ID="?([^"\n]*)"?/m.exec(text)?.[1];
  if (version === undefined) return {};
  return { distribution_version: version, distribution_major_version: version.split('.')[0] ?? '' };
}

const release = (pattern: RegExp, text: string): Found => take('distribution_release', pattern, text);
const VERSION_CODENAME = /^VERSION_CODENAME="?([^"\n]+)"?/m;

/** A file that names its distribution by its first word, but for the one that its family is called by. */
function family(name: string, sign: string): Source['read'] {
  return (text) =>
    text.includes(sign)
      ? { distribution: name, distribution_file_search_string: sign }
      : { distribution: text.split(/\s+/)[0] ?? '' };
}

/** Distributions made of Debian, in the order that their names are looked for in a file. */
const DEBIANS: readonly [sign: RegExp, name: string, read: (text: string, context: Context) => Found][] = [
  [/Debian|Raspbian/, 'Debian', debian],
  [/Ubuntu/, 'Ubuntu', () => ({})],
  [/SteamOS/, 'SteamOS', () => ({})],
  [/Kali/, 'Kali', (text) => release(/DISTRIB_RELEASE=(.*)/, text)],
  [/Parrot/, 'Parrot', (text) => release(/DISTRIB_RELEASE=(.*)/, text)],
  [
    /Devuan/,
    'Devuan',
    (text) => ({ ...release(/PRETTY_NAME="?[^("]+ \(?([^) "]+)\)?/, text), ...versioned(text) }),
  ],
  [/Cumulus/, 'Cumulus Linux', (text) => ({ ...versioned(text), ...release(/^VERSION="(.*)"/m, text) })],
  [/Mint/, 'Linux Mint', versioned],
  [/UOS|Uos|uos/, 'Uos', (text) => ({ ...release(VERSION_CODENAME, text), ...versioned(text) })],
  [/[Dd]eepin/, 'Deepin', (text) => ({ ...release(VERSION_CODENAME, text), ...versioned(text) })],
];

function debian(text: string, { files }: Context): Found {
  const minor = /\d+\.(\d+)/.exec(files.get('/etc/debian_version') ?? '')?.[1];
  return {
    ...release(/PRETTY_NAME=[^(\n]+ \(?([^)\n]+?)\)/, text),
    ...(minor !== undefined && { distribution_minor_version: minor }),
  };
}

function debianLike(text: string, context: Context): Found | undefined {
  const [, name, read] = DEBIANS.find(([sign]) => sign.test(text)) ?? [];
  return name === undefined ? undefined : { distribution: name, ...read?.(text, context) };
}

function suse(text: string, { product }: Context): Found | undefined {
  if (!/suse/i.test(text)) return undefined;
  const os = assignments(text);
  const version = /^\d+\.?\d*/.exec(os.get('version_id') ?? '')?.[0];
  const [major = '', minor = ''] = (version ?? '').split('.');
  // What is called SUSE Linux Enterprise has no minor version in its first release.
  const isOpen = /open/i.test(text);
  return {
    ...take('distribution', /^NAME="?([^"\n]*)"?/m, text),
    ...(version !== undefined && { distribution_version: version, distribution_major_version: major }),
    ...(version !== undefined && { distribution_release: isOpen ? minor : minor || '0' }),
    ...(product.endsWith('SLES_SAP.prod') && { distribution: 'SLES_SAP' }),
  };
}

/** /etc/SuSE-release, which SUSE 11 and older have alone. */
function oldSuse(text: string, { guess }: Context): Found | undefined {
  if (/open/i.test(text))
    return { distribution: text.split(/\s+/)[0] ?? '', ...release(/^CODENAME *= *(.+?)\s*$/m, text) };
  if (!/enterprise/i.test(text)) return undefined;
  const kind = /Server/.test(text) ? 'SLES' : /Desktop/.test(text) ? 'SLED' : undefined;
  const patch = /^PATCHLEVEL = (\d+)/m.exec(text)?.[1];
  return {
    ...(kind !== undefined && { distribution: kind }),
    ...(patch !== undefined && {
      distribution_release: patch,
      distribution_version: `${guess.distribution_version}.${patch}`,
    }),
  };
}

function amazon(text: string): Found | undefined {
  if (!text.includes('Amazon')) return undefined;
  const id = /VERSION_ID="(.*)"/.exec(text)?.[1];
  if (id === undefined) return { distribution_version: /(?:^|\s)(\d+)(?:\s|$)/.exec(text)?.[1] ?? 'NA' };
  const [major = '', minor = 'NA'] = id.split('.');
  return {
    distribution_version: id,
    distribution_major_version: major,
    distribution_minor_version: minor,
  };
}

/** Of files that others have too: only where the sign stands in it. */
const only =
  (sign: string, read: (text: string) => Found): Source['read'] =>
  (text) =>
    text.includes(sign) ? read(text) : undefined;

function centos(text: string): Found | undefined {
  if (text.includes('CentOS Stream')) return { distribution_release: 'Stream' };
  // The others are told by /etc/redhat-release.
  return text.includes('TencentOS Server') ? { distribution: 'TencentOS' } : undefined;
}

const openwrt = (text: string): Found => ({
  ...take('distribution_version', /DISTRIB_RELEASE=["'](.*)["']/, text),
  ...take('distribution_release', /DISTRIB_CODENAME=["'](.*)["']/, text),
});

const SOURCES: readonly Source[] = [
  { path: '/etc/altlinux-release', variety: 'Altlinux', read: family('Altlinux', 'ALT') },
  { path: '/etc/oracle-release', variety: 'OracleLinux', read: family('OracleLinux', 'Oracle Linux') },
  {
    path: '/etc/slackware-version',
    variety: 'Slackware',
    read: only('Slackware', (text) => take('distribution_version', /(\w+[.]\w+\+?)/, text)),
  },
  {
    path: '/etc/centos-release',
    variety: 'CentOS',
    read: centos,
  },
  { path: '/etc/redhat-release', variety: 'RedHat', read: family('RedHat', 'Red Hat') },
  { path: '/etc/vmware-release', variety: 'VMwareESX', alone: true, read: () => undefined },
  { path: '/etc/openwrt_release', variety: 'OpenWrt', read: only('OpenWrt', openwrt) },
  { path: '/etc/os-release', variety: 'Amazon', read: amazon },
  { path: '/etc/system-release', variety: 'Amazon', read: amazon },
  { path: '/etc/alpine-release', variety: 'Alpine', read: (text) => ({ distribution_version: text }) },
  { path: '/etc/arch-release', variety: 'Archlinux', alone: true, read: () => undefined },
  { path: '/etc/os-release', variety: 'Archlinux', read: only('Arch Linux', () => ({})) },
  { path: '/etc/os-release', variety: 'SUSE', read: suse },
  { path: '/etc/SuSE-release', variety: 'SUSE', read: oldSuse },
  { path: '/etc/os-release', variety: 'Debian', read: debianLike },
  { path: '/etc/lsb-release', variety: 'Debian', read: debianLike },
  { path: '/etc/lsb-release', variety: 'Mandriva', read: only('Mandriva', openwrt) },
  { path: '/etc/sourcemage-release', variety: 'SMGL', read: family('SMGL', 'Source Mage GNU/Linux') },
  {
    path: '/usr/lib/os-release',
    variety: 'ClearLinux',
    read: only('Clear Linux', (text) => ({
      ...take('distribution', /^NAME="(.*)"/m, text),
      ...versioned(text),
      ...release(/^ID=(.*)/m, text),
    })),
  },
  {
    path: '/etc/os-release',
    variety: 'NA',
    read: (text, { guess }) => ({
      ...take('distribution', /^NAME="?([^"\n]*)"?/m, text),
      ...(guess.distribution_version === 'NA' &&
        take('distribution_version', /^VERSION="?([^"\n]*)"?/m, text)),
    }),
  },
];
