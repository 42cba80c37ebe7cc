import { defineConfig } from 'vitest/config';

/** Suites that take minutes: real kills, bodies of hundreds of megabytes. `.ci/run` runs them, `npm test` does not. */
export default defineConfig({
  test: {
    include: ['test/slow/**/*.slow.ts'],
    testTimeout: 2_400_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
