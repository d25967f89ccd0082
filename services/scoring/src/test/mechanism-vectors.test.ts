import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { NO_BONDS } from '#domain/bonds.ts';
import { buildEpochInputs, type EpochDue, type ScorableInputs } from '#domain/epoch-inputs.ts';
import { scoreEpoch } from '#domain/score-epoch.ts';
import { POLICY } from './judged.ts';

/** The chain's own figures, out of the path on which an epoch is scored. */
interface Item {
  readonly total: number;
  readonly count: number;
  readonly split?: readonly number[];
}

const HASH = '00'.repeat(32);

function inputsOf(total: bigint, emissionWeights: readonly number[]): ScorableInputs {
  const mechanisms = emissionWeights.map((emissionWeight, id) => ({ id, emissionWeight }));
  const due: EpochDue = {
    sequence: 7,
    netuid: 1,
    index: 3,
    block: 60,
    subnetStartBlock: 1,
    pots: { owner: 0n, miners: total, validators: total },
    neurons: [],
    policy: { ...POLICY, mechanisms },
    nextPolicy: undefined,
    previousInputsSha256: '',
  };
  const nothing = { inForce: [], permits: new Set<string>(), bonds: NO_BONDS, states: {} };
  return buildEpochInputs('network', due, { lastEpochBlock: 40, ...nothing });
}

function partsOf(inputs: ScorableInputs, pot: 'miners' | 'validators'): number[] {
  return scoreEpoch(inputs, HASH).mechanisms.map(({ pots }) => Number(pots[pot]));
}

test('both pots are split between mechanisms as the chain splits emission', () => {
  const url = new URL('../../../../packages/consensus/test/vectors/mechanism-emission-split.json', import.meta.url);
  const { inputs, expected } = JSON.parse(readFileSync(url, 'utf8')) as {
    readonly inputs: { readonly items: readonly Item[] };
    readonly expected: { readonly items: readonly (readonly number[])[] };
  };
  expect(inputs.items.length).toBeGreaterThan(2);
  for (const [at, { total, count, split }] of inputs.items.entries()) {
    const epoch = inputsOf(BigInt(total), split ?? Array.from({ length: count }, () => 1));
    expect(epoch.mechanismSplit).toBe('U16');
    for (const pot of ['miners', 'validators'] as const) expect(partsOf(epoch, pot)).toEqual(expected.items[at]);
  }
});

test('an epoch from before the rule is split as it was, and one mechanism names no rule', () => {
  const { mechanismSplit, ...older } = inputsOf(10n ** 9n, [1, 3]);
  expect(mechanismSplit).toBe('U16');
  expect(partsOf(older, 'miners')).toEqual([250_000_000, 750_000_000]);
  expect(partsOf({ ...older, mechanismSplit: 'U16' }, 'miners')).toEqual([250_003_815, 749_996_185]);
  expect(inputsOf(10n ** 9n, [3])).not.toHaveProperty('mechanismSplit');
});
