/** Whose port a link is, as far as its own task says so. */
import type { Link } from '../snapshot/model.js';
import { isCaptured, type Reading } from './reading.js';

/** The bridge or VRF; undefined for none, for one that is left out, and for a bond, which names its ports itself. */
export function masterOf({ master }: Link, reading: Reading): string | undefined {
  const above = reading.snapshot.links.get(master ?? '');
  if (above === undefined || above.kind === 'bond' || !isCaptured(reading, above.name)) return undefined;
  return reading.roles.get(above.name)?.kind === 'made' ? above.name : undefined;
}
