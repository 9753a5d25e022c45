import { defineConfig } from 'vitest/config';

/** Emulated machines take minutes and a hundred packages: `npm run test:vm`, and all else with `npm run test:all`. */
const emulated = process.env.NETPLAY_TEST_ALL === '1' || process.env.NETPLAY_TEST_VM === '1';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 20_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Most of their time is waiting: two files beside each other, each with labs of its own.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          // A user's own labs, which may have the same names, are left alone.
          env: { NETPLAY_LAB_DIR: '/run/netplay-test' },
        },
      },
      {
        test: {
          name: 'fault',
          include: ['test/fault/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          maxConcurrency: 8,
          // Its time-outs are real ones: nothing else runs beside it.
          sequence: { groupOrder: 2 },
          env: { NETPLAY_LAB_DIR: '/run/netplay-test' },
        },
      },
      {
        test: {
          name: 'vm',
          include: emulated ? ['test/vm/**/*.test.ts'] : [],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          // An emulated machine takes a whole core: after all others, two at a time.
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
