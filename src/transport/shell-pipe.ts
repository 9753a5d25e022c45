import type { Readable, Writable } from 'node:stream';

/** A running shell, on whatever way it was reached. */
export interface ShellPipe {
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  /** Settles, with the reason in words, once the shell or the way to it is gone. Never rejects. */
  closed: Promise<string>;
  /** Ends the shell and the way to it; never throws, may be called twice. */
  close(): Promise<void>;
}
