/** Keeps the live window at the foot of a terminal while a run goes on. Listr2 runs it as its renderer. */
import { Listr, type ListrRenderer } from 'listr2';
import type { Window } from './window.js';

const FRAME_MS = 100;
/** For terminals that say 0: serial lines, and those that another program opened. */
const USUAL_COLUMNS = 80;

export interface Terminal {
  write(text: string): void;
  columns: number;
}

/** Draws the window anew below everything that is printed. */
export class LiveView {
  private drawn = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly window: Window,
    private readonly terminal: Terminal,
  ) {}

  /** Prints whole lines above the window. */
  print(lines: readonly string[]): void {
    this.terminal.write(`${this.erase()}${lines.map((line) => `${line}\n`).join('')}`);
    if (this.timer !== undefined) this.draw();
  }

  start(): void {
    this.timer = setInterval(() => this.draw(), FRAME_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.terminal.write(this.erase());
  }

  private draw(): void {
    const lines = this.window.lines(Date.now(), this.terminal.columns || USUAL_COLUMNS);
    this.terminal.write(this.erase() + lines.map((line) => `${line}\n`).join(''));
    this.drawn = lines.length;
  }

  private erase(): string {
    const erased = this.drawn === 0 ? '' : `\u001B[${this.drawn}A\u001B[J`;
    this.drawn = 0;
    return erased;
  }
}

/** Runs `work` under listr2 with `view` as its renderer. */
export async function runLive<Result>(view: LiveView, work: () => Promise<Result>): Promise<Result> {
  class WindowRenderer implements ListrRenderer {
    static nonTTY = false;
    static rendererOptions: never;
    static rendererTaskOptions: never;
    render(): void {
      view.start();
    }
    end(): void {
      view.stop();
    }
  }
  const results: Result[] = [];
  const task = { task: async () => void results.push(await work()) };
  await new Listr(task, { renderer: WindowRenderer, registerSignalListeners: false }).run();
  const [result] = results;
  if (result === undefined) throw new Error('the run ended without a result');
  return result;
}
