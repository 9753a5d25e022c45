/** A host that nothing known configures: `boot` keeps all, and a device that comes late gets its own. */
import { persistSuite } from '../../support/vm-persist-suite.js';

persistSuite({
  backend: 'boot',
  // The image's own unit, which netplay knows nothing of; it brings eth1 and eth2 up as well.
  setUp: `mkdir -p /etc/systemd/system/network.service.d
printf '[Service]\\nExecStart=ip link set eth1 up\\nExecStart=ip link set eth2 up\\nExecStart=ip address add 10.9.1.15/24 dev eth1\\n' \\
  > /etc/systemd/system/network.service.d/more.conf`,
  settled: '',
});
