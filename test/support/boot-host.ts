/** Hosts that stop and start again, to see what their own tools bring up from their files. */
import { createNetns, type Netns } from './netns.js';

export interface Host extends Netns {
  /** What is left when the machine stops: a tar, in base64. */
  files(): string;
  /** The whole network, as far as it comes up by itself. */
  state(): string;
}

/** Four NICs that are down; the other ends are the wire. */
const NICS = `set -e
# Addresses are there at once: no duplicate address detection.
echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
for n in 1 2 3 4; do
  ip link add eth$n address 02:00:00:00:00:1$n type veth peer name p$n address 02:00:00:00:00:2$n
  ip link set p$n addrgenmode none up
done`;

/** Whether the other end is up is told a moment later. */
const STATE = `ip -o link | sed 's/^[0-9]*: //; s/ qdisc .* mode / mode /; s/@.*: </: </; s/NO-CARRIER,//; s/,LOWER_UP//; s/,M-DOWN//' | sort
ip -o address | sed 's/^[0-9]*: //' | grep -v fe80: | sort
for f in -4 -6; do ip $f rule; ip $f -d route show table all | grep -v -e fe80: -e ff00: | sort; done
ip neigh show nud permanent; bridge fdb show | grep -w static | sort`;

/**
 * @param install puts the host's tools in their places
 * @param folders what of its files makes its network, beside netplay's
 * @param files what its administrator wrote, by path, or what another host's `files` gave
 * @param make gives it a namespace of its own
 */
export async function bootHost(
  install: (netns: Netns) => void,
  folders: readonly string[],
  files: string | Readonly<Record<string, string>>,
  make: () => Promise<Netns> = createNetns,
): Promise<Host> {
  const netns = await make();
  install(netns);
  netns.must(NICS);
  if (typeof files === 'string') netns.must('base64 -d | tar -x -C / -f -', files);
  else
    for (const [path, content] of Object.entries(files))
      netns.must(['sh', '-c', 'cat > "/$1"', 'sh', path], content);
  const all = `${folders.join(' ')} etc/iproute2 $(ls -d etc/netplay 2>/dev/null)`;
  return {
    ...netns,
    files: () => netns.must(`cd / && tar -c --sort=name --mtime=@0 -f - ${all} | base64`),
    state: () => netns.must(STATE),
  };
}
