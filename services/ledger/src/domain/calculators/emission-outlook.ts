import {
  constantShare,
  type EmissionOutlook,
  type Interval,
  type SubnetShare,
} from '@subnetes/consensus/projection/emission-path';
import { utilityShare, type UtilityScenario } from '@subnetes/consensus/projection/utility-share';
import {
  emissionSplit,
  type EmissionBasis,
  type EmissionSplit,
  splitEmission,
  startedSubnets,
} from '../economy/emission-split.ts';
import { SMOOTHING_BLOCKS_DEFAULT, utilityFromBlock, waitingUse } from '../economy/emission-utility.ts';
import type { Ledger } from '../economy/ledger.ts';
import { ROOT_NETUID } from '../economy/root-netuid.ts';
import { paidEpochsOf } from './paid-epochs.ts';

/**
 * How low and high are found: nothing is open (`Determined`), the lowest and the highest share that the root network gave in its
 * epochs of late (`RecentRootEpochs`), or this subnet's use ending while that of others goes on, and the other way round (`UseEnds`).
 */
export type OutlookMethod = 'Determined' | 'RecentRootEpochs' | 'UseEnds';

/** What a subnet may get of the blocks to come. */
export interface SubnetOutlook {
  readonly basis: EmissionBasis;
  readonly method: OutlookMethod;
  readonly emission: Interval<EmissionOutlook>;
}

/** As things stand: who is started, and by what blocks are split. */
export function outlookOf(ledger: Ledger, netuid: number): SubnetOutlook {
  const split = emissionSplit(ledger);
  const rules = ledger.network.genesis;
  const { issued } = ledger;
  const of = (share: () => SubnetShare): EmissionOutlook => ({ rules, issued, share });
  const fixed = (by: EmissionSplit) => of(() => constantShare((reward) => partOf(by, netuid, reward)));
  const { emissionPolicy } = rules;
  const isStarted = split.parts.some((part) => part.netuid === netuid);
  if (isStarted && emissionPolicy.name === 'Utility') {
    const by = (scenario: UtilityScenario) => of(() => utilityShare(useOf(ledger, netuid), scenario));
    return {
      basis: split.basis,
      method: 'UseEnds',
      emission: {
        low: by({ ownGoesOn: false, othersGoOn: true }),
        mean: by({ ownGoesOn: true, othersGoOn: true }),
        high: by({ ownGoesOn: true, othersGoOn: false }),
      },
    };
  }
  if (split.basis === 'RootWeights') {
    const seen = rootSplits(ledger, split).toSorted((a, b) => byPart(a, b, netuid));
    return {
      basis: split.basis,
      method: 'RecentRootEpochs',
      emission: { low: fixed(seen[0] ?? split), mean: fixed(split), high: fixed(seen.at(-1) ?? split) },
    };
  }
  return {
    basis: split.basis,
    method: 'Determined',
    emission: { low: fixed(split), mean: fixed(split), high: fixed(split) },
  };
}

function partOf(split: EmissionSplit, netuid: number, reward: bigint): bigint {
  const at = split.parts.findIndex((part) => part.netuid === netuid);
  return splitEmission(reward, split)[at] ?? 0n;
}

/** The split of now, and what those of the root network's epochs of late would be between the subnets that are started now. */
function rootSplits(ledger: Ledger, now: EmissionSplit): readonly EmissionSplit[] {
  const earlier = paidEpochsOf(ledger, ROOT_NETUID).flatMap(({ shares = [] }) => {
    const weights = new Map(shares.map(({ netuid, sharePpm }) => [netuid, BigInt(sharePpm)]));
    return shares.length === 0
      ? []
      : [{ ...now, parts: now.parts.map(({ netuid }) => ({ netuid, weight: weights.get(netuid) ?? 0n })) }];
  });
  return [now, ...earlier];
}

function byPart(a: EmissionSplit, b: EmissionSplit, netuid: number): number {
  const reward = 1_000_000_000n;
  const [one, other] = [partOf(a, netuid, reward), partOf(b, netuid, reward)];
  return one < other ? -1 : one > other ? 1 : 0;
}

function useOf(ledger: Ledger, netuid: number) {
  const { emissionPolicy } = ledger.network.genesis;
  if (emissionPolicy.name !== 'Utility') throw new Error('use decides under the policy Utility alone');
  const started = startedSubnets(ledger);
  const all = started.reduce((sum, subnet) => sum + waitingUse(ledger, subnet.netuid), 0n);
  const own = waitingUse(ledger, netuid);
  return {
    own,
    others: all - own,
    subnets: BigInt(started.length),
    smoothingBlocks: BigInt(emissionPolicy.smoothingBlocks ?? SMOOTHING_BLOCKS_DEFAULT),
    equalBlocks: Math.max(0, utilityFromBlock(emissionPolicy) - ledger.block - 1),
  };
}
