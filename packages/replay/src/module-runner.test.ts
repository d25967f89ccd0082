import { EXAMPLE_FUNCTIONS_BASE64 } from '@subnetes/incentive/gen/example-functions';
import { expect, test } from 'vitest';
import epoch from '../test/fixtures/epoch.json' with { type: 'json' };
import { moduleRunner } from './module-runner.ts';
import { moduleOf, readInputs, recomputeEpoch } from './recompute-epoch.ts';

const WINNER = new Uint8Array(Buffer.from(EXAMPLE_FUNCTIONS_BASE64['winner-takes-most'], 'base64'));
const runner = moduleRunner();
const sha256 = runner.take(WINNER);
const plain = readInputs(epoch.inputsJson);
const named = { ...plain, countermeasures: { incentiveFunction: { sha256, fuel: 20_000_000 } } };
const incentives = (document: typeof named): number[] =>
  recomputeEpoch(document, epoch.inputsSha256, runner).neurons.map(({ incentive }) => incentive);

test('a module that was taken in divides, and is known by its hash', () => {
  expect(moduleOf(named)).toBe(sha256);
  expect([runner.has(sha256), runner.has('ab'.repeat(32))]).toEqual([true, false]);
  const before = recomputeEpoch(plain, epoch.inputsSha256).neurons.map(({ incentive }) => incentive);
  const after = incentives(named);
  expect(Math.max(...after)).toBeGreaterThan(Math.max(...before));
});

test('an epoch that is sealed as scored without the module needs none and pays as without it', () => {
  const missing = { ...named, functionMissing: true as const };
  expect(moduleOf(missing)).toBeUndefined();
  const { neurons, outputsJson } = recomputeEpoch(missing, epoch.inputsSha256);
  expect(neurons).toEqual(recomputeEpoch(plain, epoch.inputsSha256).neurons);
  expect(outputsJson).toContain('MODULE_MISSING');
});

test('without the module nothing is computed; one that may not run is a refusal', () => {
  const other = { incentiveFunction: { sha256: 'ab'.repeat(32), fuel: 1 } };
  expect(() => incentives({ ...plain, countermeasures: other })).toThrow(/not at hand/);
  expect(() => recomputeEpoch(named, epoch.inputsSha256)).toThrow(/runFunction/);
  const broken = { incentiveFunction: { sha256: runner.take(Uint8Array.of(0)), fuel: 1 } };
  const { outputsJson } = recomputeEpoch({ ...plain, countermeasures: broken }, epoch.inputsSha256, runner);
  expect(outputsJson).toContain('MODULE_MALFORMED');
});
