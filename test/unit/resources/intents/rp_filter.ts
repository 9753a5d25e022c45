import { type Host, snapshotOf } from '../../../support/snapshots.js';
import type { ExpansionCase } from './cases.js';

const CONF = 'net/ipv4/conf';

/** Two networks, one default route: ens224 is asked by clients that only ens192 leads back to. */
function app({ sysctls = {}, routes4 = '', rules4 = '', ...more }: Host = {}): ReturnType<typeof snapshotOf> {
  const filters = ['all', 'default', 'lo', 'ens192', 'ens224', 'eth9.7'].map((dev) => [
    `${CONF}/${dev}/rp_filter`,
    '0',
  ]);
  return snapshotOf({
    links: ['lo', 'ens192', 'ens224', 'eth9.7'],
    addresses: ['lo 127.0.0.1/8', 'ens192 192.168.0.10/24', 'ens224 192.168.1.10/24'],
    directories: { '/etc/sysctl.d': [] },
    ...more,
    routes4: `unicast default via 192.168.0.1 dev ens192 proto boot scope global
unicast 192.168.0.0/24 dev ens192 proto kernel scope link src 192.168.0.10
unicast 192.168.1.0/24 dev ens224 proto kernel scope link src 192.168.1.10
${routes4}`,
    rules4: `0: from all lookup local\n${rules4}32766: from all lookup main\n32767: from all lookup default\n`,
    sysctls: { ...Object.fromEntries(filters), 'net/ipv4/ip_forward': '0', ...sysctls },
  });
}

/** A table and a rule for each address. */
const CURED = {
  routes4: `unicast 192.168.0.0/24 dev ens192 table 1 proto 201 scope link src 192.168.0.10
unicast default via 192.168.0.1 dev ens192 table 1 proto 201 scope global
unicast 192.168.1.0/24 dev ens224 table 2 proto 201 scope link src 192.168.1.10
unicast default via 192.168.1.1 dev ens224 table 2 proto 201 scope global
`,
  rules4: '100: from 192.168.0.10 lookup 1 proto 201\n200: from 192.168.1.10 lookup 2 proto 201\n',
};
const ASYMMETRIC =
  'strict on ens224 would drop what comes in by it from anywhere for 192.168.1.10: the way back is ens192';

