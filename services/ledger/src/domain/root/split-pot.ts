import { U96F32 } from '@subnetes/consensus/number-form';
import { rootProportion } from '@subnetes/consensus/root-proportion';
import { subnetStakeOf, type SealedNeuron } from '../economy/sealed-epoch.ts';
import { rootWeightOf } from './root-stake.ts';

/** What an epoch distributes, in rao: owner + miner + validator = pot. */
export interface PotSplit {
  readonly owner: bigint;
  readonly miner: bigint;
  readonly validator: bigint;
  /** Of the validators' half what is for stake on root. */
  readonly root: bigint;
}

const U16 = 65_535n;

/**
 * The owner's cut first, half of the rest to miners, the other half to validators, root taking its proportion (U96F32) out of
 * theirs. What flooring leaves is the validators'. Source: opentensor/subtensor coinbase/run_coinbase.rs, emit_to_subnets.
 */
export function splitPot(
  pot: bigint,
  shares: { readonly ownerCutU16: number; readonly rootProportion: bigint },
): PotSplit {
  const { fromInteger, multiply, one, toUnits } = U96F32;
  const owner = (pot * BigInt(shares.ownerCutU16)) / U16;
  const rest = pot - owner;
  const miner = rest / 2n;
  const root = toUnits(multiply(multiply(shares.rootProportion, fromInteger(rest)), one / 2n));
  return { owner, miner, validator: rest - miner, root };
}

/**
 * Root's part in a subnet (U96F32): the stake on root that was sealed behind its neurons, by its weight, against that and the
 * subnet's own stake. The chain has all of root there and the subnet's token: here both are one token, and what stands behind
 * nobody in this subnet earns nothing in it.
 */
export function sealedProportion(neurons: readonly SealedNeuron[], weightPpm: number): bigint {
  if (weightPpm === 0) return 0n;
  const rootTao = neurons.reduce((sum, { root }) => sum + (root?.stake ?? 0n), 0n);
  const alphaIssuance = neurons.reduce((sum, neuron) => sum + subnetStakeOf(neuron), 0n);
  return rootProportion({ rootTao, taoWeight: rootWeightOf(weightPpm), alphaIssuance });
}
