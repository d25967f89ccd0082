/** What a pool's price follows: the chain's weighted curve, or a plain constant product. */
export type CurveType = 'Balancer' | 'Product';

/** Terms of the tokens that subnets of a network have, out of its genesis. */
export interface SubnetTokens {
  readonly type: CurveType;
  /** Fee of a swap, of 65535, off what the trader gives. */
  readonly feeU16: number;
  /** Fees stay in the pool, or go to the account without a key; in the asset that the trader gave. */
  readonly feeTo: 'Burned' | 'Pool';
  /** Rao that the owner's mandate puts into the pool of a subnet that begins. */
  readonly initialLiquidity: bigint;
  /** Part of what a subnet gets of a block that goes into its pool, in parts per million; the rest goes into its pot. */
  readonly poolPpm: number;
  /** What a rao on the root network weighs against a unit of a subnet's token, in parts per million. */
  readonly taoWeightPpm: number;
  /** Weight of the spot price in the moving price of an old subnet, in parts per million. */
  readonly movingPpm: number;
  /** Age in blocks at which a subnet's moving price has half of that weight. */
  readonly movingHalvingBlocks: number;
}

/** The chain's figures where it has one. */
export const TOKEN_DEFAULTS: Omit<SubnetTokens, 'type' | 'initialLiquidity'> = {
  feeU16: 33,
  feeTo: 'Burned',
  poolPpm: 200_000,
  taoWeightPpm: 180_000,
  movingPpm: 3,
  movingHalvingBlocks: 201_600,
};

/** The most that a fee may be: the chain's. */
export const FEE_MAX_U16 = 10_000;

/** Symbol of a subnet's token. The network's own has no digits. */
export function tokenOf(netuid: number): string {
  return `ALPHA${netuid}`;
}
