import type { EpochInput, EpochOutput } from '@subnetes/consensus/epoch-types';
import {
  divide,
  type Fixed,
  fromU16Share,
  maximum,
  multiply,
  ONE,
  subtract,
  U16_MAX,
  ZERO,
} from '@subnetes/consensus/fixed';
import { weightedMedian } from '@subnetes/consensus/median';
import { normalise, type Row } from '@subnetes/consensus/sparse';
import { splitByLargestRemainder } from '@subnetes/money/split';
import { totalOf } from './reapportion.ts';

/** Rounds in which rows are brought to one scale. The error shrinks by the number of miners a validator judges each time. */
const SCALE_ROUNDS = 8;
/** The highest common level in a completed row; twice that is left for who rates a miner higher. */
const LEVEL_MAX = 32_767n;

/** A validator that judged at least one of its miners. */
interface Judge {
  readonly uid: number;
  readonly stake: Fixed;
  /** All miners that are its to judge. */
  readonly miners: readonly number[];
  /** Its scores of them, of any scale; a miner that it left out has none, which is zero. */
  readonly scores: ReadonlyMap<number, Fixed>;
}

/** Whether a validator (uid) may judge a miner (uid). */
export type Judges = (validator: number, miner: number) => boolean;

/**
 * Rows in which weights outside a validator's assignment do not count, completed so that nobody is punished for a miner that
 * was not its to judge:
 *
 * 1. Every judge's scores are scaled so that what it gives its own miners together is what all judges give them together.
 *    (Rows have no common scale, and two validators with different miners cannot be compared by shares of their sums.)
 * 2. The level of a miner is the kappa-weighted median of its own judges: the epoch's rule, among them.
 * 3. A row is completed with the level of each miner that it was not to judge; all rows then have one sum, exactly.
 *
 * The unchanged epoch finds these levels as its consensus: whoever did not judge a miner agrees with its judges, so no level
 * above has kappa behind it, and this one has. Completed entries are therefore never clipped, and bonds and dividends of
 * honest validators do not depend on the draw. A validator that judged none of its miners gets no row: silence stays
 * silence. If every voting validator judges every rated miner, the input is returned as it is.
 */
export function completeAssigned(input: EpochInput, output: EpochOutput, mayJudge: Judges): EpochInput {
  const voters = output.activeStake.flatMap((stake, uid) => (stake > ZERO ? [uid] : []));
  const rated = ratedMiners(output, voters);
  const isComplete = voters.every((uid) => rated.every((miner) => uid === miner || mayJudge(uid, miner)));
  if (isComplete) return input;
  const judges = voters.flatMap((uid) => judgeOf(uid, output, { rated, mayJudge }));
  const shares = commonLevels(judges, {
    columns: input.neurons.length,
    kappa: fromU16Share(input.parameters.kappaU16),
  });
  const highest = shares.reduce(maximum, ZERO);
  const levels = shares.map((share) => (highest === ZERO ? 0n : (share * LEVEL_MAX) / highest));
  const rows = new Map(judges.map((judge) => [judge.uid, completedRow(judge, levels)]));
  const voting = new Set(voters);
  const neurons = input.neurons.map((neuron, uid) =>
    voting.has(uid) ? { ...neuron, weights: rows.get(uid) ?? [] } : neuron,
  );
  return { ...input, neurons };
}

/** Miners to whom any voting validator gave anything. */
function ratedMiners({ weights }: EpochOutput, voters: readonly number[]): number[] {
  const rated = new Set(
    voters.flatMap((uid) => (weights[uid] ?? []).flatMap(([miner, share]) => (share > ZERO ? [miner] : []))),
  );
  return [...rated].toSorted((left, right) => left - right);
}

function judgeOf(
  uid: number,
  output: EpochOutput,
  { rated, mayJudge }: { readonly rated: readonly number[]; readonly mayJudge: Judges },
): Judge[] {
  const row = output.weights[uid] ?? [];
  const scores = new Map(row.filter(([miner, share]) => share > ZERO && mayJudge(uid, miner)));
  if (scores.size === 0) return [];
  const miners = rated.filter((miner) => scores.has(miner) || (miner !== uid && mayJudge(uid, miner)));
  return [{ uid, stake: output.activeStake[uid] ?? ZERO, miners, scores }];
}

/** Levels of all miners as shares of their sum: alternately scale the judges to the levels and take the levels anew. */
function commonLevels(
  judges: readonly Judge[],
  { columns, kappa }: { readonly columns: number; readonly kappa: Fixed },
): readonly Fixed[] {
  const judged = new Set(judges.flatMap(({ miners }) => miners));
  const start = judged.size === 0 ? ZERO : ONE / BigInt(judged.size);
  let levels: readonly Fixed[] = Array.from({ length: columns }, (_, miner) => (judged.has(miner) ? start : ZERO));
  for (let round = 0; round < SCALE_ROUNDS; round += 1) {
    levels = normalise(medianLevels(judges, levels, kappa));
  }
  return levels;
}

function medianLevels(judges: readonly Judge[], levels: readonly Fixed[], kappa: Fixed): Fixed[] {
  const votes = levels.map((): { stake: Fixed; score: Fixed }[] => []);
  for (const { stake, miners, scores } of judges) {
    const mass = miners.reduce((sum, miner) => sum + (levels[miner] ?? ZERO), ZERO);
    const factor = divide(mass, totalOf([...scores.values()]));
    for (const miner of miners) votes[miner]?.push({ stake, score: multiply(scores.get(miner) ?? ZERO, factor) });
  }
  return votes.map((column) => {
    const stakes = normalise(column.map(({ stake }) => stake));
    const total = totalOf(stakes);
    return weightedMedian(
      column.map(({ score }, position) => ({ score, stake: stakes[position] ?? ZERO })),
      subtract(total, kappa),
      total,
    );
  });
}

/** Own miners share their levels' sum by own scores (largest remainder), all others stand at their level. */
function completedRow({ uid, miners, scores }: Judge, levels: readonly bigint[]): Row<number> {
  const mass = miners.reduce((sum, miner) => sum + (levels[miner] ?? 0n), 0n);
  const parts = splitByLargestRemainder(
    mass,
    miners.map((miner) => scores.get(miner) ?? ZERO),
  );
  const own = new Map(miners.map((miner, position) => [miner, parts[position] ?? 0n]));
  return levels.flatMap((level, miner) => {
    const value = own.get(miner) ?? (miner === uid ? 0n : level);
    // An entry above u16 is held there, which leaves its row a smaller sum: more than twice the level is clipped anyway.
    return value > 0n ? [[miner, Number(value > BigInt(U16_MAX) ? U16_MAX : value)] as const] : [];
  });
}
