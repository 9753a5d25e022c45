/** A real ovsdb-server and ovs-vswitchd inside a private namespace, where the host's own ovs-vsctl finds them. */
import type { Netns } from './netns.js';

/** Where the tools look for the daemons' sockets; /var/run leads there. */
const RUN = '/run/openvswitch';

/** A file system of the namespace's own, for the daemons' sockets and their database: nothing of the machine is touched. */
const OWN_RUN = 'mount -t tmpfs tmpfs /run';

/** Starts both daemons on a host whose /run is its own, as a lab's is. */
export const START_OVS = `set -e
mkdir ${RUN}
ovsdb-tool create ${RUN}/conf.db /usr/share/openvswitch/vswitch.ovsschema
ovsdb-server --remote=punix:${RUN}/db.sock --pidfile --detach --no-chdir -vconsole:off -vsyslog:off ${RUN}/conf.db
ovs-vsctl --no-wait init
ovs-vswitchd --pidfile --detach --no-chdir -vconsole:off -vsyslog:off --log-file=${RUN}/vswitchd.log 2>/dev/null`;

export interface OpenVswitch {
  /** Ends ovs-vswitchd alone. */
  stopDaemon(): void;
  startDaemon(): void;
  /** Ends both. */
  stop(): void;
}

export function startOvs(netns: Netns): OpenVswitch {
  netns.must(`${OWN_RUN}\n${START_OVS}`);
  const pidOf = (name: string): string => netns.exec(['cat', `${RUN}/${name}.pid`]).stdout.trim();
  const end = (name: string): void => {
    const pid = pidOf(name);
    if (pid !== '')
      netns.exec(
        `kill ${pid}; n=0; while [ -e /proc/${pid}/exe ] && [ $((n += 1)) -le 100 ]; do sleep 0.02; done`,
      );
  };
  return {
    stopDaemon: () => end('ovs-vswitchd'),
    startDaemon: () => {
      netns.must(START_OVS.split('\n').at(-1) ?? '');
    },
    stop: () => {
      end('ovs-vswitchd');
      end('ovsdb-server');
    },
  };
}

/**
 * All of the database that somebody can set, by content: rows that are made again have other UUIDs and numbers, and
 * what refers to them is compared by where it stands. The userspace datapath's own device comes and goes with its bridges.
 */
export function dumpOvs(netns: Netns): string {
  const columns = {
    Bridge:
      'name,datapath_type,fail_mode,stp_enable,rstp_enable,mcast_snooping_enable,protocols,flood_vlans,external_ids,other_config',
    Controller: 'target',
    Port: 'name,tag,trunks,cvlans,vlan_mode,bond_mode,lacp,bond_updelay,bond_downdelay,fake_bridge,external_ids,other_config',
    Interface:
      'name,type,options,mac,mtu_request,ofport_request,ingress_policing_rate,ingress_policing_burst,ingress_policing_kpkts_rate,ingress_policing_kpkts_burst,external_ids,other_config,error',
    QoS: 'type,other_config,external_ids',
    Queue: 'dscp,other_config,external_ids',
  };
  const lists = Object.entries(columns).map(
    ([table, names]) =>
      `echo ${table}; ovs-vsctl --format=csv --no-headings --columns=${names} list ${table} | sort`,
  );
  return netns.must(
    `${lists.join('\n')}
for b in $(ovs-vsctl list-br); do
  for p in $(ovs-vsctl list-ports $b); do
    echo "$b $p"
    for q in $(ovs-vsctl get port $p qos); do
      case $q in *-*) ovs-vsctl --bare --columns=queues list qos $q | tr ' ' '\\n' | while IFS== read -r id u; do
        if [ -n "$u" ]; then echo "$p $id $(ovs-vsctl --bare --columns=other_config,dscp list queue $u | tr '\\n' ' ')"; fi
      done ;; esac
    done
  done
  ovs-vsctl get-controller $b
  ovs-ofctl dump-flows --no-stats $b | sort
done
ip -d -o link | grep -v ovs-netdev | sed 's/^[0-9]*: //; s/@[^:]*:/:/; s/NO-CARRIER,//; s/,LOWER_UP//; s/,M-DOWN//; s/ qdisc [a-z_]*//; s/ state [A-Za-z]*//' | sort
ip -o addr | sed 's/^[0-9]*: //; s/ tentative//' | sort
ip route show table all | sed 's/ linkdown//' | sort`,
  );
}
