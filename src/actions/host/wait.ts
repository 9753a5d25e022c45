import { setTimeout as delay } from 'node:timers/promises';
import { NetplayError } from '../../shared/errors.js';

/** Waits on the controller. @throws NetplayError `interrupted` */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (cause) {
    throw new NetplayError('interrupted', 'Interrupted while waiting for a host', { cause });
  }
}

/** Whole seconds since a reading of `performance.now()`. */
export function elapsedSince(began: number): number {
  return Math.floor((performance.now() - began) / 1000);
}

/** A parameter in seconds. */
export function secondsProperty(description: string, value: number): Record<string, unknown> {
  return { type: 'integer', minimum: 0, default: value, description };
}
