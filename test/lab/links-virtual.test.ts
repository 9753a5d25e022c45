/** Made-up links of the kinds that this kernel has, made, changed, made anew, removed and undone. */
import { expect, test } from 'vitest';
import { settingsOf } from '../../src/snapshot/kinds/kinds.js';
import type { Values } from '../../src/snapshot/kinds/setting.js';
import type { Link } from '../../src/snapshot/model.js';
import { readSnapshot } from '../support/facts.js';
import { LINK_HOST } from '../support/link-cases.js';
import { linkKindCases } from '../support/link-runs.js';
import { createNetns } from '../support/netns.js';

linkKindCases(['veth', 'ifb', 'macvlan', 'vxlan'], createNetns);

/** What `ip -j` says of the same links is the judge of what is read as text. */
test('settings as text and as JSON agree', async () => {
  const netns = await createNetns();
  try {
    netns.must(`${LINK_HOST}ip link add link eth0 name mv type macvlan mode source bcqueuelen 500
ip link set dev mv type macvlan macaddr set 02:00:00:00:00:02 02:00:00:00:00:01
ip link add name vx type vxlan id 7 dev eth0 remote 192.168.1.2 local 192.168.1.1 dstport 4789 srcport 5 10 ttl 3 tos 16 nolearning ageing 100 maxaddress 9 noudpcsum df set l2miss
ip link add name six type vxlan id 8 group ff05::1 dev eth1 dstport 4790 flowlabel 5 udp6zerocsumtx
ip link add name wide numtxqueues 3 numrxqueues 2 type ifb`);
    const { links } = readSnapshot(netns);
    const settings = (name: string): Values => settingsOf(links.get(name) as Link);
    const json = (name: string): Readonly<Record<string, unknown>> => {
      const [link] = JSON.parse(netns.must(['ip', '-N', '-d', '-j', 'link', 'show', 'dev', name]));
      return { ...link, ...link.linkinfo.info_data };
    };
    const onOff = (value: unknown): string => (value ? 'on' : 'off');

    const [mv, mvJson] = [settings('mv'), json('mv')];
    expect(mv).toEqual({
      link: mvJson.link,
      mode: mvJson.mode,
      nopromisc: 'off',
      bcqueuelen: String(mvJson.bcqueuelen),
      macaddr: (mvJson.macaddr_data as string[]).toSorted().join(' '),
    });
    for (const name of ['vx', 'six']) {
      const [own, told] = [settings(name), json(name)];
      const range = told.port_range as { low: number; high: number };
      expect(own).toMatchObject({
        id: String(told.id),
        remote: told.remote ?? told.remote6 ?? told.group6,
        local: told.local ?? told.local6 ?? null,
        dev: told.link,
        dstport: String(told.port),
        srcport: `${range.low}-${range.high}`,
        ttl: told.ttl === 0 || told.ttl === undefined ? 'auto' : String(told.ttl),
        tos: `0x${Number(told.tos ?? 0).toString(16)}`,
        learning: onOff(told.learning),
        ageing: String(told.ageing),
        maxaddress: String(told.limit ?? 0),
        udpcsum: onOff(told.udp_csum),
        udp6zerocsumtx: onOff(told.udp_zero_csum6_tx),
        l2miss: onOff(told.l2miss),
        flowlabel: String(told.label ?? '0x0'),
      });
    }
    expect(settings('wide')).toEqual({
      numtxqueues: String(json('wide').num_tx_queues),
      numrxqueues: String(json('wide').num_rx_queues),
    });
    expect(settings('eth0').peer).toBe(json('eth0').link);
  } finally {
    netns.close();
  }
});

test('what is found out of the kernel without making a link holds', async () => {
  const netns = await createNetns();
  try {
    const { linkKinds } = readSnapshot(netns, [
      { kind: 'links' },
      { kind: 'link-kind', name: 'veth' },
      { kind: 'link-kind', name: 'dummy' },
    ]);
    const makes = (kind: string): boolean =>
      netns.exec(['ip', 'link', 'add', 'name', `t${kind}`, 'type', kind]).code === 0;
    expect(linkKinds?.get('veth')).toBe(makes('veth'));
    // Where it can't be told, nothing is claimed.
    if (linkKinds?.has('dummy')) expect(linkKinds.get('dummy')).toBe(makes('dummy'));
  } finally {
    netns.close();
  }
});
