import type { EpochInput, EpochOutput } from '@subnetes/consensus/epoch-types';
import { type Fixed, HALF, ZERO } from '@subnetes/consensus/fixed';
import { columnMedians } from '@subnetes/consensus/median';
import { normalise, type Row } from '@subnetes/consensus/sparse';
import { totalVariation, vectorDistance } from './distance.ts';
import type { AbstentionReason, FirewallRules } from './firewall-rules.ts';
import { toPpm } from './ppm.ts';
import { rankCorrelationPpm } from './rank-correlation.ts';

/** Most miners of a row that are remembered: enough for a rank correlation, little to store. */
export const REMEMBERED_MINERS_MAX = 128;

/** What the firewall remembers of a validator. */
export interface RowMemory {
  /** Its last row that counted, by uid. */
  readonly row: Row<number>;
  /** For how many epochs it has been the same while the others moved. */
  readonly sameEpochs: number;
  /** It has turned against that row, and stays out until it no longer stands against the others. */
  readonly isTurned?: true;
}

export interface Suspect {
  readonly uid: number;
  readonly reason: AbstentionReason;
  readonly figures: Readonly<Record<string, number>>;
}

export interface FirewallOutcome {
  readonly suspects: readonly Suspect[];
  /** For the next epoch, by uid; undefined for who has no row. */
  readonly memory: readonly (RowMemory | undefined)[];
}

/** One voting validator, what it says now and how that compares with what it said. */
interface Judged {
  readonly uid: number;
  readonly row: Row;
  readonly stake: Fixed;
  /** The miners of its remembered row, and its scores of them now and then; empty without a past. */
  readonly miners: readonly number[];
  readonly present: readonly Fixed[];
  readonly past: readonly number[];
  readonly wasTurned: boolean;
  /** Undefined when there are too few miners to tell. */
  readonly movedPpm: number | undefined;
}

/**
 * Finds validators whose rows carry no judgement of this epoch. Integers only; every criterion needs the validator's own
 * row to be wrong by itself, and the others to differ from it:
 *
 * - `no-score`: it votes, scored nobody, while others did. Such a vote is a zero for every miner.
 * - `identical-scores`: one score for three quarters of the rated miners or more, while the others tell them apart.
 * - `stale-scores`: the same row as in the epochs before, while half of the others' stake moved.
 * - `reversed-scores`: its order of the miners turned against its own last row that counted, and stands against the
 *   others'; it stays out for as long as it does.
 *
 * So no coalition can make it fire on a validator that scores, tells miners apart, moves, and stays true to itself.
 * Reason: validators whose own dependency failed published eight epochs of identical scores in a live market.
 */
export function findSuspects(
  input: EpochInput,
  output: EpochOutput,
  context: { readonly rules: FirewallRules; readonly memory: readonly (RowMemory | undefined)[] },
): FirewallOutcome {
  const { rules, memory } = context;
  const judged = output.activeStake.flatMap((stake, uid) =>
    stake > ZERO ? [judge({ uid, stake, row: output.weights[uid] ?? [] }, memory[uid], rules)] : [],
  );
  const sameEpochs = new Map(judged.map((own) => [own.uid, sameFor(own, judged, { rules, before: memory[own.uid] })]));
  const suspects = judged.flatMap((own): Suspect[] => {
    const suspect = suspicion(own, output, { rules, sameEpochs: sameEpochs.get(own.uid) ?? 0 });
    return suspect === undefined ? [] : [suspect];
  });
  const kept = new Set(rememberedMiners(output));
  const reasons = new Map(suspects.map(({ uid, reason }) => [uid, reason]));
  return {
    suspects,
    memory: input.neurons.map((neuron, uid): RowMemory | undefined => {
      const before = memory[uid];
      const same = sameEpochs.get(uid);
      if (same === undefined) return before; // had no vote
      const reason = reasons.get(uid);
      if (reason === undefined)
        return remember(
          neuron.weights.filter(([miner]) => kept.has(miner)),
          same,
        );
      const isTurned = reason === 'reversed-scores' || before?.isTurned === true;
      return before && { row: before.row, sameEpochs: same, ...(isTurned ? { isTurned } : {}) };
    }),
  };
}

function remember(row: Row<number>, sameEpochs: number): RowMemory | undefined {
  return row.length === 0 ? undefined : { row, sameEpochs };
}

function judge(
  vote: { readonly uid: number; readonly stake: Fixed; readonly row: Row },
  before: RowMemory | undefined,
  rules: FirewallRules,
): Judged {
  const remembered = new Map(before?.row);
  const miners = [...remembered.keys()];
  const past = [...remembered.values()];
  const shares = new Map(vote.row);
  const present = miners.map((miner) => shares.get(miner) ?? ZERO);
  const moved = vectorDistance(normalise(present), normalise(past.map((value) => BigInt(value) << 32n)));
  const movedPpm = miners.length < rules.minersMin ? undefined : toPpm(moved);
  return { ...vote, miners, present, past, wasTurned: before?.isTurned === true, movedPpm };
}