export const RP_FILTER: readonly ExpansionCase[] = [
  {
    title: 'strict is refused where an address has its way back by another device',
    params: { mode: 'strict' },
    snapshot: app(),
    parts: [],
    problems: [ASYMMETRIC],
  },
  {
    title: 'strict where each address has its own way back',
    params: { mode: 'strict' },
    snapshot: app(CURED),
    parts: [{ sysctl: { name: `${CONF}/all/rp_filter`, value: 1 } }],
  },
  {
    title: 'strict also lowers what would make it loose again',
    params: { mode: 'strict' },
    snapshot: app({
      ...CURED,
      sysctls: { [`${CONF}/default/rp_filter`]: '2', [`${CONF}/eth9.7/rp_filter`]: '2' },
    }),
    parts: [
      { sysctl: { name: `${CONF}/all/rp_filter`, value: 1 } },
      { sysctl: { name: `${CONF}/default/rp_filter`, value: 1 } },
      { sysctl: { name: `${CONF}/eth9.7/rp_filter`, value: 1 } },
    ],
  },
  {
    title:
      'strict on the device of the default route is safe, but for a neighbour network that has a router too',
    params: { mode: 'strict', devs: ['ens192'] },
    snapshot: app(),
    parts: [{ sysctl: { name: `${CONF}/ens192/rp_filter`, value: 1 } }],
    warnings: [
      'strict on ens192 drops what a router there brings from 192.168.1.0/24 for 192.168.0.10: the way back is ens224 (none does: sources: {ens224: []})',
    ],
  },
  {
    title: 'strict where nothing comes from beyond the network, as its user says',
    params: { mode: 'strict', devs: ['ens224'], sources: { ens224: [] } },
    snapshot: app(),
    parts: [{ sysctl: { name: `${CONF}/ens224/rp_filter`, value: 1 } }],
  },
  {
    title: 'strict is refused for the networks that its user names',
    params: { mode: 'strict', devs: ['ens224'], sources: { ens224: ['10.0.0.0/8'] } },
    snapshot: app(),
    parts: [],
    problems: [
      'strict on ens224 would drop what comes in by it from 10.0.0.0/8 for 192.168.1.10: the way back is ens192',
    ],
  },
  {
    title: "a router's inner network has nothing behind it that does not come through the router",
    params: { mode: 'strict' },
    snapshot: app({ sysctls: { 'net/ipv4/ip_forward': '1' } }),
    parts: [{ sysctl: { name: `${CONF}/all/rp_filter`, value: 1 } }],
  },
  {
    title: 'a router with a second way out: what it passes on comes back by it',
    params: { mode: 'strict', devs: ['ens224'] },
    snapshot: app({ ...CURED, sysctls: { 'net/ipv4/ip_forward': '1' } }),
    parts: [],
    problems: [
      'strict on ens224 would drop what comes in by it from anywhere for other hosts: the way back is ens192',
    ],
  },
  {
    title: 'two NICs in one network without tables: neighbours are answered by the first',
    params: { mode: 'strict' },
    snapshot: app({
      addresses: ['ens192 192.168.0.10/24', 'ens224 192.168.0.11/24'],
      routes4: 'unicast 192.168.0.0/24 dev ens224 proto kernel scope link src 192.168.0.11\n',
    }),
    parts: [],
    problems: [
      'strict on ens224 would drop what comes in by it from 192.168.0.0/24 for 192.168.0.11: the way back is ens192',
      'strict on ens224 would drop what comes in by it from anywhere for 192.168.0.11: the way back is ens192',
    ],
  },
  {
    title: 'a default route by both is a way back by each, and an address of no NIC has it too',
    params: { mode: 'strict' },
    snapshot: app({
      addresses: ['lo 203.0.113.77/32', 'ens192 192.168.0.10/24', 'ens224 192.168.1.10/24'],
      routes4: `unicast default proto 201 scope global metric 0 table 7
\tnexthop via 192.168.0.1 dev ens192 weight 1
\tnexthop via 192.168.1.1 dev ens224 weight 1
`,
      rules4: '7: from all lookup 7 proto 201\n',
    }),
    parts: [{ sysctl: { name: `${CONF}/all/rp_filter`, value: 1 } }],
  },
  {
    title: 'an address of no NIC is asked for by every way out, and answered by one',
    params: { mode: 'strict', devs: ['ens224'] },
    snapshot: app({ ...CURED, addresses: ['lo 203.0.113.77/32', 'ens224 192.168.1.10/24'] }),
    parts: [],
    problems: [
      'strict on ens224 would drop what comes in by it from anywhere for 203.0.113.77: the way back is ens192',
    ],
  },
  {
    title: 'loose for all, whatever the devices have',
    params: { mode: 'loose' },
    snapshot: app(),
    parts: [{ sysctl: { name: `${CONF}/all/rp_filter`, value: 2 } }],
  },
  {
    title: 'off for all is off for each',
    params: { mode: 'off' },
    snapshot: app({ sysctls: { [`${CONF}/ens192/rp_filter`]: '1', [`${CONF}/default/rp_filter`]: '2' } }),
    parts: [
      { sysctl: { name: `${CONF}/all/rp_filter`, value: 0 } },
      { sysctl: { name: `${CONF}/default/rp_filter`, value: 0 } },
      { sysctl: { name: `${CONF}/ens192/rp_filter`, value: 0 } },
    ],
  },
  {
    title: "refused: a device's own value that counts for nothing beside that of all",
    params: { mode: 'off', devs: ['ens192'] },
    snapshot: app({ sysctls: { [`${CONF}/all/rp_filter`]: '1' } }),
    parts: [],
    problems: ['rp_filter of all is 1, and the larger counts: ens192 would not become off'],
  },
  {
    title: 'refused: a device that is not there, a source that is no network',
    params: { mode: 'strict', devs: ['ens193'], sources: { ens192: ['10.0.0.1/8'] } },
    snapshot: app(),
    parts: [],
    problems: [
      'there is no device ens193 on this host; did you mean ens192?',
      '10.0.0.1/8 is no IPv4 network',
    ],
  },
];
