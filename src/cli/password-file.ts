/** A password from a file, or from a script that prints it, as Ansible's password files are. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { NetplayError } from '../shared/errors.js';
import { isProgram } from '../vault/sources.js';

/**
 * @param what it is for, in messages: `SSH password`
 * @throws NetplayError `usage` where there is none; no message holds any of the file's text
 */
export async function readPasswordFile(file: string, what: string): Promise<string> {
  const path = resolve(file);
  const text = isExecutable(path) ? await printedBy(path, file, what) : await contentOf(path, file, what);
  const password = text.replaceAll(/^[\r\n]+|[\r\n]+$/g, '');
  if (password !== '') return password;
  throw new NetplayError('usage', `${what}: ${file} gives an empty one`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function contentOf(path: string, file: string, what: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
    throw new NetplayError('usage', `${what}: can't read ${file}: ${why}`, { cause });
  });
}

/** It may ask on the terminal itself: only its standard output is taken. */
async function printedBy(path: string, file: string, what: string): Promise<string> {
  // Its text would be taken for commands of a shell, and be shown in their errors.
  if (!(await isProgram(path).catch(() => false))) throw notRun(file, what, 'it is no program');
  return new Promise((done, refuse) => {
    const child = spawn(path, { stdio: ['inherit', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => void chunks.push(chunk));
    child.once('error', ({ message }) => refuse(notRun(file, what, message)));
    child.once('close', (code) =>
      code === 0
        ? done(Buffer.concat(chunks).toString('utf8'))
        : refuse(new NetplayError('usage', `${what}: ${file} ended with ${code ?? 'a signal'}`)),
    );
  });
}

function notRun(file: string, what: string, why: string): NetplayError {
  return new NetplayError('usage', `${what}: ${file} is executable and can't be run: ${why}`, {
    hint: 'where it holds the password itself: chmod -x',
  });
}
