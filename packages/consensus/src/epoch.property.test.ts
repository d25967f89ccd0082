import fc from 'fast-check';
import { expect, test } from 'vitest';
import { epochInputs } from '../test/random-epoch.ts';
import { payPots, splitEmission } from './emission.ts';
import { canonicalJson, inputFromStored, type StoredEpochInput, toStored } from './epoch-json.ts';
import type { EpochInput } from './epoch-types.ts';
import { runEpoch } from './epoch.ts';
import { ONE, sum, ZERO } from './fixed.ts';
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
      for (const value of [...output.consensus, ...output.trust]) expect(value).toBeLessThanOrEqual(ONE);
      for (const row of output.bonds) {
        for (const [, bond] of row) expect(bond).toBeLessThanOrEqual(65_535);
      }
    }),
  );
});

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
