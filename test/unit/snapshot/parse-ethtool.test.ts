import { describe, expect, test } from 'vitest';
import { parseEthtool } from '../../../src/snapshot/parse-ethtool.js';

describe('what ethtool prints', () => {
  test('features: fixed, held back, groups', () => {
    const text = `Features for eth0:
rx-checksumming: on [fixed]
tx-checksumming: on
\ttx-checksum-ipv4: off [fixed]
\ttx-checksum-ip-generic: on
tcp-segmentation-offload: off
\ttx-tcp-segmentation: off [requested on]
\ttx-tcp6-segmentation: off
udp-fragmentation-offload: off
\ttx-tcp-mangleid-segmentation: off [fixed]
generic-segmentation-offload: off [requested on]
rx-vlan-filter: on [not requested]
`;
    expect(parseEthtool('features', text, 0, '')).toMatchObject({
      values: {
        'rx-checksumming': 'on',
        'tx-checksumming': 'on',
        'tcp-segmentation-offload': 'on',
        'tx-tcp6-segmentation': 'off',
        'generic-segmentation-offload': 'on',
        'rx-vlan-filter': 'on',
      },
      fixed: [
        'rx-checksumming',
        'tx-checksum-ipv4',
        'tx-tcp-mangleid-segmentation',
        'udp-fragmentation-offload',
      ],
      held: ['tx-tcp-segmentation', 'generic-segmentation-offload'],
      groups: { 'tx-checksumming': ['tx-checksum-ipv4', 'tx-checksum-ip-generic'] },
    });
  });

  test('features of a version that knows no groups and no fixed ones (RHEL 6)', () => {
    const text = 'Offload parameters for eth0:\nrx-checksumming: on\ntcp-segmentation-offload: off\n';
    expect(
      parseEthtool('features', text, 0, 'Cannot get device flags: Operation not supported'),
    ).toMatchObject({
      values: { 'rx-checksumming': 'on', 'tcp-segmentation-offload': 'off' },
      fixed: [],
    });
  });

  test('rings and channels: what is, and what is the most; n/a is nothing', () => {
    const ring = `Ring parameters for eth0:
Pre-set maximums:
RX:\t\t4096
RX Mini:\tn/a
RX Jumbo:\t0
TX:\t\t4096
Current hardware settings:
RX:\t\t512
RX Mini:\tn/a
RX Jumbo:\t0
TX:\t\t256
RX Buf Len:\t\tn/a
TX Push:\toff
`;
    expect(parseEthtool('ring', ring, 0, '')).toMatchObject({
      values: { rx: '512', tx: '256', 'rx-jumbo': '0' },
      limits: { rx: 4096, tx: 4096, 'rx-jumbo': 0 },
    });
    const channels = `Channel parameters for eth0:
Pre-set maximums:
Combined:\t63
Current hardware settings:
Other:\t\t1
Combined:\t8
`;
    expect(parseEthtool('channels', channels, 0, '')).toMatchObject({
      values: { other: '1', combined: '8' },
      limits: { combined: 63 },
    });
  });

  test('coalescing', () => {
    const text = `Coalesce parameters for eth0:
Adaptive RX: on  TX: off
stats-block-usecs: 0
rx-usecs: 50
rx-frames: n/a
tx-frame-high: 7

CQE mode RX: off  TX: n/a
`;
    expect(parseEthtool('coalesce', text, 0, '')).toMatchObject({
      values: {
        ...{ 'adaptive-rx': 'on', 'adaptive-tx': 'off', 'stats-block-usecs': '0' },
        ...{ 'rx-usecs': '50', 'tx-frame-high': '7' },
      },
    });
    expect(parseEthtool('coalesce', 'Adaptive RX: n/a  TX: n/a\nrx-usecs: 3\n', 0, '')).toMatchObject({
      values: { 'rx-usecs': '3' },
    });
  });

  test('pause frames and private flags', () => {
    const pause =
      'Pause parameters for eth0:\nAutonegotiate:\ton\nRX:\t\toff\nTX:\t\ton\nRX negotiated: on\n';
    expect(parseEthtool('pause', pause, 0, '')).toMatchObject({
      values: { autoneg: 'on', rx: 'off', tx: 'on' },
    });
    const flags = 'Private flags for eth0:\ndisable-fw-lldp    : off\nlink-down-on-close: on\n';
    expect(parseEthtool('private_flags', flags, 0, '')).toMatchObject({
      values: { 'disable-fw-lldp': 'off', 'link-down-on-close': 'on' },
    });
  });

  test('the link, with and without a carrier, and without rights', () => {
    const up =
      'Settings for eth0:\n\tSpeed: 1000Mb/s\n\tDuplex: Full\n\tAuto-negotiation: on\n\tSupports Wake-on: pumbg\n\tWake-on: g\n';
    expect(parseEthtool('link', up, 0, '')).toMatchObject({
      values: { speed: '1000', duplex: 'full', autoneg: 'on', wol: 'g' },
    });
    const down = 'Settings for eth0:\n\tSpeed: Unknown!\n\tDuplex: Unknown! (255)\n\tAuto-negotiation: off\n';
    const refused = 'Cannot get wake-on-lan settings: Operation not permitted';
    expect(parseEthtool('link', down, 1, refused)).toMatchObject({
      values: { speed: 'unknown', duplex: 'unknown', autoneg: 'off' },
    });
  });

  test.each([
    ['netlink error: Operation not supported', 'Operation not supported'],
    ['Cannot get device ring settings: Operation not supported', 'Operation not supported'],
    [
      'netlink error: no device matches name (offset 24)\nnetlink error: No such device',
      'no device matches name (offset 24)',
    ],
  ])('words of a refusal: %s', (errors, words) => {
    expect(parseEthtool('ring', '', 76, errors)).toBe(words);
    expect(parseEthtool('link', '', 75, errors)).toBe(words);
  });
});
