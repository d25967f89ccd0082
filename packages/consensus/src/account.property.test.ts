import process from 'node:process';
import { describe, expect, test } from 'vitest';
import { randomNetwork } from '../test/random-network.ts';
import { sequence } from '../test/sequence.ts';
import { payPots, type Pots } from './emission.ts';
import type { EpochInput, EpochOutput, Formula } from './epoch-types.ts';
import { runEpoch } from './epoch.ts';
import { divide, multiply, ONE, shareOf, sum, toU16Share, ZERO } from './fixed.ts';
import { runKernelEpoch } from './kernel.ts';
import { minerAccount } from './miner-account.ts';
import { validatorAccount } from './validator-account.ts';

/** Anew on every run; a failure names the seed of its network, and `ACCOUNT_SEED=… npm run unit` begins there. */
const SEED = Number(process.env['ACCOUNT_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const NETWORKS = 400;
const SLOW = { timeout: 240_000 };

interface Sample {
  readonly seed: number;
  readonly input: EpochInput;
  readonly output: EpochOutput;
  readonly pots: Pots;
}

/** Random networks under one formula, every second one with the bonds that its first epoch left. */
function* samples(formula: Formula, run: (input: EpochInput) => EpochOutput = runEpoch): Generator<Sample> {
  for (let index = 0; index < NETWORKS; index += 1) {
    const seed = (SEED + index) >>> 0;
    const dice = sequence(seed);
    const { first } = randomNetwork(seed);
    const fresh = { ...first, parameters: { ...first.parameters, formula } };
    const input = dice.chance(50) ? fresh : withBondsOf(fresh, runEpoch(fresh));
    yield { seed, input, output: run(input), pots: { miners: dice.wide(50), validators: dice.wide(50) } };
  }
}

function withBondsOf(input: EpochInput, { bonds, permits }: EpochOutput): EpochInput {
  const neurons = input.neurons.map((neuron, uid) => ({
    ...neuron,
    bonds: bonds[uid] ?? [],
    permit: permits[uid] === true,
  }));
  return { ...input, neurons };
}

const total = (values: readonly bigint[]): bigint => values.reduce((left, right) => left + right, 0n);

describe.for<Formula>(['yuma2', 'yuma2-liquid', 'yuma3', 'yuma3-liquid'])('%s', (formula) => {
  test(`${NETWORKS} networks: the lines of every miner add up to its rank, incentive and pay`, SLOW, () => {
    for (const { seed, input, output, pots } of samples(formula)) {
      const paid = payPots(output, pots);
      for (const uid of input.neurons.keys()) {
        const account = minerAccount(uid, { input, output, pots });
        const { lines } = account;
        const stored = {
          prerank: output.prerank[uid],
          rank: output.rank[uid],
          incentive: output.incentive[uid],
          u16: output.u16.incentive[uid],
          rao: paid.incentive[uid],
        };
        const added = {
          prerank: total(lines.map(({ offered }) => offered)),
          rank: total(lines.map(({ contribution }) => contribution)),
          incentive: total(lines.map(({ incentive }) => incentive)) + account.incentiveRest,
          u16: toU16Share(account.incentive),
          rao: total(lines.map(({ rao }) => rao)) + account.raoRest,
        };
        expect(added, `ACCOUNT_SEED=${seed} uid ${uid}`).toEqual(stored);
        expect(account.clipped).toBe(account.prerank - account.rank);
        expect(account.rankSum === ZERO ? account.rank : divide(account.rank, account.rankSum)).toBe(account.incentive);
        expect(shareOf(account.incentive, account.pot)).toBe(account.rao);
        expectSmallRests([account.incentiveRest, account.raoRest], BigInt(lines.length), pots);
      }
    }
  });

  test(`${NETWORKS} networks: the lines of every validator add up to its dividends and pay`, SLOW, () => {
    for (const { seed, input, output, pots } of samples(formula)) {
      const paid = payPots(output, pots);
      const accounts = [...input.neurons.keys()].map((uid) => validatorAccount(uid, { input, output, pots }));
      for (const [uid, account] of accounts.entries()) {
        const { lines } = account;
        const added = {
          dividends: total(lines.map(({ dividends }) => dividends)) + account.dividendsRest,
          rao: total(lines.map(({ rao }) => rao)) + account.byStake + account.raoRest,
          earned: total(lines.map(({ bondShare, incentive }) => multiply(bondShare, incentive))),
          trust: total(lines.map(({ counted }) => counted)),
          weights: total(lines.map(({ counted, clipped }) => counted + clipped)),
        };
        const stored = {
          dividends: output.dividends[uid],
          rao: paid.dividends[uid],
          earned: account.earned,
          trust: output.validatorTrust[uid],
          weights: total((output.weights[uid] ?? []).map(([, value]) => value)),
        };
        expect(added, `ACCOUNT_SEED=${seed} uid ${uid}`).toEqual(stored);
        expect(account.weighedSum === ZERO ? account.weighed : divide(account.weighed, account.weighedSum)).toBe(
          account.dividends,
        );
        // Under Yuma 3 each line is floored before it is divided, which makes its unit worth ONE / weighedSum of them (less than
        // the floored quotient and one), and floored once more after it.
        const most = account.weighedSum === ZERO ? 0n : BigInt(lines.length) * (ONE / account.weighedSum + 2n);
        expectSmallRests([account.dividendsRest, account.raoRest], most, pots);
      }
      expect(sum(accounts.map(({ weighed }) => weighed))).toBe(accounts[0]?.weighedSum ?? ZERO);
    }
  });
});

/** A rest is what rounding leaves: so many units of shares at most, and what those are worth in money. */
function expectSmallRests([ofShares = 0n, ofMoney = 0n]: readonly bigint[], most: bigint, pots: Pots): void {
  const unitWorth = ((pots.miners + pots.validators) >> 32n) + 1n;
  expect(ofShares >= 0n && ofShares <= most, `${ofShares} units`).toBe(true);
  expect(ofMoney >= 0n && ofMoney <= (most + 256n) * unitWorth, `${ofMoney} rao`).toBe(true);
}

test('what the two pots leave to nobody is what they do not pay', () => {
  for (const { seed, input, output, pots } of samples('yuma3')) {
    const { unattributed } = minerAccount(0, { input, output, pots });
    const paid = input.neurons.map(
      (_, uid) => minerAccount(uid, { input, output, pots }).rao + validatorAccount(uid, { input, output, pots }).rao,
    );
    expect(total(paid) + unattributed, `ACCOUNT_SEED=${seed}`).toBe(pots.miners + pots.validators);
  }
});

test('the kernel gives the same accounts as the reference', SLOW, () => {
  const reference = [...samples('yuma3-liquid')];
  for (const [at, { input, output, pots }] of [...samples('yuma3-liquid', runKernelEpoch)].entries()) {
    for (const uid of input.neurons.keys()) {
      const other = { input, output: reference[at]?.output ?? output, pots };
      expect(minerAccount(uid, { input, output, pots })).toEqual(minerAccount(uid, other));
      expect(validatorAccount(uid, { input, output, pots })).toEqual(validatorAccount(uid, other));
    }
  }
});
