import fc from 'fast-check';
import { expect, test } from 'vitest';
import { epochInputs, plainEpochInputs } from '../test/random-epoch.ts';
import { payPots, splitEmission } from './emission.ts';
import { canonicalJson, inputFromStored, type StoredEpochInput, toStored } from './epoch-json.ts';
import type { EpochInput, EpochOutput } from './epoch-types.ts';
import { runEpoch } from './epoch.ts';
import { fromU16Share, maximum, minimum, ONE, sum, ZERO } from './fixed.ts';
import type { Row } from './sparse.ts';

const pots = fc.bigInt({ min: 0n, max: 10n ** 18n });

test('the numbering of the uids does not matter', () => {
  fc.assert(
    fc.property(epochInputs, fc.infiniteStream(fc.nat()), (random, keys) => {
      // Equal stakes at the edge of the permits are decided by uid, on purpose; so give everybody a permit.
      const input = { ...random, parameters: { ...random.parameters, maxValidators: random.neurons.length } };
      const order = input.neurons.map((_, uid) => ({ uid, key: keys.next().value })).toSorted((a, b) => a.key - b.key);
      const places = order.map(({ uid }) => uid); // places[new uid] = old uid
      const plain = runEpoch(input);
      const shuffled = runEpoch(permute(input, places));
      for (const field of ['incentive', 'dividends', 'consensus', 'trust', 'validatorTrust', 'permits'] as const) {
        expect([field, ...shuffled[field]]).toEqual([field, ...places.map((old) => plain[field][old])]);
      }
      expect(shuffled.bonds).toEqual(places.map((old) => renumber(plain.bonds[old]!, places)));
    }),
  );
});

function permute(input: EpochInput, places: readonly number[]): EpochInput {
  return {
    ...input,
    ownerUid: input.ownerUid === null ? null : places.indexOf(input.ownerUid),
    neurons: places.map((old) => {
      const neuron = input.neurons[old]!;
      return { ...neuron, weights: renumber(neuron.weights, places), bonds: renumber(neuron.bonds, places) };
    }),
  };
}

function renumber(row: Row<number>, places: readonly number[]): Row<number> {
  return row.map(([uid, value]) => [places.indexOf(uid), value] as const).toSorted(([a], [b]) => a - b);
}

test('every output is a share between nothing and everything', () => {
  fc.assert(
    fc.property(epochInputs, (input) => {
      const output = runEpoch(input);
      for (const vector of [output.stake, output.activeStake, output.incentive, output.dividends]) {
        expect(vector.every((value) => value >= ZERO && value <= ONE)).toBe(true);
        expect(sum(vector)).toBeLessThanOrEqual(ONE);
      }
      for (const value of [...output.consensus, ...output.trust, ...output.validatorTrust]) {
        expect(value >= ZERO && value <= ONE).toBe(true);
      }
      for (const matrix of [output.weights, output.clipped, output.bondsKept, output.bondShares]) {
        expect(matrix.flat().every(([, value]) => value >= ZERO && value <= ONE)).toBe(true);
      }
      for (const unit of [...Object.values(output.u16).flat(), ...output.bonds.flat().map(([, bond]) => bond)]) {
        expect(Number.isInteger(unit) && unit >= 0 && unit <= 65_535).toBe(true);
      }
    }),
  );
});

test('the same input gives the same output, and stays as it was', () => {
  fc.assert(
    fc.property(epochInputs, (input) => {
      const before = structuredClone(input);
      const first = runEpoch(input);
      expect(runEpoch(input)).toEqual(first);
      expect(runEpoch(structuredClone(input))).toEqual(first);
      expect(input).toEqual(before);
    }),
  );
});

test('whoever holds more than kappa and more than the rest of it bounds the consensus', () => {
  fc.assert(
    fc.property(epochInputs, fc.infiniteStream(fc.boolean()), (input, honesty) => {
      const { activeStake, consensus, weights } = runEpoch(input);
      const kappa = fromU16Share(input.parameters.kappaU16);
      const honest = activeStake.flatMap((stake, uid) => (stake > ZERO && honesty.next().value ? [uid] : []));
      const held = sum(honest.map((uid) => activeStake[uid]!));
      // Shares of stake are cut to 2^-32, and once more for the median.
      const rounding = BigInt(2 * activeStake.length);
      fc.pre(held > kappa + rounding && held > ONE - kappa + rounding);
      for (const [miner, value] of consensus.entries()) {
        const given = honest.map((uid) => weights[uid]!.find(([to]) => to === miner)?.[1] ?? ZERO);
        expect(value).toBeGreaterThanOrEqual(given.reduce(minimum));
        expect(value).toBeLessThanOrEqual(given.reduce(maximum));
      }
    }),
    { numRuns: 200 },
  );
});

