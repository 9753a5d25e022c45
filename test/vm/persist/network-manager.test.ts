/** A host of NetworkManager. */
import { WITHOUT_UNIT } from '../../support/vm-persist.js';
import { persistSuite } from '../../support/vm-persist-suite.js';

const profile = (dev: string, ipv4: string): string => `cat > ${dev}.nmconnection <<'END'
[connection]
id=${dev}
type=ethernet
interface-name=${dev}

[ipv4]
${ipv4}

[ipv6]
method=disabled
END`;

persistSuite({
  backend: 'networkmanager',
  setUp: `cd /etc/NetworkManager/system-connections
${profile('eth0', 'method=manual\naddress1=10.0.2.15/24,10.0.2.2')}
${profile('eth1', 'method=manual\naddress1=10.9.1.15/24')}
${profile('eth2', 'method=disabled')}
${profile('eth3', 'method=disabled')}
${profile('eth4', 'method=disabled')}
chmod 600 *
${WITHOUT_UNIT}
systemctl -q enable NetworkManager.service`,
  settled: 'nm-online -s -q -t 90 || :',
  // It makes the routes of addresses itself, also where the kernel has one for two, those of IPv6 with metrics of its own;
  // a port's IPv6 it leaves to the kernel.
  adds: [
    '10.9.1.0/24 dev eth1 proto kernel scope link src 10.9.1.16 metric 101',
    '2001:db8::/64 dev dum0 proto kernel metric 550 pref medium',
    'fe80::/64 dev dum0 proto kernel metric 1024 pref medium',
    'multicast ff00::/8 dev eth2 table local proto kernel metric 256 pref medium',
  ],
  lacks: ['2001:db8::/64 dev dum0 ', 'fe80::/64 dev dum0 '],
});
