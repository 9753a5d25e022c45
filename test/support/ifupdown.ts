/** A host of Debian's whose network ifupdown or ifupdown2 brings up: the real programs, in a namespace. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { createNetns, type Netns } from './netns.js';
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

const NICS = `set -e
# Addresses are there at once: no duplicate address detection.
echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
for n in 1 2 3; do
  ip link add eth$n address 02:00:00:00:00:1$n type veth peer name p$n address 02:00:00:00:00:2$n
  ip link set p$n addrgenmode none up
done`;

export interface Host extends Netns {
  /** What netplay and ifupdown leave behind when the machine stops: as a tar, in base64. */
  files(): string;
  /** The whole network, as far as it comes up by itself. */
  state(): string;
}

/**
 * A host with three NICs that are down.
 * @param files of another that stopped, as `files` gave them
 * @param interfaces what its administrator wrote, by path below /etc/network
 */
export async function ifupdownHost(
  tool: Ifupdown,
  { files, interfaces = {} }: { files?: string; interfaces?: Readonly<Record<string, string>> },
): Promise<Host> {
  const netns = await createNetns();
  netns.must(install(tool));
  netns.must(NICS);
  for (const [name, content] of Object.entries(interfaces))
    netns.must(['sh', '-c', 'cat > "$1"', 'sh', `/etc/network/${name}`], content);
  if (files !== undefined) netns.must('base64 -d | tar -x -C / -f -', files);
  const state = (): string =>
    netns.must(`ip -o link | sed 's/^[0-9]*: //; s/ qdisc .* mode / mode /; s/@.*: </: </' | sort
ip -o address | sed 's/^[0-9]*: //' | grep -v fe80: | sort
for f in -4 -6; do ip $f rule; ip $f -d route show table all | grep -v -e fe80: -e ff00: | sort; done
ip neigh show nud permanent`);
  return {
    ...netns,
    files: () =>
      netns.must(
        'cd / && tar -c --sort=name --mtime=@0 -f - etc/network/interfaces etc/network/interfaces.d etc/iproute2 $(ls -d etc/netplay 2>/dev/null) | base64',
      ),
    state,
  };
}
