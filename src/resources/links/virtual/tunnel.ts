/** What tunnels of IPv4 (gre, gretap, ipip) have in common. */
import type { Problem } from '../../../shared/change.js';
import { settingsOf } from '../../../snapshot/kinds/kinds.js';
import type { Values } from '../../../snapshot/kinds/setting.js';
import type { JsonSchema } from '../../resource.js';
import type { Wish } from './kind.js';

function address(description: string): JsonSchema {
  return { type: ['string', 'null'], format: 'ipv4-address', description, examples: ['192.0.2.1'] };
}

const PORT: JsonSchema = { type: ['integer', 'null'], minimum: 0, maximum: 65_535 };

/** `ip`'s number from 1 to 255 or its word, and null for the default. */
export function byteOr(word: string, description: string): JsonSchema {
  return {
    anyOf: [{ type: 'integer', minimum: 1, maximum: 255 }, { enum: [word] }, { type: 'null' }],
    description,
  };
}

export function flag(description: string): JsonSchema {
  return { type: 'boolean', description };
}

export const TUNNEL: Readonly<Record<string, JsonSchema>> = {
  remote: address('The other end; null for any. From one to any, or to a group, it is made anew.'),
  local: address('The own address that it is sent from; null for any.'),
  dev: {
    type: ['string', 'null'],
    format: 'interface',
    description: 'The device that its packets leave by; null (which makes it anew) for what the routes say.',
    examples: ['eth0'],
  },
  ttl: byteOr('inherit', 'Of the packets that carry; inherit and null for that of those that are carried.'),
  tos: byteOr('inherit', 'Of the packets that carry; null for 0.'),
  pmtudisc: flag('Whether the path MTU is looked for: on by itself.'),
  fwmark: {
    type: ['string', 'integer', 'null'],
    pattern: '^(0[xX][0-9a-fA-F]{1,8}|[0-9]{1,10})$',
    minimum: 0,
    maximum: 4_294_967_295,
    description: 'The mark that its packets are routed by; null for none.',
    examples: ['0x10'],
  },
  external: flag('Whether its packets say where they go (tc and OVS set that). A change makes it anew.'),
  encap: {
    enum: ['none', 'fou', 'gue'],
    description:
      'In UDP: it needs the port that `ip fou` opens at the other end. A change makes it anew, as any change with it does.',
  },
  encap_sport: {
    anyOf: [{ type: 'integer', minimum: 0, maximum: 65_535 }, { enum: ['auto'] }, { type: 'null' }],
    description: 'The UDP port that it is sent from; auto (and null) for one of each flow.',
  },
  encap_dport: { ...PORT, description: 'The UDP port that it is sent to.', examples: [5555] },
  encap_csum: flag('Whether the UDP header has a checksum.'),
  encap_csum6: flag('Whether the UDP header in IPv6 has a checksum.'),
  encap_remcsum: flag('Whether the checksum inside is offloaded to the other end (gue).'),
};

/** No two tunnels of a kind have the same ends, device and key. */
export function tunnelProblems({ params, wanted, snapshot }: Wish, kind: string): Problem[] {
  const problems: Problem[] = [];
  if (wanted.external === 'on') {
    const own = ['remote', 'local', 'dev', 'key', 'ikey', 'okey'].filter((name) => params[name] != null);
    problems.push(
      ...own.map((name) => ({
        message: `with external: true, each packet says what ${name} it has`,
        path: [name],
      })),
    );
  }
  if (kind === 'ipip' && wanted.ttl !== 'inherit' && wanted.pmtudisc === 'off')
    problems.push({
      message: `ttl ${wanted.ttl} needs pmtudisc`,
      hint: 'ip refuses a fixed ttl without it.',
      path: ['pmtudisc'],
    });
  const identity = (values: Values): string =>
    JSON.stringify(['remote', 'local', 'dev', 'ikey', 'external'].map((name) => values[name] ?? null));
  const twin = [...snapshot.links.values()].find(
    (link) =>
      link.kind === kind && link.name !== params.name && identity(settingsOf(link)) === identity(wanted),
  );
  if (twin !== undefined)
    problems.push({ message: `${twin.name} is a ${kind} with the same ends already`, path: ['name'] });
  return problems;
}
