/** The answer of the facts' script as facts. */
import { parseLines, parseSections, type Section } from '../snapshot/sections.js';
import { dateFacts } from './date.js';
import { distributionFacts, type Files } from './distribution.js';
import { hardwareFacts } from './hardware.js';
import { localFacts } from './local.js';
import { FACT_NAMES } from './names.js';
import { type NetworkFacts, networkFacts } from './network.js';
import type { Asked } from './script.js';
import type { Collector } from './subsets.js';
import {
  cmdlineFacts,
  dnsFacts,
  envFacts,
  loadavgFacts,
  lsbFacts,
  pkgMgrFacts,
  platformFacts,
  selinuxFacts,
  serviceMgrFacts,
  sshKeyFacts,
  userFacts,
} from './system.js';
import { virtualFacts } from './virtual.js';

/** As `ansible_facts` holds them: names without `ansible_`. */
export type Facts = Record<string, unknown>;

/** What the sections hold, taken apart once. */
interface Answer {
  asked: Asked;
  sections: ReadonlyMap<string, Section>;
  files: Files;
  exists: ReadonlySet<string>;
  links: ReadonlyMap<string, string>;
  text(section: string): string;
}

/** In the order of `setup`: what comes later may use what came before. */
const READERS: readonly (readonly [Collector, (answer: Answer, before: Facts) => Facts])[] = [
  [
    'platform',
    ({ files, text }) =>
      platformFacts(files, { uname: text('uname'), elf: text('elf'), resolved: text('resolved') }),
  ],
  [
    'distribution',
    ({ files, exists, links }) =>
      distributionFacts(files, exists, links.get('/etc/products.d/baseproduct') ?? ''),
  ],
  ['lsb', ({ files, exists }) => lsbFacts(files, exists)],
  ['selinux', ({ files }) => selinuxFacts(files)],
  [
    'apparmor',
    ({ exists }) => ({
      apparmor: { status: exists.has('/sys/kernel/security/apparmor') ? 'enabled' : 'disabled' },
    }),
  ],
  ['chroot', (answer) => ({ is_chroot: isChroot(answer) })],
  ['fips', ({ files }) => ({ fips: files.get('/proc/sys/crypto/fips_enabled')?.trim() === '1' })],
  ['pkg_mgr', ({ exists }, before) => pkgMgrFacts(exists, before)],
  [
    'service_mgr',
    ({ files, exists, links }, before) =>
      serviceMgrFacts(files, exists, links.get('/sbin/init') ?? '', before),
  ],
  ['cmdline', ({ files }) => cmdlineFacts(files)],
  ['date_time', ({ text }) => dateFacts(text('date'), text('zone'))],
  ['env', ({ text }) => envFacts(text('env'))],
  ['loadavg', ({ files }) => loadavgFacts(files)],
  ['ssh_pub_keys', ({ files }) => sshKeyFacts(files)],
  ['user', ({ files, text }) => userFacts(files, text('account'))],
  [
    'virtual',
    (answer) =>
      virtualFacts({
        ...answer,
        cpuinfo: answer.text('cpuinfo'),
        environment: answer.text('initial-environment'),
      }),
  ],
  [
    'hardware',
    (answer, before) =>
      hardwareFacts({
        ...answer,
        cpuinfo: answer.text('cpuinfo'),
        sizes: answer.text('sizes'),
        machine: String(before.machine),
      }),
  ],
  ['dns', ({ files }) => dnsFacts(files)],
  ['local', ({ sections, asked }) => localFacts(sections, asked.factPath)],
];

/**
 * @param stdout what the script of `factsScript` printed
 * @throws NetplayError `probe` where that is no whole answer, or has a line of `ip` that can't be understood
 */
export function parseFacts(stdout: string): Facts {
  const sections = parseSections(stdout);
  const text = (name: string): string => sections.get(name)?.content ?? '';
  const asked: Asked = JSON.parse(text('asked'));
  const answer: Answer = {
    asked,
    sections,
    files: parseLines(text('files')),
    exists: new Set(text('exists').split('\n')),
    links: linksOf(text('links')),
    text,
  };
  // No object while names are added that the host chose.
  const facts = new Map<string, unknown>();
  const add = (found: Facts): void => {
    for (const [name, value] of Object.entries(found)) facts.set(name, value);
  };
  for (const [name, read] of READERS)
    if (asked.collectors.includes(name)) add(read(answer, Object.fromEntries(facts)));
  if (asked.collectors.includes('network')) {
    const { interfaces, general } = networkOf(answer);
    add(general);
    // An interface may be called as a fact is: that stays what it says.
    for (const [name, value] of interfaces) if (!FACT_NAMES.has(name)) facts.set(name, value);
  }
  return Object.fromEntries([...facts, ['gather_subset', asked.subset], ['module_setup', true]]);
}

function networkOf({ text, links }: Answer): NetworkFacts {
  return networkFacts({
    files: parseLines(text('net')),
    ports: text('bridge-ports'),
    links,
    addresses: text('addresses'),
    routes: { 4: text('route4'), 6: text('route6') },
  });
}

/** Targets of symbolic links by path, from `ls -ld`. */
function linksOf(listing: string): Map<string, string> {
  const lines = listing.matchAll(/^l.*? (\/\S+) -> (.*)$/gm);
  return new Map([...lines].map(([, path = '', target = '']) => [path, target]));
}

/** The inode that the root of a file system has, by its type; 2 for others. */
const ROOT_INODES: Readonly<Record<string, number>> = { btrfs: 256, xfs: 128 };

/** Compared on the host with process 1's root; where only root may see that, by the number of the own root's inode. */
function isChroot({ text, files, sections }: Answer): boolean {
  if (sections.has('chroot')) return text('chroot').trim() === 'yes';
  const type = /^\S+ \/ (\S+) /m.exec(files.get('/proc/mounts') ?? '')?.[1] ?? '';
  return Number.parseInt(text('root-inode'), 10) !== (ROOT_INODES[type] ?? 2);
}
