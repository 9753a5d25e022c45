import type { BootPart } from '../boot.js';

/** NetworkManager: which links it manages by which connection, by the link's number. */
export const networkManagerPart: BootPart = {
  facts: `if [ -d /run/NetworkManager ]; then
  for f in /run/NetworkManager/devices/*; do
    [ -r "$f" ] || continue
    m= u=
    while IFS== read -r k v; do
      case $k in managed) m=$v ;; connection-uuid) u=$v ;; esac
    done < "$f"
    echo "nm \${f##*/} $m $u"
  done
fi`,
  files: ['/etc/NetworkManager/system-connections/*', '/run/NetworkManager/system-connections/*'],
};
