import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LiveView } from '../../../src/report/live.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.each([
  [0, 80],
  [20, 20],
])('on a terminal that says %i columns the window has %i', (columns, drawn) => {
  const asked: number[] = [];
  const lines = (_now: number, width: number): string[] => {
    asked.push(width);
    return ['head'];
  };
  const view = new LiveView({ event: () => undefined, lines }, { write: () => undefined, columns });
  view.start();
  vi.advanceTimersByTime(150);
  view.stop();
  expect(asked).toEqual([drawn]);
});

test('printed lines stand above the window, and the end leaves nothing of it', () => {
  const written: string[] = [];
  const terminal = { write: (text: string) => void written.push(text), columns: 80 };
  const view = new LiveView({ event: () => undefined, lines: () => ['head', 'h1'] }, terminal);
  view.start();
  vi.advanceTimersByTime(100);
  view.print(['done']);
  view.stop();
  const erase = '\u001B[2A\u001B[J';
  expect(written.join('')).toBe(`head\nh1\n${erase}done\nhead\nh1\n${erase}`);
});