test('a whole multiple of all stake, or of a row of weights, changes nothing at all', () => {
  fc.assert(
    fc.property(epochInputs, fc.integer({ min: 2, max: 16 }), (random, factor) => {
      const input = { ...random, parameters: { ...random.parameters, minStake: 0n } };
      const small = (row: Row<number>): Row<number> => row.map(([uid, value]) => [uid, value >> 4] as const);
      const scaled = (by: number): EpochInput => ({
        ...input,
        neurons: input.neurons.map((neuron) => ({
          ...neuron,
          stake: (neuron.stake >> 4n) * BigInt(by),
          weights: small(neuron.weights).map(([uid, value]) => [uid, value * by] as const),
        })),
      });
      expect(runEpoch(scaled(factor))).toEqual(runEpoch(scaled(1)));
    }),
  );
});

test('a common factor of all stake that is no whole number moves no u16 output by more than a unit', () => {
  fc.assert(
    fc.property(
      plainEpochInputs,
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1, max: 1000 }),
      (input, p, q) => {
        const factor = (stake: bigint): bigint => (stake * BigInt(p)) / BigInt(q);
        const plain = runEpoch(input);
        fc.pre(!hasBackingNearKappa(input, plain));
        const neurons = input.neurons.map((neuron) => ({ ...neuron, stake: factor(neuron.stake) }));
        const scaled = runEpoch({ ...input, neurons });
        for (const field of ['stake', 'consensus', 'incentive', 'dividends', 'trust', 'validatorTrust'] as const) {
          for (const [uid, unit] of plain.u16[field].entries()) {
            expect([field, Math.abs(unit - scaled.u16[field][uid]!) <= 1]).toEqual([field, true]);
          }
        }
      },
    ),
    { numRuns: 200 },
  );
});

/** Whether a millionth of the stake decides about a consensus. */
function hasBackingNearKappa(input: EpochInput, { weights, activeStake, consensus }: EpochOutput): boolean {
  const kappa = fromU16Share(input.parameters.kappaU16);
  return consensus.some((_, miner) => {
    const votes = weights.map((row) => row.find(([to]) => to === miner)?.[1] ?? ZERO);
    return votes.some((level) => {
      const backing = sum(activeStake.filter((_stake, uid) => votes[uid]! >= level));
      return backing > kappa - ONE / 1_000_000n && backing < kappa + ONE / 1_000_000n;
    });
  });
}

test('an epoch never pays more than its pot, to the unit', () => {
  fc.assert(
    fc.property(epochInputs, pots, pots, (input, miners, validators) => {
      const output = runEpoch(input);
      const paid = payPots(output, { miners, validators });
      const total = [...paid.incentive, ...paid.dividends].reduce((left, right) => left + right, 0n);
      expect(total + paid.unattributed).toBe(miners + validators);

      const single = splitEmission(output, miners);
      const spent = [...single.servers, ...single.validators].reduce((left, right) => left + right, 0n);
      expect(spent + single.unattributed).toBe(miners);
      for (const amount of [...paid.incentive, ...paid.dividends, paid.unattributed]) {
        expect(amount).toBeGreaterThanOrEqual(0n);
      }
    }),
  );
});

test('nobody without a permit or active stake moves an incentive', () => {
  fc.assert(
    fc.property(epochInputs, (input) => {
      const output = runEpoch(input);
      const silenced = input.neurons.map((neuron, uid) =>
        output.activeStake[uid] === ZERO ? { ...neuron, weights: [] } : neuron,
      );
      expect(runEpoch({ ...input, neurons: silenced }).incentive).toEqual(output.incentive);
    }),
  );
});

test('an input that was stored gives the same output, as text', () => {
  fc.assert(
    fc.property(epochInputs, (input) => {
      const text = canonicalJson(toStored(input));
      const again = inputFromStored(JSON.parse(text) as StoredEpochInput);
      expect(canonicalJson(toStored(again))).toBe(text);
      expect(canonicalJson(toStored(runEpoch(again)))).toBe(canonicalJson(toStored(runEpoch(input))));
    }),
  );
});
