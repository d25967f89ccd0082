import process from 'node:process';
import { defineConfig } from 'vitest/config';
import { TotalsReporter } from './test/totals.ts';

/** Where test/run-all.ts wants the totals of its run. */
const totalsFile = process.env['SUBNETES_TEST_TOTALS'];

/** What is polled for comes late on a machine that does other work as well; vitest alone gives up after a second. */
const patient = { expect: { poll: { timeout: 30_000 } } };

/** Suites that only compute have every core; vitest alone would leave one of two idle. */
const everyCore = { maxWorkers: '100%', ...patient };

/**
 * Suites that start servers run a file after the other where a person runs them. `npm test` runs two at once of those that
 * wait for most of their time (test/run-all.ts).
 */
const serial = { fileParallelism: false, testTimeout: 240_000, hookTimeout: 300_000, ...patient };

export default defineConfig({
  test: {
    reporters: totalsFile === undefined ? ['default'] : ['default', new TotalsReporter(totalsFile)],
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{packages,services}/*/src/**/*.test.ts',
            '{operator,grafana}/src/**/*.test.ts',
            'k8s/**/src/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**'],
          ...everyCore,
          // Keys and properties take seconds on a machine that does other work as well.
          testTimeout: 60_000,
        },
      },
      {
        test: { name: 'architecture', include: ['test/architecture/**/*.test.ts'], testTimeout: 60_000, ...everyCore },
      },
      {
        test: {
          name: 'integration',
          include: [
            '{packages,services}/*/test/**/*.integration.test.ts',
            '{operator,grafana}/test/**/*.integration.test.ts',
            'k8s/start/test/**/*.integration.test.ts',
            'test/integration/**/*.test.ts',
          ],
          ...serial,
        },
      },
      {
        test: {
          name: 'simulation',
          include: ['test/simulation/**/*.test.ts', 'k8s/samples/*/trainer/test/**/*.test.ts'],
          testTimeout: 600_000,
          ...everyCore,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['k8s/local/test/**/*.integration.test.ts'],
          ...serial,
          testTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.e2e.test.ts', 'test/chaos/**/*.test.ts'],
          globalSetup: ['test/e2e/global-setup.ts'],
          ...serial,
          testTimeout: 300_000,
        },
      },
    ],
  },
});
