import { expect, test } from 'vitest';
import { codeOf, EXAMPLE_NAMES, exampleBytes, inputOf, ONE, seededNumbers, sha256 } from '../test/example-input.ts';
import { contractModule, sharingEqually } from '../test/module-builder.ts';
import { randomProgram } from '../test/random-program.ts';
import { FUZZ_ROUNDS, FUZZ_SEED } from '../test/seeds.ts';
import { isValidModule } from './engine.ts';
import { prepareFunction } from './prepare-function.ts';
import { MODULE_REFUSAL_CODES, RUN_REFUSAL_CODES } from './refusal.ts';
import { runIncentiveFunction } from './run-function.ts';

/** `FUZZ_ROUNDS=5000000 FUZZ_SEED=7 npx vitest run --project unit packages/incentive/src/module-fuzz` for a long one. */
const ROUNDS = FUZZ_ROUNDS;
const SEED = FUZZ_SEED;
const FUEL = { fuel: 20_000 };
const INPUT = inputOf([ONE / 2n, ONE / 4n, ONE / 4n]);

/** A copy with up to four bytes flipped, and now and then a piece cut off or put in. */
function damaged(bytes: Uint8Array, next: () => number): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  for (let flips = 1 + (next() % 4); flips > 0; flips -= 1) {
    const at = next() % copy.length;
    copy[at] = next() % 2 === 0 ? (copy[at] ?? 0) ^ (1 << (next() % 8)) : next() % 256;
  }
  if (next() % 50 === 0) return copy.slice(0, next() % copy.length);
  const at = next() % copy.length;
  return next() % 50 === 0 ? Uint8Array.from([...copy.slice(0, at), next() % 256, ...copy.slice(at)]) : copy;
}

test(`${ROUNDS} damaged modules: refused by a code, or valid and run to an end`, { timeout: 600_000 }, () => {
  const next = seededNumbers(SEED * 2_654_435_761);
  const modules = [
    ...EXAMPLE_NAMES.map(exampleBytes),
    contractModule(sharingEqually()),
    ...[11, 12, 13].map((seed) => randomProgram(seededNumbers(seed))),
  ];
  const endings = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const bytes = damaged(modules[round % modules.length] ?? new Uint8Array(1), next);
    const ending = endingOf(bytes, round);
    endings.set(ending, (endings.get(ending) ?? 0) + 1);
  }
  const known: readonly string[] = [...MODULE_REFUSAL_CODES, ...RUN_REFUSAL_CODES, 'shares'];
  expect([...endings.keys()].filter((ending) => !known.includes(ending))).toEqual([]);
  // All kinds of endings are met, so the damage goes deep.
  expect(endings.get('shares')).toBeGreaterThan(ROUNDS / 100);
  expect([...endings.keys()].length).toBeGreaterThan(12);
});

function endingOf(bytes: Uint8Array<ArrayBuffer>, round: number): string {
  try {
    const prepared = prepareFunction(bytes, sha256);
    if ('refusal' in prepared) return prepared.refusal.code;
    expect(isValidModule(bytes)).toBe(true);
    const result = runIncentiveFunction(prepared.function, INPUT, FUEL);
    const isWhole = 'refusal' in result || result.incentive.reduce((left, right) => left + right) === ONE;
    return isWhole ? (codeOf(result) ?? 'shares') : 'another sum';
  } catch (cause) {
    throw new Error(`round ${round} of seed ${SEED}: ${Buffer.from(bytes).toString('base64')}`, { cause });
  }
}
