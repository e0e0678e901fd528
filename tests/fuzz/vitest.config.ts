import { defineConfig } from 'vitest/config';
import { root } from '../../scripts/setup/run.mjs';

// One file after another: each is measured, and the machine may be small.
export default defineConfig({
  root,
  // The core is held by the build that every browser can run.
  define: { __BUILDS__: '["forward_forward"]' },
  test: { include: ['tests/fuzz/**/*.test.ts'], testTimeout: 3_600_000, fileParallelism: false },
});
