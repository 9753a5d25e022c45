import type { Reporter } from '../shared/events.js';

/** Every event as one line of JSON, for other programs. */
export function createJson(write: (text: string) => void): Reporter {
  return { event: (event) => write(`${JSON.stringify(event)}\n`), close: () => Promise.resolve() };
}
