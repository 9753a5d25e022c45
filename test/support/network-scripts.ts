/**
 * A host of Red Hat's whose network the files in /etc/sysconfig/network-scripts describe. No package here has Red Hat's own
 * scripts, so they are read by network-scripts.sh, which was written from their documentation.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bootHost, type Host } from './boot-host.js';
import type { Netns } from './netns.js';

const READER = readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'network-scripts.sh'), 'utf8');

const INSTALL = `set -e
mkdir -p /etc/sysconfig/network-scripts
# By this netplay knows that a host has them.
printf '#!/bin/sh\\n' > /etc/sysconfig/network-scripts/ifup-eth
mount -t tmpfs tmpfs /run
cat > /run/reader.sh`;

/**
 * @param files what its administrator wrote, by name below /etc/sysconfig/network-scripts, or what another host's `files` gave
 * @param make where another kernel than the lab's is needed
 * @param more what else is left when it stops
 */
export function networkScriptsHost(
  files: string | Readonly<Record<string, string>>,
  make?: () => Promise<Netns>,
  more: readonly string[] = [],
): Promise<Host> {
  return bootHost(
    (netns) => netns.must(INSTALL, READER),
    ['etc/sysconfig/network-scripts', ...more],
    typeof files === 'string'
      ? files
      : Object.fromEntries(
          Object.entries(files).map(([name, content]) => [`etc/sysconfig/network-scripts/${name}`, content]),
        ),
    make,
  );
}

/** What the reader says where it can't set something; routes over a device that is not up yet are tried again. */
export function reader(host: Host, words: string): string {
  return host.exec(`bash /run/reader.sh ${words} 2>&1`).stdout;
}
