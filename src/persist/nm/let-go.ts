/**
 * What NetworkManager has in its hands it puts back when somebody else takes it away: a link that it made, the port of a
 * bridge or bond. It is told to let go first.
 */
import type { Step } from '../../shared/change.js';
import type { Effect } from '../../snapshot/effects.js';
import type { Snapshot } from '../../snapshot/model.js';
import type { Undoing } from '../backend.js';

/** It activates nothing on the device by itself until it is told otherwise, or the next boot. */
const HANDS_OFF = `command -v nmcli >/dev/null || exit 0
nmcli device set "$1" autoconnect no`;
/** It frees a port at some later time, and takes the addresses off that it has by then: so it does it first. 6: it has nothing active on it. */
const DISCONNECT = `${HANDS_OFF}
nmcli -w 20 device disconnect "$1" >/dev/null || [ $? -eq 6 ]`;
/** One that was active for this boot alone is not there any more. */
const HANDS_ON = `command -v nmcli >/dev/null || exit 0
nmcli device set "$1" autoconnect yes
nmcli -w 20 connection up uuid "$2" ifname "$1" >/dev/null 2>&1 || :`;

function script(text: string, ...words: readonly string[]): Step {
  return { kind: 'run', argv: ['sh', '-c', text, 'networkmanager', ...words] };
}

export function letGo(effect: Effect, { links, boot }: Snapshot): Undoing | undefined {
  if (effect.kind !== 'link') return undefined;
  const name = 'unset' in effect ? effect.unset : effect.set.name;
  const link = links.get(name);
  if (link === undefined || !('unset' in effect || leaves(link.master, effect.set.master, links)))
    return undefined;
  const [managed, uuid = ''] = boot?.facts.get(`nm ${link.index}`)?.split(' ') ?? [];
  if (managed !== 'true' || uuid === '') return undefined;
  return {
    do: [script('unset' in effect ? HANDS_OFF : DISCONNECT, name)],
    undo: [script(HANDS_ON, name, uuid)],
  };
}

/** A VRF's port keeps its addresses, which disconnecting it would take off. */
function leaves(was: string | null, is: string | null, links: Snapshot['links']): boolean {
  return was !== null && was !== is && links.get(was)?.kind !== 'vrf';
}
