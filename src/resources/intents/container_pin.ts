import { parseAddress } from '../../shared/addr.js';
import type { Problem } from '../../shared/change.js';
import type { Container } from '../../snapshot/containers.js';
import type { Read, Snapshot } from '../../snapshot/model.js';
import { bridge } from '../bridge.js';
import { link } from '../link.js';
import { pinRecord } from '../pin_record.js';
import { attachmentOf, findContainer } from '../pins/attachment.js';
import { bridgedParts } from '../pins/bridged.js';
import { type ContainerPinParams, containerPinSchema } from '../pins/container-params.js';
import { nodeReads } from '../pins/node.js';
import { pinReads, proxiesGone } from '../pins/parts.js';
import { type PinType, RECORD_FILE, type RecordedPin, readRecord } from '../pins/record.js';
import { othersAddresses, routedParts } from '../pins/routed.js';
import { unpinParts } from '../pins/unpin.js';
import type { Expansion, Intent } from '../resource.js';

/** Containers and guests of today's kinds whose traffic uses one NIC alone, in and out. */
export const containerPin: Intent<ContainerPinParams> = {
  name: 'container_pin',
  plural: 'container_pins',
  mapKey: 'container',
  mapValue: 'nic',
  summary:
    'Pins an LXC or nspawn container, a libvirt guest, a network namespace or plain addresses to a NIC: all that they send leaves by it, and what is sent to them comes in by it',
  schema: containerPinSchema,
  examples: [
    { container_pin: { container: 'web', nic: 'eth3' } },
    { container_pin: { container: 'db', type: 'libvirt', nic: 'eth4' } },
    { container_pin: { addresses: ['10.0.0.5'], nic: 'eth3', gateway: '192.168.18.1' } },
    { container_pin: { container: 'web', state: 'absent' } },
  ],
  reads: ({ container }): readonly Read[] => [
    ...pinReads,
    ...nodeReads,
    ...bridge.reads({ name: 'br0' }),
    ...link.reads({ name: 'veth0', master: 'br0' }),
    ...pinRecord.reads({ type: 'lxc', name: 'web' }),
    // Which devices are containers' own ends is worth knowing in any case; without a name nobody asks for it.
    ...(container === undefined ? [] : [{ kind: 'containers' } as const]),
  ],
  expand,
};

function expand(params: ContainerPinParams, snapshot: Snapshot): Expansion {
  const misused = typeProblem(params);
  if (misused !== undefined) return { parts: [], problems: [misused] };
  if (params.state === 'absent') return unpinParts(params, snapshot);
  const given = [...new Set((params.addresses ?? []).map((each) => parseAddress(each)?.address ?? each))];
  if (params.container !== undefined) return expandContainer(params, given, snapshot);
  const subjects = given.map((address) => ({
    ...{ type: 'address' as const, name: address, addresses: [address], devs: [] },
    before: recorded('address', address, snapshot),
  }));
  return routedParts(subjects, true, params, snapshot);
}

function typeProblem({ type, container }: ContainerPinParams): Problem | undefined {
  if (type === undefined || (type === 'address') === (container === undefined)) return undefined;
  return type === 'address'
    ? { message: 'type address pins addresses alone: it takes no container', path: ['container'] }
    : { message: `type ${type} needs a container`, path: ['type'] };
}

function recorded(type: PinType, name: string, { files }: Snapshot): RecordedPin | undefined {
  const { pins } = readRecord(files.get(RECORD_FILE)?.content);
  return pins.find((pin) => pin.type === type && pin.name === name);
}

function expandContainer(
  params: ContainerPinParams,
  given: readonly string[],
  snapshot: Snapshot,
): Expansion {
  const { container, type: asked } = params;
  const type = asked === 'address' ? undefined : asked;
  const found = findContainer(String(container), type, snapshot.containers ?? { all: [], failures: [] });
  if ('message' in found) return { parts: [], problems: [found] };
  const subject = { type: found.type, name: found.name, before: recorded(found.type, found.name, snapshot) };
  if (!found.running) return stopped(subject.before, found, snapshot);
  const attachment = found.shared ? sharedNetwork(found) : attachmentOf(found, given, snapshot);
  if ('message' in attachment) return { parts: [], problems: [attachment] };
  if (attachment.kind === 'bridged') return bridgedParts(subject, attachment, params, snapshot);
  const addresses = given.length > 0 ? given : found.devices.flatMap((device) => device.addresses);
  if (addresses.length === 0) return { parts: [], problems: [noAddress(found)] };
  return routedParts([{ ...subject, addresses, devs: attachment.devs }], given.length > 0, params, snapshot);
}

/** Nobody answers for a container that does not run. */
function stopped(before: RecordedPin | undefined, { name }: Container, snapshot: Snapshot): Expansion {
  const others = othersAddresses(name, snapshot);
  const own = (before?.addresses ?? []).filter((address) => !others.includes(address));
  return {
    parts: own.flatMap((address) => proxiesGone(address, snapshot)),
    warnings: [`${name} does not run: run this again when it does`],
  };
}

function sharedNetwork({ name }: Container): Problem {
  return {
    message: `${name} uses the host's own network: it has no addresses of its own`,
    hint: 'Give it a network of its own, or pin an address of the host that it alone uses: addresses, without a container.',
    path: ['container'],
  };
}

function noAddress({ name, devices }: Container): Problem {
  const direct = devices.find(({ kind, host }) => host === null && kind !== 'dummy');
  return direct === undefined
    ? {
        message: `${name} has no address that can be seen from the host`,
        hint: 'Give addresses.',
        path: ['container'],
      }
    : {
        message: `${name} has no device on this host: its ${direct.name ?? 'own'} is ${direct.kind === null ? 'a NIC that was moved into it' : `a ${direct.kind}`}`,
        hint: 'Which NIC that uses is said by its own configuration.',
        path: ['container'],
      };
}
