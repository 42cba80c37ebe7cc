import { defineConfig } from 'vitest/config';

/** Live delivery from real servers; `npm run test:live` installs and starts them. */
export default defineConfig({
  test: {
    include: ['test/live/*.live.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/closing-line.ts'],
  },
});
