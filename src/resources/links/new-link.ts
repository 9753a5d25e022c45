import type { Link } from '../../snapshot/model.js';

/** An Ethernet device as the kernel makes it, for what a change will have made: down, MTU 1500, 1000 packets. */
export function newLink(name: string, more: Partial<Link>): Link {
  return {
    name,
    index: 0,
    flags: ['BROADCAST', 'MULTICAST'],
    mtu: 1500,
    operstate: 'down',
    mac: null,
    broadcast: 'ff:ff:ff:ff:ff:ff',
    txqueuelen: 1000,
    alias: null,
    master: null,
    group: 0,
    lower: null,
    kind: null,
    addrAssignType: null,
    addrgenmode: null,
    protodown: false,
    altnames: [],
    bridge: null,
    tun: null,
    info: [],
    port: [],
    details: {},
    ...more,
  };
}
