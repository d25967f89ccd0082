import process from 'node:process';
import { expect, test } from 'vitest';
import { randomNetwork } from '../test/random-network.ts';
import { type Sequence, sequence } from '../test/sequence.ts';
import type { EpochInput, EpochOutput } from './epoch-types.ts';
import { mayRate, runEpoch } from './epoch.ts';
import { HALF, ZERO } from './fixed.ts';
import { commonLever, minerLever, type MinerLever } from './miner-lever.ts';
import type { Row } from './sparse.ts';
import type { WeightRaise } from './weight-raise.ts';
import { movableRow, POSITION_MAX, positionOfShare, rowAt, shareAt } from './weight-row.ts';

/** Anew on every run; a failure names the seed of its network, and `LEVER_SEED=… npm run unit` begins there. */
const SEED = Number(process.env['LEVER_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const NETWORKS = 250;
const SLOW = { timeout: 240_000 };

interface Case {
  readonly seed: number;
  readonly dice: Sequence;
  readonly input: EpochInput;
  readonly output: EpochOutput;
  readonly minerUid: number;
  readonly lever: MinerLever;
}

/** A miner of each network that has one above it. Searches use the kernel; here all is asked of the reference. */
function* cases(): Generator<Case> {
  for (let index = 0; index < NETWORKS; index += 1) {
    const seed = (SEED + index) >>> 0;
    const dice = sequence(seed);
    const { first: input } = randomNetwork(seed);
    if (input.neurons.length > 24) continue;
    const output = runEpoch(input);
    const minerUid = dice.below(input.neurons.length);
    const lever = minerLever(input, output, minerUid);
    if (lever !== undefined) yield { seed, dice, input, output, minerUid, lever };
  }
}

function movableOf({ input, minerUid }: Case, uid: number) {
  return movableRow(input.neurons[uid]?.weights ?? [], minerUid, (to) => mayRate(input, uid, to));
}

function passesWith({ input, minerUid, lever }: Case, rows: ReadonlyMap<number, Row<number>>): boolean {
  const neurons = input.neurons.map((neuron, uid) => ({ ...neuron, weights: rows.get(uid) ?? neuron.weights }));
  const { incentive } = runEpoch({ ...input, neurons });
  return (incentive[minerUid] ?? ZERO) > (incentive[lever.passUid] ?? ZERO);
}

const passesAt = (found: Case, uid: number, position: number): boolean =>
  passesWith(found, new Map([[uid, rowAt(movableOf(found, uid), position)]]));

/** The row as the answer tells it, without the code that found it. */
function toldRow({ input, minerUid }: Case, raise: WeightRaise): Row<number> {
  const others = (input.neurons[raise.validatorUid]?.weights ?? []).filter(([uid]) => uid !== minerUid);
  const scaled = others.map(([uid, value]) => [uid, Math.floor((value * raise.othersU16) / 65_535)] as const);
  return [...scaled, [minerUid, raise.toU16] as const].toSorted(([left], [right]) => left - right);
}

test(`${NETWORKS} networks: what is told to pass passes, a step less does not, and nothing below it does`, SLOW, () => {
  let passing = 0;
  for (const found of cases()) {
    for (const raise of found.lever.raises.filter(({ outcome }) => outcome === 'passes')) {
      const where = `LEVER_SEED=${found.seed} validator ${raise.validatorUid}`;
      const uid = raise.validatorUid;
      const position = raise.toU16 + 65_535 - raise.othersU16;
      expect(passesWith(found, new Map([[uid, toldRow(found, raise)]])), `${where}`).toBe(true);
      expect(passesAt(found, uid, position - 1), `${where}`).toBe(false);
      const movable = movableOf(found, uid);
      expect(shareAt(movable, position) - shareAt(movable, movable.position), `${where}`).toBe(raise.more);
      expect(shareAt(movable, movable.position), `${where}`).toBe(raise.gave);
      // Where only the one weight moves the answer is the very first; scaled rows are floored one by one.
      const below = Math.max(1, Math.min(position, 65_535) - raise.fromU16);
      expect(passesAt(found, uid, raise.fromU16 + found.dice.below(below)), `${where}`).toBe(false);
      passing += 1;
    }
  }
  expect(passing).toBeGreaterThan(NETWORKS / 10);
});

test(
  `${NETWORKS} networks: who is told not to pass does not anywhere, and nobody is cheaper than the cheapest`,
  SLOW,
  () => {
    for (const found of cases()) {
      const { raises, cheapest } = found.lever;
      const where = (raise: WeightRaise): string => `LEVER_SEED=${found.seed} validator ${raise.validatorUid}`;
      for (const raise of raises.filter(({ outcome }) => outcome === 'not-pass')) {
        expect(passesAt(found, raise.validatorUid, POSITION_MAX), `${where(raise)}`).toBe(false);
        expect(passesAt(found, raise.validatorUid, found.dice.below(65_535)), `${where(raise)}`).toBe(false);
      }
      for (const raise of raises.filter(({ outcome }) => outcome === 'passes')) {
        expect(raise.more >= (cheapest?.more ?? ZERO), `${where(raise)}`).toBe(true);
      }
      for (const raise of raises.filter(({ outcome }) => outcome === 'not-counted')) {
        const movable = movableOf(found, raise.validatorUid);
        const isSilent = movable.position + movable.othersSum === 0;
        expect(isSilent || !mayRate(found.input, raise.validatorUid, found.minerUid), `${where(raise)}`).toBe(true);
      }
      expect(cheapest === undefined).toBe(raises.every(({ outcome }) => outcome !== 'passes'));
      expect(found.lever.complete).toBe(true);
    }
  },
);

test(`${NETWORKS} networks: what all together would have to give is enough, and a step less is not`, SLOW, () => {
  for (const found of cases()) {
    const { together } = found.lever;
    const where = `LEVER_SEED=${found.seed}`;
    const rowsAt = (steps: number): ReadonlyMap<number, Row<number>> =>
      new Map(
        together.validatorUids.map((uid) => {
          const movable = movableOf(found, uid);
          const share = shareAt(movable, movable.position) + (BigInt(steps) << 32n) / 65_535n;
          return [uid, rowAt(movable, Math.max(movable.position, positionOfShare(movable, share)))] as const;
        }),
      );
    const told = commonLever(found.input, found.output, found.minerUid);
    expect([told?.more, told?.place], `${where}`).toEqual([together.more, together.place]);
    for (const uid of together.validatorUids) expect(found.output.validatorTrust[uid]! >= HALF).toBe(true);
    // One that cannot be reached fails at the last step as well.
    const steps = together.more === undefined ? 65_536 : Math.round((Number(together.more) * 65_535) / 2 ** 32);
    expect(passesWith(found, rowsAt(steps - 1)), `${where}`).toBe(false);
    expect(passesWith(found, rowsAt(steps)), `${where}`).toBe(together.more !== undefined);
  }
});
