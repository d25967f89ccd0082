import fc from 'fast-check';
import type { EpochInput, EpochParameters, Formula, NeuronInput } from '../src/epoch-types.ts';
import type { Row } from '../src/sparse.ts';

/** Networks with what breaks implementations: ties, zeros, lone validators, extreme switches, fresh registrations, commits. */
const FORMULAS: readonly Formula[] = ['yuma2', 'yuma2-liquid', 'yuma3', 'yuma3-liquid'];
const u16 = fc.integer({ min: 0, max: 65_535 });
const edgy = (value: fc.Arbitrary<number>): fc.Arbitrary<number> =>
  fc.oneof(fc.constantFrom(0, 1, 32_767, 65_535), value);
const BLOCK = 5000;

const parameters: fc.Arbitrary<EpochParameters> = fc.record({
  formula: fc.constantFrom(...FORMULAS),
  kappaU16: edgy(u16),
  bondsPenaltyU16: edgy(u16),
  bondsMovingAveragePpm: fc.oneof(fc.constantFrom(0, 900_000, 1_000_000), fc.integer({ min: 0, max: 1_000_000 })),
  liquidAlpha: fc.tuple(edgy(u16), edgy(u16), fc.integer({ min: -3000, max: 3000 })).map(([a, b, steepness]) => ({
    lowU16: Math.min(a, b),
    highU16: Math.max(a, b),
    steepnessHundredths: steepness,
  })),
  tempo: fc.integer({ min: 1, max: 400 }),
  activityCutoffBlocks: fc.integer({ min: 1, max: 5000 }),
  maxValidators: fc.integer({ min: 0, max: 8 }),
  minStake: fc.constantFrom(0n, 3n, 10n ** 9n),
  bondMask: fc.constantFrom('epoch' as const, 'row' as const),
  permitRule: fc.constantFrom('nonzero' as const, 'plain' as const),
  clearBonds: fc.constantFrom('without-next-permit' as const, 'permit-lost' as const),
});

const stake = fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 5n }), fc.bigInt({ min: 0n, max: 10n ** 18n }));
const block = fc.oneof(fc.constantFrom(0, 1, BLOCK - 1, BLOCK), fc.integer({ min: 0, max: BLOCK }));

function row(count: number): fc.Arbitrary<Row<number>> {
  return fc
    .uniqueArray(fc.tuple(fc.nat(count - 1), edgy(u16)), { maxLength: count, selector: ([uid]) => uid })
    .map((entries) => entries.toSorted(([a], [b]) => a - b));
}

function neuron(count: number): fc.Arbitrary<NeuronInput> {
  return fc.record({
    stake,
    lastUpdate: block,
    registeredAt: block,
    permit: fc.boolean(),
    oldestCommit: fc.oneof(fc.constant(null), block),
    weights: row(count),
    bonds: row(count),
  });
}

/** A whole epoch's input of up to ten neurons. */
export const epochInputs: fc.Arbitrary<EpochInput> = fc.integer({ min: 1, max: 10 }).chain((count) =>
  fc.record({
    block: fc.constant(BLOCK),
    lastEpochBlock: fc.oneof(fc.constant(null), fc.integer({ min: 0, max: BLOCK - 1 })),
    ownerUid: fc.oneof(fc.constant(null), fc.nat(count - 1)),
    parameters,
    neurons: fc.array(neuron(count), { minLength: count, maxLength: count }),
  }),
);

/**
 * Two to five validators with stake of one size and decided votes on up to six miners, everybody active and permitted: what is
 * multiplied stays so far above 2^-32 that rounding decides no unit of 65535 by itself.
 */
export const plainEpochInputs: fc.Arbitrary<EpochInput> = fc
  .tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 6 }))
  .chain(([validators, miners]) => {
    const vote = fc.oneof(fc.constant(0), fc.integer({ min: 20_000, max: 65_535 }));
    const votes = fc.array(vote, { minLength: miners, maxLength: miners });
    const validator = fc.record({ stake: fc.bigInt({ min: 10n ** 14n, max: 10n ** 15n }), votes, bonds: votes });
    return fc.record({
      block: fc.constant(BLOCK),
      lastEpochBlock: fc.constant(BLOCK - 360),
      ownerUid: fc.constant(null),
      parameters: parameters.map((random) => ({
        ...random,
        activityCutoffBlocks: BLOCK,
        maxValidators: validators,
        minStake: 0n,
        kappaU16: 32_767,
      })),
      neurons: fc
        .array(validator, { minLength: validators, maxLength: validators })
        .map((rows) => [
          ...rows.map((own) => plainNeuron(own.stake, rowOn(validators, own.votes), rowOn(validators, own.bonds))),
          ...Array.from({ length: miners }, () => plainNeuron(0n, [], [])),
        ]),
    });
  });

function plainNeuron(stakeUnits: bigint, weights: Row<number>, bonds: Row<number>): NeuronInput {
  const permit = stakeUnits > 0n;
  return { stake: stakeUnits, lastUpdate: BLOCK - 1, registeredAt: 0, permit, oldestCommit: null, weights, bonds };
}

function rowOn(first: number, values: readonly number[]): Row<number> {
  return values.map((value, index) => [first + index, value] as const).filter(([, value]) => value > 0);
}
