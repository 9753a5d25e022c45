/** A host of systemd-networkd. */
import { WITHOUT_UNIT } from '../../support/vm-persist.js';
import { persistSuite } from '../../support/vm-persist-suite.js';

persistSuite({
  backend: 'networkd',
  setUp: `cd /etc/systemd/network
printf '[Match]\\nName=eth0\\n\\n[Network]\\nAddress=10.0.2.15/24\\nGateway=10.0.2.2\\n' > 10-eth0.network
printf '[Match]\\nName=eth1\\n\\n[Network]\\nAddress=10.9.1.15/24\\n' > 20-eth1.network
printf '[Match]\\nName=eth2\\n\\n[Network]\\nLinkLocalAddressing=no\\n' > 20-eth2.network
printf '[Match]\\nName=eth3\\n\\n[Network]\\nLinkLocalAddressing=no\\n' > 20-eth3.network
printf '[Match]\\nName=eth4\\n\\n[Network]\\nLinkLocalAddressing=no\\n' > 20-eth4.network
${WITHOUT_UNIT}
systemctl -q enable systemd-networkd.service`,
  // It gives tunnels of layer 3 no link-local address.
  lacks: [
    'fe80::/64 dev gre7 ',
    'local fe80::5efe:a09:10f dev gre7 ',
    'gre7    inet6 fe80::5efe:a09:10f/64 ',
  ],
  settled: '/lib/systemd/systemd-networkd-wait-online --timeout=60 || :',
});
