/** What a validator knows about one miner when it sets weights. */
export type Standing = {
  readonly uid: number;
  /** Average loss over the horizons; undefined until every horizon was judged once. Lower is better. */
  readonly loss: number | undefined;
  /** Challenges it was asked and those it answered validly, over the same time. */
  readonly asked: number;
  readonly valid: number;
  /** Whether it answered often enough to be told from a copy. */
  readonly isComparable: boolean;
  readonly isCopy: boolean;
};

export type UidWeight = { readonly uid: number; /** u16 */ readonly value: number };

/** How fast weight falls as the loss rises above the best: one percent more loss costs about five percent of weight. */
const STEEPNESS = 5;
/** A miner that answers validly less often than this earns nothing. */
const VALID_SHARE_MIN = 0.5;
const U16_MAX = 65_535;

/** The function below in the words that a subnet's rubric carries. */
export const SCORE_TO_WEIGHT_RULE =
  'weight = exp(−5 × (loss / best loss − 1)) × share of valid answers; a copy weighs nothing, nor does a miner with less than half of its answers valid, nor one that has not yet answered on half an epoch of consecutive days, since it cannot be told from a copy';

/**
 * Turns standings into weights by SCORE_TO_WEIGHT_RULE, the largest scaled to 65535. The best loss is that of the
 * miners that may earn. Miners without weight are left out; the list is empty where nobody may earn. Sorted by uid.
 */
export function scoresToWeights(standings: readonly Standing[]): readonly UidWeight[] {
  const earning = standings.flatMap((standing) => {
    const validShare = standing.asked === 0 ? 0 : standing.valid / standing.asked;
    const isKnown = standing.loss !== undefined && standing.isComparable;
    const mayEarn = isKnown && !standing.isCopy && validShare >= VALID_SHARE_MIN;
    return mayEarn ? [{ uid: standing.uid, loss: standing.loss, validShare }] : [];
  });
  const bestLoss = Math.max(Number.MIN_VALUE, Math.min(...earning.map((one) => one.loss)));
  const scores = earning.map(({ uid, loss, validShare }) => ({
    uid,
    score: Math.exp(-STEEPNESS * (loss / bestLoss - 1)) * validShare,
  }));
  return toU16(scores);
}

/**
 * A drill, not a way to validate: gives what the honest weights leave to the largest, so that the worst, copies and
 * broken miners get most. It plays the dishonest validator of a sample market.
 */
export function invertWeights(weights: readonly UidWeight[], standings: readonly Standing[]): readonly UidWeight[] {
  const given = new Map(weights.map(({ uid, value }) => [uid, value]));
  return toU16(standings.map(({ uid }) => ({ uid, score: U16_MAX - (given.get(uid) ?? 0) })));
}

function toU16(scores: readonly { readonly uid: number; readonly score: number }[]): readonly UidWeight[] {
  const largest = Math.max(0, ...scores.map((one) => one.score));
  if (largest === 0) return [];
  return scores
    .map(({ uid, score }) => ({ uid, value: Math.round((score / largest) * U16_MAX) }))
    .filter(({ value }) => value > 0)
    .toSorted((a, b) => a.uid - b.uid);
}
