/** Pins of what has a MAC of its own on the wire: a port of the bridge that has the NIC. */
import type { Snapshot } from '../../snapshot/model.js';
import { bridge } from '../bridge.js';
import { link } from '../link.js';
import { pinRecord } from '../pin_record.js';
import { type Expansion, part } from '../resource.js';
import { type Attachment, bridgeOfNic } from './attachment.js';
import type { ContainerPinParams, Subject } from './container-params.js';
import { DEFAULT_PRIORITY } from './nic-schema.js';
import { proxiesGone, rulesGone, unusedTables } from './parts.js';
import { RECORD_FILE, type RecordedPort, readRecord } from './record.js';

export function bridgedParts(
  subject: Subject,
  attachment: Attachment & { kind: 'bridged' },
  { nic = '' }: ContainerPinParams,
  snapshot: Snapshot,
): Expansion {
  const { type, name, before } = subject;
  const target = bridgeOfNic(nic, name, attachment, snapshot);
  if (typeof target !== 'string') return { parts: [], problems: [target] };
  // It was routed to until now.
  const gone = (before?.addresses ?? []).map((address) =>
    rulesGone(address, [before?.priority ?? DEFAULT_PRIORITY], snapshot),
  );
  return {
    parts: [
      part(bridge, { name: target, ...(target !== nic && { ports: [nic] }) }),
      part(link, { name: attachment.port, master: target }),
      part(pinRecord, {
        type,
        name,
        nic,
        addresses: [],
        ports: portsOf(subject, attachment.port, nic, snapshot),
      }),
      ...gone.flatMap(({ parts }) => parts),
      ...(before?.addresses ?? []).flatMap((address) => proxiesGone(address, snapshot)),
      ...unusedTables(gone, snapshot),
    ],
    warnings:
      attachment.bridge === target
        ? []
        : [
            `${name} is found by ${nic} once it sends something: the switch then learns its way (the host can't, since the MAC is the container's own)`,
          ],
  };
}

/** Where its device was before the first pin, and the NIC, where a pin put it into its bridge. */
function portsOf({ before }: Subject, port: string, nic: string, snapshot: Snapshot): RecordedPort[] {
  const { pins } = readRecord(snapshot.files.get(RECORD_FILE)?.content);
  const known = before?.ports?.find(({ dev }) => dev === port);
  const joined = pins.flatMap(({ ports = [] }) => ports).find(({ dev }) => dev === nic);
  const alone = snapshot.links.get(nic)?.master === null && snapshot.links.get(nic)?.kind !== 'bridge';
  return [
    known ?? { dev: port, master: snapshot.links.get(port)?.master ?? null },
    ...(joined === undefined ? (alone ? [{ dev: nic, master: null }] : []) : [joined]),
  ];
}
