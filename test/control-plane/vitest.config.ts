import { defineConfig } from 'vitest/config';

/** A check of its own, outside of the tests: `npm run check:cluster`. */
export default defineConfig({
  test: {
    include: ['test/control-plane/*.check.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
});
