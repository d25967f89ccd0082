import type { Seal } from './seal.ts';

/** A source of rounds, as those who verify them take it. */
export interface Beacon {
  readonly chainHash: string;
  readonly publicKey: string;
  readonly genesisTimeS: number;
  readonly periodS: number;
}

/** The time between two seals of a subnet, and how weights are committed in it. */
export interface Interval {
  readonly fromBlock: number;
  readonly toBlock: number;
  /** Epochs until what is committed in it is shown; 0 where weights are set in the open. */
  readonly revealEpochs: number;
  /** That opens time-locked commits. */
  readonly beacon: Beacon | undefined;
}

/** The interval that ends with a seal, under the policy that the seal's epoch is run by. */
export function intervalOf(before: Seal | undefined, after: Seal): Interval {
  const { commitReveal, revealPeriodEpochs, timelockBeacon } = after.policy.hyperparameters;
  return {
    fromBlock: before?.block ?? after.startBlock,
    toBlock: after.block,
    revealEpochs: commitReveal === 'Off' ? 0 : revealPeriodEpochs,
    beacon: timelockBeacon && {
      chainHash: timelockBeacon.chainHash,
      publicKey: timelockBeacon.publicKey,
      genesisTimeS: timelockBeacon.genesisTime,
      periodS: timelockBeacon.periodSeconds,
    },
  };
}
