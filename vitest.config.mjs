import { defineConfig } from 'vitest/config';

// Tests run as compiled: what is tested is what is published, worker threads included.
export default defineConfig({
  test: {
    include: [
      'packages/*/dist/**/*.test.js',
      'jepsen/dist/**/*.test.js',
      'test/dist/**/*.test.js',
      'scripts/**/*.test.mjs',
    ],
    exclude: ['**/node_modules/**'],
    // Node loads them: they are compiled, and a second transformation takes longer than most tests.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    pool: 'forks',
    maxWorkers: 2,
    // No limits of time: this runner ends what hangs, however busy the machine is.
    runner: './test/dist/patience/vitest-runner.js',
    testTimeout: 0,
    hookTimeout: 0,
  },
});
