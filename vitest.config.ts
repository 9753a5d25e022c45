import { defineConfig } from 'vitest/config';

/**
 * What runs on an emulated machine: the kinds of devices that the machine's own kernel may lack; where 1 is said
 * (`npm run test:vm`, `npm run test:all`), also reboots and losses of power, which take a quarter of an hour; with 0, nothing.
 */
const { NETPLAY_TEST_ALL, NETPLAY_TEST_VM = NETPLAY_TEST_ALL } = process.env;
const emulated = { 0: [], 1: ['test/vm/**/*.test.ts'] }[NETPLAY_TEST_VM ?? ''] ?? [
  'test/vm/kinds/**/*.test.ts',
];

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
          // Most of their time is waiting: three files beside each other, each with labs of its own.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          // A user's own labs, which may have the same names, are left alone.
          env: { NETPLAY_LAB_DIR: '/run/netplay-test', NETPLAY_PERSIST: 'off' },
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
          env: { NETPLAY_LAB_DIR: '/run/netplay-test', NETPLAY_PERSIST: 'off' },
        },
      },
      {
        test: {
          name: 'vm',
          include: emulated,
          globalSetup: 'test/support/vm-image.ts',
          // Files are what test/vm/persist is about; it says so itself.
          env: { NETPLAY_PERSIST: 'off' },
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
