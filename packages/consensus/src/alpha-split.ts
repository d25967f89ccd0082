import { U96F32 } from './number-form.ts';

/** How one block's emission of a subnet's token is parted, in whole units; the parts and the rest sum to the emission. */
export interface AlphaSplit {
  readonly owner: bigint;
  readonly miners: bigint;
  /** For dividends on the subnet's own stake. */
  readonly validators: bigint;
  /** For dividends on root stake. */
  readonly root: bigint;
  /** What truncation leaves; the chain mints it all the same and assigns it to nobody. */
  readonly unattributed: bigint;
}

/** What owners get, of 65535: 18 %. */
export const OWNER_CUT_U16 = 11_796;

/** u16 share of 65535 as U96F32. */
export function cutOf(shareU16: number): bigint {
  return U96F32.divide(U96F32.fromInteger(BigInt(shareU16)), U96F32.fromInteger(65_535n));
}

/**
 * Owner's cut first (U96F32, 0 when it is switched off), half of the rest to miners, the other half to validators, root taking
 * its proportion (U96F32) out of theirs. Source: opentensor/subtensor coinbase/run_coinbase.rs, emit_to_subnets.
 */
export function splitAlpha(
  emission: bigint,
  shares: { readonly ownerCut: bigint; readonly rootProportion: bigint },
): AlphaSplit {
  const { fromInteger, multiply, one, subtract, toUnits } = U96F32;
  const half = one / 2n;
  const created = fromInteger(emission);
  const ownerCut = multiply(created, shares.ownerCut);
  const rest = subtract(created, ownerCut);
  const rootAlpha = multiply(multiply(shares.rootProportion, rest), half);
  const minerAlpha = multiply(rest, half);
  const validatorAlpha = subtract(subtract(rest, minerAlpha), rootAlpha);
  const [owner, miners, validators, root] = [ownerCut, minerAlpha, validatorAlpha, rootAlpha].map(toUnits) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  return { owner, miners, validators, root, unattributed: emission - owner - miners - validators - root };
}
