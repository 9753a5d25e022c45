/** The mark on what netplay makes: protocol 201, registered by name where the host can hold the name. */
import type { Change, Step } from '../../shared/change.js';
import type { Read, Snapshot } from '../../snapshot/model.js';
import { PROTOCOL } from './names.js';

const DIRECTORY = '/etc/iproute2/rt_protos.d';
const FILE = `${DIRECTORY}/netplay.conf`;
const CONTENT = `# Routes and rules made by netplay carry this protocol.\n${PROTOCOL.netplay}\tnetplay\n`;

/** What `protocolRegistration` needs to see. */
export const protocolReads: readonly Read[] = [
  { kind: 'file', path: FILE },
  { kind: 'directory', path: DIRECTORY },
];

/**
 * The change that gives protocol 201 its name on this host, or none where it has one, where an earlier
 * task already gives it, or where its `ip` reads no directory of protocol names (before 4.10).
 */
export function protocolRegistration(resource: string, snapshot: Snapshot): readonly Change[] {
  const { tools, names, files, directories } = snapshot;
  const known = names.protocols.byId.has(PROTOCOL.netplay) || names.protocols.byName.has('netplay');
  if (!tools.protocolsDirectory || known || files.get(FILE)?.content === CONTENT) return [];
  const made = directories.get(DIRECTORY) === null && !files.get(FILE);
  const old = files.get(FILE);
  const mkdir: Step[] = made ? [{ kind: 'run', argv: ['mkdir', '-p', DIRECTORY] }] : [];
  const rmdir: Step[] = made ? [{ kind: 'run', argv: ['rmdir', DIRECTORY] }] : [];
  const restore: Step[] = old
    ? [{ kind: 'write', path: FILE, content: old.content, mode: old.mode }]
    : [{ kind: 'remove', path: FILE }];
  return [
    {
      resource,
      address: 'rt_proto netplay',
      action: 'create',
      before: null,
      after: `${PROTOCOL.netplay} netplay`,
      do: [...mkdir, { kind: 'write', path: FILE, content: CONTENT }],
      undo: [...restore, ...rmdir],
      effects: [{ kind: 'file', path: FILE, file: { content: CONTENT, mode: old?.mode ?? '644' } }],
    },
  ];
}
