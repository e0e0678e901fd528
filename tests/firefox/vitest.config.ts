import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Beside this file it would look like something to keep.
  cacheDir: '../../node_modules/.vite/firefox',
  test: {
    root: import.meta.dirname,
    include: ['*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 60_000,
    // Each starts a browser.
    fileParallelism: false,
  },
});
