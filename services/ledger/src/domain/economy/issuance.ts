/** How the block reward falls as issuance grows. `ByIssuance`: it halves each time half of what was left is issued. */
export type Halving = 'ByIssuance' | 'None';

/** What decides how much a block may mint, in smallest units. */
export interface IssuanceRules {
  readonly cap: bigint;
  readonly blockReward: bigint;
  readonly halving: Halving;
}

/**
 * Halvings that an issuance has gone through: the largest h with issued ≥ cap·(1 − 2^−h), so at 21 M the thresholds are
 * 10.5 M, 15.75 M, 18.375 M, … They depend on issuance and never on height (Subtensor's block emission, in exact integers).
 * Throws RangeError when nothing is left, as there is no largest h then.
 */
export function halvingsAt(issued: bigint, cap: bigint): bigint {
  if (issued >= cap) throw new RangeError('all is issued');
  let halvings = 0n;
  while ((cap - issued) << (halvings + 1n) <= cap) halvings += 1n;
  return halvings;
}

/** What the next block mints: the halved reward, and never more than is left under the cap. */
export function blockReward(rules: IssuanceRules, issued: bigint): bigint {
  const left = rules.cap - issued;
  if (left <= 0n) return 0n;
  const reward = rules.halving === 'None' ? rules.blockReward : rules.blockReward >> halvingsAt(issued, rules.cap);
  return reward < left ? reward : left;
}
