/** A host of netplan, with systemd-networkd below. */
import { WITHOUT_UNIT } from '../../support/vm-persist.js';
import { persistSuite } from '../../support/vm-persist-suite.js';

persistSuite({
  backend: 'netplan',
  setUp: `cat > /etc/netplan/01-own.yaml <<'END'
network:
  version: 2
  renderer: networkd
  ethernets:
    eth0:
      addresses: [10.0.2.15/24]
      routes: [{to: default, via: 10.0.2.2}]
    eth1:
      addresses: [10.9.1.15/24]
    eth2:
      link-local: []
    eth3:
      link-local: []
    eth4:
      link-local: []
END
chmod 600 /etc/netplan/01-own.yaml
${WITHOUT_UNIT}
systemctl -q enable systemd-networkd.service`,
  settled: '/lib/systemd/systemd-networkd-wait-online --timeout=60 || :',
});
