/** Speaks to a running QEMU: its machine protocol, one JSON object a line, over the process's own standard streams. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Qmp {
  /** @throws where QEMU refuses, in its words, or ends meanwhile */
  execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
}

interface Answer {
  return?: unknown;
  error?: { desc: string };
}

/** @param qemu started with `-qmp stdio` */
export async function connectQmp(qemu: ChildProcessWithoutNullStreams): Promise<Qmp> {
  const waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
  let errors = '';
  let ended: Error | undefined;
  qemu.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  qemu.stdin.on('error', () => undefined);
  qemu.once('close', (code) => {
    ended = new Error(`qemu ended (${code}): ${errors.trim()}`);
    for (const { reject } of waiting.splice(0)) reject(ended);
  });
  createInterface({ input: qemu.stdout }).on('line', (line) => {
    const answer: Answer = JSON.parse(line);
    // Greetings and events answer nobody.
    if (!('return' in answer) && answer.error === undefined) return;
    const asked = waiting.shift();
    if (answer.error === undefined) asked?.resolve(answer.return);
    else asked?.reject(new Error(`qemu: ${answer.error.desc}`));
  });
  const execute = (command: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(ended);
      waiting.push({ resolve, reject });
      qemu.stdin.write(`${JSON.stringify({ execute: command, arguments: args })}\n`);
    });
  await execute('qmp_capabilities');
  return { execute };
}
