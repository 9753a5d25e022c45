import type { Rule } from '../../src/snapshot/model.js';

/** A rule that looks table main up for every packet of IPv4, but for what is given. */
export function ruleWith(own: Partial<Rule>): Rule {
  return {
    ...{ family: 4, priority: 100, not: false, from: null, to: null, iif: null, oif: null },
    ...{ iifDetached: false, oifDetached: false, fwmark: null, fwmask: 0xffffffff, tos: 0, ipproto: null },
    ...{ sport: null, dport: null, uidrange: null, tunId: null, l3mdev: false, action: 'lookup', table: 254 },
    ...{ goto: null, suppressPrefixlength: null, suppressIfgroup: null, realms: null, protocol: null },
    ...own,
  };
}
