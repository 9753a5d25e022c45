/** What the screen shows, for a file: without colours, each line with its time. */
import type { Reporter } from '../shared/events.js';
import { createScreen, type ScreenOptions } from './screen.js';

/** @param append is called once, at the end of a run, so that runs at one time do not mix */
export function createPlainLog(
  options: Omit<ScreenOptions, 'print'>,
  append: (text: string) => Promise<void>,
): Reporter {
  const lines: string[] = [];
  let time = '';
  const screen = createScreen({
    ...options,
    print: (more) => lines.push(...more.map((line) => `${time} | ${line}`.trimEnd())),
  });
  return {
    event: (event) => {
      time = timeOf(event.time);
      screen.event(event);
    },
    close: () => append(lines.map((line) => `${line}\n`).join('')),
  };
}

/** As Python's logging writes it, and so Ansible's log. @param seconds since 1970 */
function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('T', ' ').replace('.', ',').replace('Z', '');
}
