/** A play's `probes` and `verify`, rendered and checked for each host that asks them. Touches no host. */
import { selectHosts } from '../inventory/patterns.js';
import type { ProbeItem } from '../playbook/model.js';
import { probeParams, probeViolations } from '../probes/params.js';
import { makeProbe, type Partner, type Probe, type ProbeKind } from '../probes/probe.js';
import { probeKinds } from '../probes/registry.js';
import { NetplayError, NetplayErrors } from '../shared/errors.js';
import { nearest } from '../shared/nearest.js';
import type { Place } from '../shared/place.js';
import type { VarScope } from '../template/scope.js';
import { type ExpandContext, hasTemplate, renderParams } from './expand.js';

/** One item of `verify`, with the probe that each host asks. */
export interface VerifyCheck {
  item: ProbeItem;
  /** True without `from`: only those hosts ask that the transaction changed. */
  each: boolean;
  /** By the name of the host that asks. */
  probes: ReadonlyMap<string, Probe>;
}

type ScopeOf = (host: string) => VarScope;

/** The probes that a host asks before and after its changes. What is wrong is put into `errors`. */
export function expandProbes(
  context: ExpandContext,
  scope: VarScope,
  host: string,
  errors: NetplayError[],
): Probe[] {
  return (context.play.probes ?? []).flatMap(
    (item) =>
      noted(errors, () => {
        const probe = expandProbe(context, item, scope, host);
        if (probe.partner === undefined) return probe;
        throw new NetplayError('playbook', `${item.probe} takes another host: that is for verify:`, {
          place: item.locate([probe.partner.param]),
          hint: 'probes: are asked in one go with the changes, on the host alone.',
        });
      }) ?? [],
  );
}

/**
 * The play's `verify`. Each host that asks does so with its own variables; `from` is rendered with those of
 * the play's first host, and may name any host of the inventory, whatever --limit leaves of the play.
 */
export function expandVerify(
  context: ExpandContext,
  scopeOf: ScopeOf,
  errors: NetplayError[],
): VerifyCheck[] {
  const [first] = context.playHosts;
  if (first === undefined) return [];
  return (context.play.verify ?? []).map((item) => {
    const asking = noted(errors, () => askingHosts(context, item, scopeOf(first)), item.from?.place) ?? [];
    const shared = hasTemplate([item.params, item.name]) ? undefined : asking[0];
    const probes = new Map<string, Probe>();
    for (const host of asking) {
      const same = shared === undefined ? undefined : probes.get(shared);
      const probe = same ?? noted(errors, () => expandProbe(context, item, scopeOf(host), host));
      if (probe === undefined && shared !== undefined) break;
      if (probe !== undefined) probes.set(host, probe);
      if (probe?.partner?.host === host)
        errors.push(
          new NetplayError('inventory', `${probe.partner.param}: '${host}' is the host that asks`, {
            place: item.locate([probe.partner.param]),
            host,
            hint: `Name another one, or leave it out of those that ask, by the pattern '…:!${host}'.`,
          }),
        );
    }
    return { item, each: item.from === undefined, probes };
  });
}

function askingHosts(context: ExpandContext, item: ProbeItem, scope: VarScope): readonly string[] {
  if (item.from === undefined) return context.playHosts;
  const { pattern: written, place } = item.from;
  const pattern = String(context.templates.render(written, scope, place));
  const hosts = selectHosts(context.inventory, pattern);
  if (hosts.length > 0) return hosts;
  throw new NetplayError('inventory', `from: '${pattern}' names no host`, { place });
}

/** @throws NetplayError | NetplayErrors `template`, `schema` */
function expandProbe(context: ExpandContext, item: ProbeItem, scope: VarScope, host: string): Probe {
  const kind = kindOf(item);
  const params = probeParams(kind, renderParams(context.templates, item, scope));
  const violations = probeViolations(kind, params, { templates: false });
  if (violations.length > 0)
    throw new NetplayErrors(
      violations.map(
        ({ message, hint, path }) =>
          new NetplayError('schema', message, {
            place: item.locate(path),
            host,
            ...(hint !== undefined && { hint }),
          }),
      ),
    );
  const name = item.name === undefined ? undefined : context.templates.render(item.name, scope, item.place);
  const probe = makeProbe(kind, params, name === undefined ? undefined : String(name));
  if (probe.partner !== undefined) checkPartner(context, item, probe.partner, host);
  return probe;
}

/** @throws NetplayError `inventory` where there is no such host */
function checkPartner(
  { inventory }: ExpandContext,
  item: ProbeItem,
  { param, host: name }: Partner,
  host: string,
): void {
  if (inventory.hosts.has(name)) return;
  const near = nearest(name, inventory.hosts.keys());
  throw new NetplayError('inventory', `${param}: no host of the inventory is named '${name}'`, {
    place: item.locate([param]),
    host,
    ...(near !== undefined && { hint: `Did you mean ${near}?` }),
  });
}

function kindOf({ probe }: ProbeItem): ProbeKind<unknown> {
  const kind = probeKinds.find(({ name }) => name === probe);
  if (kind === undefined) throw new Error(`no probe named ${probe}`);
  return kind;
}

/**
 * What `work` gives; undefined where it failed for a reason that the user can mend, which is noted.
 * @param place of what was worked on, for an error that knows none
 */
export function noted<Result>(errors: NetplayError[], work: () => Result, place?: Place): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof NetplayErrors) errors.push(...error.errors.map((one) => placed(one, place)));
    else if (error instanceof NetplayError) errors.push(placed(error, place));
    else throw error;
    return undefined;
  }
}

function placed(error: NetplayError, place: Place | undefined): NetplayError {
  if (error.place !== undefined || place === undefined) return error;
  const { code, message, hint, host } = error;
  return new NetplayError(code, message, {
    place,
    cause: error,
    ...(hint !== undefined && { hint }),
    ...(host !== undefined && { host }),
  });
}
