/** How the block reward falls as issuance grows. `ByIssuance`: it halves each time half of what was left is issued. */
export type Halving = 'ByIssuance' | 'None';

/** What decides how much a block may mint, in smallest units; one rule for the network's token and for each subnet's. */
export interface IssuanceRules {
  readonly cap: bigint;
  readonly blockReward: bigint;
  readonly halving: Halving;
}

/** 21 million tokens of 10^9 units, one token a block at first. */
export const CHAIN_ISSUANCE: IssuanceRules = {
  cap: 21_000_000_000_000_000n,
  blockReward: 1_000_000_000n,
  halving: 'ByIssuance',
};

/**
 * Halvings that an issuance has gone through: the largest h with issued ≥ cap·(1 − 2^−h), so at 21 M the thresholds are
 * 10.5 M, 15.75 M, 18.375 M, … They depend on issuance and never on height. The chain takes a logarithm in I96F32 and floors it;
 * this is the same number in exact integers. Source: opentensor/subtensor coinbase/block_emission.rs.
 *
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
