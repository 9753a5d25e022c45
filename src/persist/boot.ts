/** `boot`: a script that a host runs as it starts, and once more for a device that comes later. */
import type { Step } from '../shared/change.js';
import type { Kept } from '../snapshot/kept.js';
import type { Snapshot } from '../snapshot/model.js';
import type { Backend, Written, WrittenFile } from './backend.js';
import { bootScript } from './boot-script.js';
import { BOOT_SCRIPT_FILE, bootUnits, canBoot } from './boot-units.js';
import type { Entry } from './record.js';

/** The script does nothing for a device before the host's own boot is over. */
export const READY: Step = { kind: 'run', argv: ['sh', '-c', ': > /var/run/netplay.booted'] };

function write(entries: readonly Entry[], snapshot: Snapshot): Written {
  const left = entries.flatMap((entry) => {
    const why = canBoot(snapshot)
      ? lacking(entry.kept)
      : 'nothing on this host runs at boot that netplay knows';
    return why === undefined ? [] : [{ entry, why }];
  });
  const lost = new Set(left.map(({ entry }) => entry));
  const kept = entries.filter((entry) => !lost.has(entry));
  const script: WrittenFile = {
    path: BOOT_SCRIPT_FILE,
    file: kept.length === 0 ? null : { content: bootScript(kept, snapshot), mode: '755' },
    keys: kept.map(({ key }) => key),
    // The host has booted: from now on the script is for devices that come.
    // biome-ignore lint/suspicious/noThenProperty: nobody awaits a file
    ...(kept.length > 0 && { then: [READY] }),
  };
  return { files: [script, ...bootUnits(snapshot, kept.length > 0)], left };
}

/** Why it can't be there when the host starts. */
function lacking(kept: Kept): string | undefined {
  const netns = kept.kind === 'link' ? kept.item.details['link-netns'] : undefined;
  return netns === undefined
    ? undefined
    : `its other end is in the network namespace ${netns}, which is gone then: what makes that must make the pair`;
}

/** Every host has it: what is nobody else's is its. */
export const boot: Backend = { name: 'boot', isThere: () => true, manages: () => undefined, write };
