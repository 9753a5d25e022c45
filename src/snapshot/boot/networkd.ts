import type { BootPart } from '../boot.js';

/** systemd-networkd: what it says of each link, by the link's number. */
export const networkdPart: BootPart = {
  facts: `for f in /run/systemd/netif/links/*; do
  [ -r "$f" ] || continue
  a= n=
  while IFS== read -r k v; do
    case $k in ADMIN_STATE) a=$v ;; NETWORK_FILE) n=$v ;; esac
  done < "$f"
  echo "networkd \${f##*/} $a $n"
done`,
  files: [
    '/etc/systemd/network/*',
    '/etc/systemd/network/*.d/*',
    '/run/systemd/network/*.network',
    '/etc/systemd/networkd.conf',
    '/etc/systemd/networkd.conf.d/*.conf',
    '/run/systemd/networkd.conf.d/*.conf',
    '/usr/lib/systemd/networkd.conf.d/*.conf',
  ],
};
