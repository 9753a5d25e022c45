/** What labs there are and how their hosts do. */
import { isAlive } from './process.js';
import { type HostState, labDir, listLabs, readState, recordedProcesses } from './state.js';

export interface LabStatus {
  name: string;
  dir: string;
  file: string | null;
  /** False where the lab's start was broken off. */
  complete: boolean;
  nodes: readonly (HostState & { running: boolean })[];
}

export function labStatus(name: string): LabStatus {
  const dir = labDir(name);
  const state = readState(dir);
  const processes = recordedProcesses(dir);
  const nodes = (state?.nodes ?? []).map((node) => {
    const id = processes.get(node.name);
    return { ...node, running: id !== undefined && isAlive(id) };
  });
  return { name, dir, file: state?.file ?? null, complete: state !== undefined, nodes };
}

export function allStatus(): LabStatus[] {
  return listLabs().map(labStatus);
}

/** A lab as a table; addresses are those that it was started with. */
export function formatStatus({ name, dir, complete, nodes }: LabStatus): string {
  if (!complete)
    return `${name}: its start was broken off; \`netplay lab down ${name}\` removes what is left`;
  const rows = nodes.map((node) => [
    node.name,
    node.running ? 'running' : 'dead',
    node.port === null ? '-' : `127.0.0.1:${node.port}`,
    node.nics.map((nic) => [nic.name, ...nic.addresses].join(' ')).join(', '),
  ]);
  const table = [['HOST', 'STATE', 'SSH', 'NICS AT THE START'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [`${name} (${dir})`, ...lines].join('\n');
}
