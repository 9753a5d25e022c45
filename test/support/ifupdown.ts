/** A host of Debian's whose network ifupdown or ifupdown2 brings up: the real programs, in a namespace. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { bootHost, type Host } from './boot-host.js';
import { unpacked } from './packages.js';

export const IFUPDOWNS = ['ifupdown', 'ifupdown2'] as const;
export type Ifupdown = (typeof IFUPDOWNS)[number];

/** The program's files over the machine's own, for this namespace alone; its state is that of a host that just started. */
function install(tool: Ifupdown): string {
  const files = unpacked(tool);
  // What the package does when it is installed.
  if (tool === 'ifupdown2') chmodSync(join(files, 'usr/share/ifupdown2/__main__.py'), 0o755);
  return `set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/network
mount -t overlay overlay -o lowerdir=${files}/sbin:/usr/sbin /usr/sbin
for d in if-pre-up.d if-up.d if-down.d if-post-down.d interfaces.d; do
  rm -rf /etc/network/$d
  mkdir -p /etc/network/$d
done
${
  tool === 'ifupdown'
    ? ''
    : `mount -t tmpfs tmpfs /var/tmp
mount -t overlay overlay -o lowerdir=${files}/usr/share:/usr/share /usr/share
cp -r ${files}/etc/network/. /etc/network/`
}`;
}

/** @param files what its administrator wrote, by path below /etc/network, or what another host's `files` gave */
export function ifupdownHost(
  tool: Ifupdown,
  files: string | Readonly<Record<string, string>>,
): Promise<Host> {
  const below =
    typeof files === 'string'
      ? files
      : Object.fromEntries(Object.entries(files).map(([name, text]) => [`etc/network/${name}`, text]));
  return bootHost(
    (netns) => netns.must(install(tool)),
    ['etc/network/interfaces', 'etc/network/interfaces.d'],
    below,
  );
}
