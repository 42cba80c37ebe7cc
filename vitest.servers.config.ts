import { defineConfig } from 'vitest/config';

/** The contract suite over a server that runs elsewhere; `npm run conformance` and `npm run conformance:servers` start it. */
export default defineConfig({
  test: {
    include: ['test/servers/*.conformance.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/closing-line.ts'],
  },
});
