import { splitByLargestRemainder } from '@subnetes/money/split';

/** Percent of a charge: who answered, who runs the market, the network. */
export const SHARE_PERCENT = { miner: 80n, owner: 18n, network: 2n } as const;

/** The ledger's account for the network's share. */
export const NETWORK_ACCOUNT = 'network';

/** The ledger's account of burned money: for the network's share where the network splits emission by use. */
export const BURNED_ACCOUNT = 'burned';

/** A charge in parts; they sum to it, to the rao. */
export interface Shares {
  readonly minerRao: bigint;
  readonly ownerRao: bigint;
  readonly networkRao: bigint;
}

/** Splits a charge by largest remainder. Of equal remainders the miner's comes first, then the owner's. */
export function splitCharge(amountRao: bigint): Shares {
  const { miner, owner, network } = SHARE_PERCENT;
  const [minerRao = 0n, ownerRao = 0n, networkRao = 0n] = splitByLargestRemainder(amountRao, [miner, owner, network]);
  return { minerRao, ownerRao, networkRao };
}
