/** A host that nothing known configures: `boot` keeps all, and a device that comes late gets its own. */
import { persistSuite } from '../../support/vm-persist-suite.js';

persistSuite({
  backend: 'boot',
  // The image's own unit, which netplay knows nothing of; it brings the other NICs up as well.
  setUp: `mkdir -p /etc/systemd/system/network.service.d
{
  echo '[Service]'
  for dev in eth1 eth2 eth3 eth4; do echo "ExecStart=ip link set $dev up"; done
  echo 'ExecStart=ip address add 10.9.1.15/24 dev eth1'
} > /etc/systemd/system/network.service.d/more.conf`,
  ovs: true,
  settled: '',
});
