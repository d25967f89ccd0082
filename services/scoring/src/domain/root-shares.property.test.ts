import { runEpoch } from '@subnetes/consensus/epoch';
import { canonicalJson, toStored } from '@subnetes/consensus/epoch-json';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { POLICY } from '#test/judged.ts';
import type { EpochDue, SealedNeuron } from './epoch-inputs.ts';
import { NO_BONDS } from './bonds.ts';
import { buildRootInputs } from './root-inputs.ts';
import { ROOT_NETUID } from './root-network.ts';
import { SHARES_PPM } from './root-shares.ts';
import { scoreEpoch } from './score-epoch.ts';
import type { CountedRow } from './weights.ts';

const BLOCK = 1000;

interface Member {
  readonly stake: bigint;
  /** By market, in order. */
  readonly weights: readonly number[];
}

/** Members' weights of markets as an epoch sees them: everybody holds a permit, every weight is in force. */
function sharesOf(members: readonly Member[], change: { readonly run?: typeof runEpoch } = {}): readonly number[] {
  const markets = members[0]?.weights.length ?? 0;
  // Netuids need not be dense: a market whose emission is held is not sealed.
  const subnets = Array.from({ length: markets }, (_, at) => ({ netuid: 2 * at + 1, startBlock: at }));
  const neurons = members.map(({ stake }, uid): SealedNeuron => {
    const keys = { hotkey: `h${uid}`, coldkey: 'c', registrationId: `r${uid}` };
    return { uid: 3 * uid, ...keys, registeredAt: 1, stake, ownerHotkey: false };
  });
  const due: EpochDue = {
    sequence: 7,
    netuid: ROOT_NETUID,
    index: 2,
    block: BLOCK,
    subnetStartBlock: 0,
    pots: { owner: 0n, miners: 0n, validators: 0n },
    neurons,
    subnets,
    policy: { ...POLICY, stakeThreshold: 0n },
    nextPolicy: undefined,
    previousInputsSha256: '',
  };
  const inForce = members.map(({ weights }, uid): CountedRow => {
    const pairs = subnets.flatMap(({ netuid }, at) => (weights[at] === 0 ? [] : [[netuid, weights[at] ?? 0] as const]));
    const row = { registrationId: `r${uid}`, uid, mechanismId: 0, source: 'Open' as const, interval: 2, block: 900 };
    return { ...row, sequence: 1n, weights: [...pairs, [4, 65_535]] };
  });
  const gathered = { lastEpochBlock: 900, inForce, permits: new Set(neurons.map((each) => each.registrationId)), bonds: NO_BONDS, states: {} }; // prettier-ignore
  const inputs = buildRootInputs('n', due, gathered);
  const outputs = scoreEpoch(inputs, 'ab'.repeat(32), change.run === undefined ? {} : { run: change.run });
  expect(outputs.unattributed).toBe(0n);
  return (outputs.shares ?? []).map(({ sharePpm }) => sharePpm);
}

const MARKETS = 5;
const weightsRow = fc
  .array(fc.integer({ min: 0, max: 65_535 }), { minLength: MARKETS, maxLength: MARKETS })
  .filter((row) => row.some((weight) => weight > 0));
const stake = fc.bigInt({ min: 1n, max: 10n ** 15n });
const member = fc.record({ stake, weights: weightsRow });
const members = fc.array(member, { minLength: 1, maxLength: 12 });

test('shares come to all of a block, or there are none; kernel and readable implementation agree to the byte', () => {
  fc.assert(
    fc.property(members, (list) => {
      const shares = sharesOf(list);
      expect([0, SHARES_PPM]).toContain(shares.reduce((sum, share) => sum + share, 0));
      expect(canonicalJson(toStored(shares))).toBe(canonicalJson(toStored(sharesOf(list, { run: runEpoch }))));
      expect(sharesOf(list)).toEqual(shares);
    }),
  );
});

test('a majority that agrees gets exactly what it gives, whatever a minority below kappa does', () => {
  const minority = fc.array(fc.record({ part: fc.integer({ min: 0, max: 100 }), weights: weightsRow }), { minLength: 1, maxLength: 6 }); // prettier-ignore
  fc.assert(
    fc.property(weightsRow, minority, (agreed, others) => {
      // 49 % of the stake at most: kappa is half of it, less a sixty-five-thousandth.
      const total = others.reduce((sum, { part }) => sum + part, 0) + 1;
      const rest = others.map(({ part, weights }) => ({ stake: BigInt(Math.floor((49_000 * part) / total)), weights }));
      const alone = sharesOf([{ stake: 51_000n, weights: agreed }]);
      const together = sharesOf([{ stake: 26_000n, weights: agreed }, { stake: 25_000n, weights: agreed }, ...rest]);
      expect(together).toEqual(alone);
      const sum = agreed.reduce((left, weight) => left + weight, 0);
      for (const [at, weight] of agreed.entries()) {
        expect(Math.abs((together[at] ?? 0) - (weight * SHARES_PPM) / sum)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test('a minority below kappa cannot lift a market above what some of the majority give it, where they differ', () => {
  const majority = fc.array(member, { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(majority, weightsRow, fc.nat(MARKETS - 1), (honest, greedy, own) => {
      const total = honest.reduce((sum, { stake: held }) => sum + held, 0n);
      const attackers = { stake: (total * 48n) / 52n, weights: greedy.map((_, at) => (at === own ? 65_535 : 0)) };
      const shares = sharesOf([...honest, attackers]);
      if (shares.length === 0) return;
      const given = honest.map(({ weights }) => {
        const sum = weights.reduce((left, weight) => left + weight, 0);
        return weights.map((weight) => weight / sum);
      });
      // The most that any of them gives it, over that and the least that all of them give each other market.
      const most = Math.max(...given.map((row) => row[own] ?? 0));
      const least = Array.from({ length: MARKETS }, (_, at) => (at === own ? 0 : Math.min(...given.map((row) => row[at] ?? 0)))); // prettier-ignore
      const bound = most === 0 ? 0 : most / (most + least.reduce((left, right) => left + right, 0));
      expect(shares[own]).toBeLessThanOrEqual(Math.ceil(bound * SHARES_PPM) + 1);
    }),
  );
});

test('the rank, which pays miners, would have let it: that is why shares are not taken from there', () => {
  const honest = { stake: 60n, weights: [30, 70] };
  const cabal = { stake: 40n, weights: [65_535, 0] };
  expect(sharesOf([honest, cabal])).toEqual([300_000, 700_000]);
  let byRank = 0;
  sharesOf([honest, cabal], {
    run: (input) => {
      const output = runEpoch(input);
      byRank = (output.u16.incentive.at(-2) ?? 0) / 65_535;
      return output;
    },
  });
  expect(byRank).toBeCloseTo(0.3 / (0.3 + 0.6 * 0.7), 3); // 41.7 % instead of 30 %
});

test('scaling all stakes changes nothing', () => {
  fc.assert(
    fc.property(members, fc.bigInt({ min: 2n, max: 1000n }), (list, factor) => {
      expect(sharesOf(list.map((each) => ({ ...each, stake: each.stake * factor })))).toEqual(sharesOf(list));
    }),
  );
});

test('members who agree on no market leave nothing to split by', () => {
  const alone = [0, 1, 2].map((own) => ({ stake: 100n, weights: [0, 1, 2].map((at) => (at === own ? 1 : 0)) }));
  expect(sharesOf(alone)).toEqual([]);
});
