/** Lets the user's editor change a text that must not stay on the disk. */
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { access, constants, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { NetplayError } from '../shared/errors.js';
import { splitWords } from '../transport/words.js';

/**
 * @param name of the file that it belongs to: editors tell its language by it
 * @returns the text as it was saved
 * @throws NetplayError `usage` where the editor fails, `interrupted` by a signal; nothing of the text is left then either
 */
export async function editText(text: Buffer, name: string): Promise<Buffer> {
  const folder = await mkdtemp(join(await privateFolder(), 'netplay-edit-'));
  // Synchronous, so that it is also done where the process ends at once.
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    const file = join(folder, basename(name));
    await writeFile(file, text, { mode: 0o600 });
    await runEditor(file);
    return await readFile(file);
  } finally {
    remove();
    process.off('exit', remove);
  }
}

/** The user's own folder in memory, where there is one. */
async function privateFolder(): Promise<string> {
  const folder = process.env.XDG_RUNTIME_DIR ?? '';
  if (folder === '') return tmpdir();
  return access(folder, constants.W_OK).then(
    () => folder,
    () => tmpdir(),
  );
}

async function runEditor(file: string): Promise<void> {
  const [command = 'vi', ...args] = editorWords();
  const child = spawn(command, [...args, file], { stdio: 'inherit' });
  const forgetSignals = passSignals(child);
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', (cause) =>
        reject(
          new NetplayError('usage', `The editor ${command} can't be started: ${cause.message}`, {
            hint: HINT,
            cause,
          }),
        ),
      );
      child.once('close', (code, signal) => {
        if (code === 0) resolve();
        else if (signal !== null) reject(new NetplayError('interrupted', 'interrupted: nothing is changed'));
        else
          reject(new NetplayError('usage', `The editor ${command} ended with ${code}: nothing is changed`));
      });
    });
  } finally {
    forgetSignals();
  }
}

const HINT = 'Name another one: EDITOR=nano.';

function editorWords(): string[] {
  const line = process.env.EDITOR ?? '';
  const words = splitWords(line);
  if (words === undefined) throw new NetplayError('usage', `EDITOR has a quote that is not closed: ${line}`);
  return words;
}

/** Ctrl-C is the editor's; one that is told to end takes the editor with it. */
function passSignals(child: ChildProcess): () => void {
  const ignore = (): void => undefined;
  const end = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGINT', ignore);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  return () => {
    process.off('SIGINT', ignore);
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.off(signal, end);
  };
}
