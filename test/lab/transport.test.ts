import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Transport } from '../../src/transport/session.js';
import { createTransport } from '../../src/transport/transport.js';
import { type Sshd, startSshd } from '../support/sshd.js';

let sshd: Sshd;
let transport: Transport;

beforeAll(async () => {
  sshd = await startSshd();
  transport = createTransport();
});
afterAll(async () => {
  await transport?.close();
  await sshd?.stop();
});

describe('frames', () => {
  test('one', async () => {
    const session = await transport.open(sshd.target());
    const result = await session.run('id -u; echo err >&2; exit 3');
    expect(result).toMatchObject({ code: 3, stdout: '0\n', stderr: 'err\n' });
    expect(session.frames).toBe(1);
    await session.close();
  });
});
