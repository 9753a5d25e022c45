/** How much gets through between two hosts. */
import { spawn } from 'node:child_process';
import type { Netns } from './netns.js';

const SECONDS = 3;

/** Mbit/s of TCP that arrive at `address` of `to`, by iperf3's own count; its first second is left out. */
export async function megabits(from: Netns, to: Netns, address: string, port = 5201): Promise<number> {
  const server = spawn('nsenter', [
    '-t',
    String(to.pid),
    '-n',
    '-m',
    '--',
    'iperf3',
    '-s',
    '-1',
    '-p',
    String(port),
  ]);
  try {
    await new Promise<void>((resolve, reject) => {
      server.stdout.on('data', (text: Buffer) => /listening/.test(String(text)) && resolve());
      server.on('exit', () => reject(new Error('iperf3 did not listen')));
    });
    const client = ['iperf3', '-c', address, '-p', String(port), '-t', String(SECONDS), '-O', '1', '-J'];
    const report = JSON.parse(from.must(client)) as { end: { sum_received: { bits_per_second: number } } };
    return report.end.sum_received.bits_per_second / 1e6;
  } finally {
    server.kill();
  }
}
