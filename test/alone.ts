/**
 * Files of the integration suite that `npm test` runs one after the other. The others start a server or two and wait for blocks,
 * epochs and reconnects more than they compute, so that two of them at once take little more than half the time.
 */

/** Files at once; more would wait for processors on a machine with two, and have more API servers than it has memory for. */
export const WORKERS = 2;

/** These fill both cores by themselves, or judge leases, deadlines and intervals that a second file would stretch. */
export const ALONE: readonly string[] = [
  'k8s/start/test/dev.integration.test.ts',
  'operator/test/crash.integration.test.ts',
  'packages/cli/test/real-governance.integration.test.ts',
  'packages/cli/test/real-slashing.integration.test.ts',
  'packages/runtime/test/pglite-durability.integration.test.ts',
  'services/ledger/test/clock-jumps.integration.test.ts',
  'services/ledger/test/crash.integration.test.ts',
  'services/ledger/test/failover.integration.test.ts',
  'services/ledger/test/kill-points.integration.test.ts',
  'services/ledger/test/standby.integration.test.ts',
  'services/scoring/test/crash.integration.test.ts',
  'services/scoring/test/crash-epoch.integration.test.ts',
  'services/scoring/test/standby.integration.test.ts',
  'services/serving-gateway/test/faults.integration.test.ts',
  'services/validator/test/validator.integration.test.ts',
];
