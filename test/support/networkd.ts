/** systemd-networkd in a private namespace, without udev and without systemd: what a host's links come up with. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createNetns, type Netns } from './netns.js';

/**
 * A /sys that can't be written to is what makes systemd do without udev, and a pid namespace what lets networkd look
 * at the first process. Both are the test's own.
 */
const START = `set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/netif/links /run/systemd/netif/leases /run/systemd/netif/lldp /run/systemd/network /run/dbus
chown -R systemd-network: /run/systemd/netif
mount -o remount,ro,bind /sys`;

const RUN = `unshare -p -f --mount-proc --kill-child env SYSTEMD_LOG_TARGET=console SYSTEMD_LOG_COLOR=no \
/lib/systemd/systemd-networkd >> /run/networkd.log 2>&1 < /dev/null & echo $!`;

/** Two links as NICs are, the first of which networkd configures; the other ends stand for the wire. */
const NICS = `ip link add eth1 address 02:00:00:00:00:01 type veth peer name p1 address 02:00:00:00:01:01
ip link add eth2 address 02:00:00:00:00:02 type veth peer name p2 address 02:00:00:00:01:02
ip link set p1 up
ip link set p2 up`;

export const NETWORKD_BASE: Readonly<Record<string, string>> = {
  '/etc/systemd/network/10-eth1.network':
    '[Match]\nName=eth1\n\n[Network]\nAddress=10.0.0.5/24\nIPv6AcceptRA=no\n',
  '/etc/systemd/network/10-eth2.network':
    '[Match]\nName=eth2\n\n[Network]\nAddress=10.0.2.5/24\nIPv6AcceptRA=no\n',
};

/** The same by netplan, the second link under another name. */
export const NETPLAN_BASE: Readonly<Record<string, string>> = {
  '/etc/netplan/50-cloud.yaml': `network:
  version: 2
  renderer: networkd
  ethernets:
    eth1:
      addresses: [10.0.0.5/24]
      accept-ra: false
    lan:
      match: {name: eth2}
      addresses: [10.0.2.5/24]
      accept-ra: false
`,
};

export interface Booted {
  netns: Netns;
  /** Every line that networkd wrote so far. */
  log(): string[];
  close(): void;
}

/**
 * Starts it over these files, and over those that netplan makes of its own, and waits until it has configured its links.
 * @param files by path
 */
export async function bootNetworkd(files: Readonly<Record<string, string>>): Promise<Booted> {
  const netns = await createNetns();
  netns.must(`${START}\n${NICS}`);
  for (const [path, content] of Object.entries(files)) {
    netns.must(['mkdir', '-p', path.slice(0, path.lastIndexOf('/'))]);
    netns.must(
      ['sh', '-c', 'umask 022; case $1 in *.yaml) umask 077 ;; esac; cat > "$1"', 'write', path],
      content,
    );
  }
  netns.must('/lib/netplan/generate > /run/networkd.log 2>&1 || { cat /run/networkd.log >&2; exit 1; }');
  const pid = netns.must(RUN).trim();
  await settledState(netns);
  return {
    netns,
    log: () => netns.must('cat /run/networkd.log').split('\n'),
    close() {
      // It gave up its rights as it started, and so outlives the process above it unless it is ended by itself.
      netns.exec(`kill -9 $(cat /proc/${pid}/task/${pid}/children) ${pid}`);
      netns.close();
    },
  };
}

/** Until every link of networkd's is configured, and addresses are no longer tentative. */
async function settledState(netns: Netns): Promise<void> {
  const busy = `[ -z "$(ls /run/systemd/netif/links)" ] ||
    grep -l -e configuring -e pending -e initialized /run/systemd/netif/links/* ||
    ip -6 addr show tentative | grep .`;
  for (let tries = 0; tries < 60; tries++) {
    await sleep(250);
    if (netns.exec(busy).code !== 0) return;
  }
}
