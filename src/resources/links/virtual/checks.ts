/** What is asked of a made-up link, of whatever kind, that the kernel would refuse. */
import { parseMac } from '../../../shared/addr.js';
import type { Problem } from '../../../shared/change.js';
import { KINDS, settingsOf } from '../../../snapshot/kinds/kinds.js';
import { withTaken } from '../../../snapshot/kinds/uppers.js';
import { MODULES } from '../../../snapshot/link-kinds.js';
import { missingDevice } from '../../routing/route-checks.js';
import { isUp, macProblem, mtuProblem } from '../device.js';
import { remakeProblem } from '../relink.js';
import type { LinkKind, Wish } from './kind.js';
import { fixedMac, hiddenPeerProblem } from './replace.js';

/** Devices that the kernel makes as a tunnel's module is loaded: they can't be made, changed or removed. */
const FALLBACKS: ReadonlySet<string> = new Set([
  'gre0',
  'gretap0',
  'erspan0',
  'tunl0',
  'sit0',
  'ip6tnl0',
  'ip6gre0',
]);

/** All problems, those of the kind last. */
export function checkWish(kind: LinkKind, wish: Wish): Problem[] {
  const { params, current, snapshot } = wish;
  const mac = params.mac === undefined ? undefined : parseMac(params.mac);
  const hasIpv6 = snapshot.addresses.some(({ dev, family }) => dev === params.name && family === 6);
  const problems = [
    fallbackProblem(params.name),
    current === undefined ? lackingProblem(kind, wish) : undefined,
    mac === undefined ? undefined : macProblem(mac, ['mac']),
    params.mtu === undefined ? undefined : mtuProblem(current, params.mtu, hasIpv6),
    masterProblem(wish),
    ...untoldProblems(kind, wish),
    ...lowerProblems(kind, wish),
    renewalProblem(kind, wish),
  ].filter((problem) => problem !== undefined);
  return [...problems, ...(kind.check?.(wish) ?? [])];
}

/** Whether the kernel makes the device as a module is loaded. */
export function isFallback(name: string): boolean {
  return FALLBACKS.has(name);
}

export function fallbackProblem(name: string): Problem | undefined {
  if (!isFallback(name)) return undefined;
  return { message: `${name} is the kernel's own: it comes with the module, and stays`, path: ['name'] };
}

/** Known beforehand only where the host's kernel says what it was built with, or has its modules at hand. */
function lackingProblem({ name }: LinkKind, { snapshot }: Wish): Problem | undefined {
  if (snapshot.linkKinds?.get(name) !== false) return undefined;
  return {
    message: `this host's kernel knows no links of the kind ${name}`,
    hint: `Its module is ${MODULES[name][0]}: install the kernel's package that has it.`,
    path: ['name'],
  };
}

function masterProblem({ params, snapshot }: Wish): Problem | undefined {
  const { master, name } = params;
  if (master == null) return undefined;
  if (master === name) return { message: `${name} can't be its own master`, path: ['master'] };
  return snapshot.links.has(master) ? undefined : missingDevice(master, snapshot, ['master']);
}

/** What an old `ip` does not print can't be compared, and would be changed in every run. */
function untoldProblems(kind: LinkKind, { params, current }: Wish): Problem[] {
  if (current === undefined) return [];
  const now = settingsOf(current);
  return KINDS[kind.name]
    .filter(({ name }) => params[name] !== undefined && now[name] === undefined && !name.startsWith('peer'))
    .map(({ name }) => ({
      message: `this host's ip does not show ${name} of a ${kind.name}, so it can't be compared`,
      path: [name],
    }));
}

/** A link that stands on another one needs it, is no larger, and is up only while that is. */
function lowerProblems(kind: LinkKind, { params, wanted, current, snapshot }: Wish): Problem[] {
  const word = wanted.link === undefined ? 'dev' : 'link';
  const below = wanted[word];
  if (below == null) return [];
  if (below === params.name) return [{ message: `${below} can't stand on itself`, path: [word] }];
  const lower = snapshot.links.get(below);
  if (lower === undefined) return params[word] === undefined ? [] : [missingDevice(below, snapshot, [word])];
  if (word !== 'link') return [];
  // Both VLAN and macvlan refuse it (NETIF_F_VLAN_CHALLENGED, macvlan_common_newlink).
  if (lower.flags.includes('LOOPBACK'))
    return [{ message: `no ${kind.name} can be on ${below}, the loopback`, path: [word] }];
  const problems: Problem[] = [];
  const { mtu } = params;
  if (mtu !== undefined && mtu > lower.mtu)
    problems.push({
      message: `mtu ${mtu} is more than that of ${below}, which is ${lower.mtu}`,
      path: ['mtu'],
    });
  const rises = params.up !== false && (current === undefined || !isUp(current));
  if (kind.name === 'vlan' && rises && !isUp(lower) && wanted.loose_binding !== 'on')
    problems.push({
      message: `${below} is down, and ${params.name} can't be up without it`,
      hint: `Put a task before this one: link: {name: ${below}, state: up}`,
      path: ['up'],
    });
  return problems;
}

/** A link that is made anew takes along what stands on it. */
function renewalProblem(kind: LinkKind, wish: Wish): Problem | undefined {
  const { wanted, current, snapshot } = wish;
  if (current === undefined) return undefined;
  const now = settingsOf(current);
  const anew = KINDS[kind.name].some(
    ({ name, change }) =>
      now[name] !== undefined &&
      now[name] !== wanted[name] &&
      change?.(wanted[name] ?? null, now[name] ?? null, wanted) === undefined,
  );
  if (!anew && fixedMac(kind, wish) === undefined) return undefined;
  return (
    remakeProblem(withTaken(snapshot.links, current), current.name) ?? hiddenPeerProblem(current, wish.params)
  );
}
