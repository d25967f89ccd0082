import { blockReward } from '@subnetes/consensus/issuance';
import { splitByLargestRemainder } from '@subnetes/money/split';
import { sharesByPools } from '../pools/emission-by-pools.ts';
import { takesPart } from '../life/subnet-life.ts';
import type { RootShares, SubnetShare } from './emission-state.ts';
import { nextUse, splitByUse, utilityFromBlock } from './emission-utility.ts';
import type { Ledger } from './ledger.ts';
import type { Subnet } from './subnet.ts';

/** All of a block, in parts per million. */
export const SHARES_PPM = 1_000_000;

/**
 * By what blocks are split: `EqualUntilRootWeights` while the root network has agreed on nothing, `EqualUntilUtility` before
 * the first block that goes by use and while there is none to speak of, and likewise with pools.
 */
export type EmissionBasis =
  | 'Equal'
  | 'EqualUntilRootWeights'
  | 'RootWeights'
  | 'EqualUntilUtility'
  | 'Utility'
  | 'EqualUntilMovingPrice'
  | 'MovingPrice'
  | 'EqualUntilFlow'
  | 'Flow';

export interface EmissionSplit {
  readonly basis: EmissionBasis;
  /** Epoch of the root network that the weights come from; 0 where none does. */
  readonly epoch: number;
  /** One a started subnet, ascending by netuid; whole numbers of any scale. */
  readonly parts: readonly { readonly netuid: number; readonly weight: bigint }[];
}

const ROOT_SHARES_KEY = 'root';

/** How a block, the next one unless said otherwise, is split between the started subnets. */
export function emissionSplit(ledger: Ledger, block = ledger.block + 1): EmissionSplit {
  const { emissionPolicy } = ledger.network.genesis;
  const started = startedSubnets(ledger).map(({ netuid }) => netuid);
  const equal = started.map((netuid) => ({ netuid, weight: 1n }));
  if (emissionPolicy.name === 'Equal') return { basis: 'Equal', epoch: 0, parts: equal };
  if (emissionPolicy.name === 'Utility') {
    const use = started.map((netuid) => (block < utilityFromBlock(emissionPolicy) ? 0n : nextUse(ledger, netuid)));
    if (use.every((amount) => amount === 0n)) return { basis: 'EqualUntilUtility', epoch: 0, parts: equal };
    const amounts = splitByUse(blockReward(ledger.network.genesis, ledger.issued), use);
    // The weights come to the reward itself, so that splitting it by them changes none.
    const parts = started.map((netuid, at) => ({ netuid, weight: amounts[at] ?? 0n }));
    return { basis: 'Utility', epoch: 0, parts };
  }
  if (emissionPolicy.name === 'MovingPrice' || emissionPolicy.name === 'Flow') {
    const { name, fromBlock = 1 } = emissionPolicy;
    const shares = block < fromBlock ? [] : sharesByPools(ledger, emissionPolicy, started);
    if (shares.every((share) => share === 0n)) return { basis: `EqualUntil${name}`, epoch: 0, parts: equal };
    return { basis: name, epoch: 0, parts: started.map((netuid, at) => ({ netuid, weight: shares[at] ?? 0n })) };
  }
  const root = ledger.rootShares.get(ROOT_SHARES_KEY);
  if (root === undefined || root.shares.length === 0) {
    return { basis: 'EqualUntilRootWeights', epoch: 0, parts: equal };
  }
  const weights = new Map(root.shares.map(({ netuid, sharePpm }) => [netuid, BigInt(sharePpm)]));
  return {
    basis: 'RootWeights',
    epoch: root.index,
    parts: started.map((netuid) => ({ netuid, weight: weights.get(netuid) ?? 0n })),
  };
}

/**
 * Splits an amount by largest remainder. Where no started subnet has a share there is nobody to give it to: all parts are
 * zero, and the block mints nothing.
 */
export function splitEmission(reward: bigint, { parts }: EmissionSplit): readonly bigint[] {
  if (parts.every(({ weight }) => weight === 0n)) return parts.map(() => 0n);
  return splitByLargestRemainder(
    reward,
    parts.map(({ weight }) => weight),
  );
}

/** The split as everybody is told of it, rounded by largest remainder. */
export function sharesPpm(split: EmissionSplit): readonly SubnetShare[] {
  const ppm = splitEmission(BigInt(SHARES_PPM), split);
  return split.parts.map(({ netuid }, at) => ({ netuid, sharePpm: Number(ppm[at] ?? 0n) }));
}

/** Subnets that take part in the split, ascending by netuid. */
export function startedSubnets(ledger: Ledger): readonly Subnet[] {
  return [...ledger.subnets.values()]
    .filter((subnet) => subnet.emission === 'Started' && takesPart(subnet))
    .toSorted((a, b) => a.netuid - b.netuid);
}

/** From the next block on. */
export function applyRootShares(ledger: Ledger, root: RootShares): void {
  ledger.rootShares.put(ROOT_SHARES_KEY, root);
}

/** Why shares are none of the sealed subnets'; undefined when they are. */
export function sharesMismatch(
  sealed: readonly { readonly netuid: number }[] | undefined,
  shares: readonly SubnetShare[],
): string | undefined {
  if (sealed === undefined) return shares.length === 0 ? undefined : 'only the root network shares out emission';
  if (shares.length === 0) return undefined;
  if (shares.length !== sealed.length || shares.some(({ netuid }, at) => netuid !== sealed[at]?.netuid)) {
    return `shares are of subnets ${shares.map(({ netuid }) => netuid).join(', ')}, sealed were ${sealed.map(({ netuid }) => netuid).join(', ')}`;
  }
  if (shares.some(({ sharePpm }) => !Number.isInteger(sharePpm) || sharePpm < 0)) return 'a share is no whole number';
  const total = shares.reduce((sum, { sharePpm }) => sum + sharePpm, 0);
  return total === SHARES_PPM ? undefined : `shares come to ${total} instead of ${SHARES_PPM} ppm`;
}
