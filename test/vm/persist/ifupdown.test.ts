/** A host of Debian's ifupdown. */
import { WITHOUT_UNIT } from '../../support/vm-persist.js';
import { persistSuite } from '../../support/vm-persist-suite.js';

persistSuite({
  backend: 'ifupdown',
  setUp: `cat > /etc/network/interfaces <<'END'
source /etc/network/interfaces.d/*
auto lo eth0 eth1 eth2 eth3 eth4
iface lo inet loopback
iface eth0 inet static
    address 10.0.2.15/24
    gateway 10.0.2.2
iface eth1 inet static
    address 10.9.1.15/24
iface eth2 inet manual
    up ip link set eth2 up
iface eth3 inet manual
    up ip link set eth3 up
iface eth4 inet manual
    up ip link set eth4 up
END
${WITHOUT_UNIT}
systemctl -q enable networking.service`,
  settled: '',
});