/** For how many epochs a row has stayed while the others moved; an epoch in which nobody moved counts neither way. */
function sameFor(
  own: Judged,
  judged: readonly Judged[],
  context: { readonly rules: FirewallRules; readonly before: RowMemory | undefined },
): number {
  const { rules, before } = context;
  const so = before?.sameEpochs ?? 0;
  if (own.movedPpm === undefined) return so;
  if (own.movedPpm > rules.staleWithinPpm) return 0;
  const others = judged.filter(({ uid, movedPpm }) => uid !== own.uid && movedPpm !== undefined);
  const moved = others.filter(({ movedPpm }) => (movedPpm ?? 0) >= rules.othersMovedPpm);
  return stakeOf(others) > ZERO && 2n * stakeOf(moved) >= stakeOf(others) ? so + 1 : so;
}

function stakeOf(judged: readonly Judged[]): Fixed {
  return judged.reduce((sum, { stake }) => sum + stake, ZERO);
}

function suspicion(
  own: Judged,
  output: EpochOutput,
  { rules, sameEpochs }: { readonly rules: FirewallRules; readonly sameEpochs: number },
): Suspect | undefined {
  const { uid } = own;
  const scores = own.row.flatMap(([, share]) => (share > ZERO ? [share] : []));
  if (scores.length === 0) {
    const rated = othersConsensus(uid, output).filter((share) => share > ZERO).length;
    const figures = { entries: own.row.length, minersRatedByOthers: rated };
    return rated === 0 ? undefined : { uid, reason: 'no-score', figures };
  }
  const flat = flatness(own, scores, { output, rules });
  if (flat !== undefined) return { uid, reason: 'identical-scores', figures: flat };
  if (own.movedPpm !== undefined && own.movedPpm <= rules.staleWithinPpm && sameEpochs >= rules.staleAfterEpochs) {
    return { uid, reason: 'stale-scores', figures: { movedPpm: own.movedPpm, sameEpochs } };
  }
  const turned = reversal(own, output, rules);
  return turned === undefined ? undefined : { uid, reason: 'reversed-scores', figures: turned };
}

function flatness(
  { uid, row }: Judged,
  scores: readonly Fixed[],
  { output, rules }: { readonly output: EpochOutput; readonly rules: FirewallRules },
): Readonly<Record<string, number>> | undefined {
  const [first = ZERO] = scores;
  const highest = scores.reduce((left, right) => (left > right ? left : right), first);
  const lowest = scores.reduce((left, right) => (left < right ? left : right), first);
  const spreadPpm = toPpm(((highest - lowest) << 32n) / highest);
  if (scores.length < rules.minersMin || spreadPpm > rules.flatWithinPpm) return undefined;
  const others = othersConsensus(uid, output);
  const rated = others.filter((share) => share > ZERO).length;
  const distancePpm = toPpm(totalVariation(row, others));
  if (rated === 0 || 4 * scores.length < 3 * rated || distancePpm < rules.flatDistancePpm) return undefined;
  return { scores: scores.length, spreadPpm, distancePpm };
}

/** Turned against its own past and against the others; once out, only the others decide when it is back. */
function reversal(
  own: Judged,
  output: EpochOutput,
  rules: FirewallRules,
): Readonly<Record<string, number>> | undefined {
  if (own.miners.length < rules.minersMin) return undefined;
  const isAgainst = (correlation: number | undefined): correlation is number =>
    correlation !== undefined && correlation <= -rules.reversalPpm;
  const withOwnPastPpm = rankCorrelationPpm(own.present, own.past);
  if (!own.wasTurned && !isAgainst(withOwnPastPpm)) return undefined;
  const others = othersConsensus(own.uid, output);
  const withOthersPpm = rankCorrelationPpm(
    own.present,
    own.miners.map((miner) => others[miner] ?? ZERO),
  );
  return isAgainst(withOthersPpm)
    ? { miners: own.miners.length, withOwnPastPpm: withOwnPastPpm ?? 0, withOthersPpm }
    : undefined;
}

/** The stake-weighted median without one validator, normalised; all zero when nobody else votes. */
function othersConsensus(uid: number, { weights, activeStake }: EpochOutput): Fixed[] {
  const stake = activeStake.map((share, other) => (other === uid ? ZERO : share));
  return normalise(columnMedians(weights, stake, { columns: activeStake.length, kappa: HALF }));
}

/** The miners whose scores are kept for the next epoch: the best by consensus, lower uids first among equals. */
function rememberedMiners({ consensus }: EpochOutput): number[] {
  return consensus
    .map((share, uid) => ({ share, uid }))
    .toSorted((left, right) => (left.share > right.share ? -1 : left.share < right.share ? 1 : left.uid - right.uid))
    .slice(0, REMEMBERED_MINERS_MAX)
    .map(({ uid }) => uid);
}
