import { type DividendOutlook, epochsIn } from './stake-outlook.ts';
import { EmissionPath, type Interval } from './emission-path.ts';

const U16 = 65_535n;

/** A subnet as far as incentives go. */
export type IncentiveOutlook = Omit<DividendOutlook, 'validators' | 'sealedPot' | 'paid'> & {
  /** Of what epochs of late had for miners and validators: how much they paid as incentives. */
  readonly paid: { readonly incentives: bigint; readonly pots: bigint };
};

/** What a miner would have to earn like. */
export interface MinerShare {
  /** What it got of the incentives of late, and what all got. */
  readonly incentive: bigint;
  readonly incentives: bigint;
}

/** What registering brings. Money in smallest units. */
export interface Payback {
  /** Of the first epoch that it is paid for. */
  readonly firstEpoch: bigint;
  /** Of all epochs that were looked at. */
  readonly earned: bigint;
  /** Blocks until the cost is earned; undefined where it is not within the blocks that were looked at. */
  readonly blocks: number | undefined;
}

/**
 * What a newcomer earns that does as well as a miner of late, and when it has earned the cost. It shares with all who are there,
 * so a share s of theirs becomes s / (1 + s). It is paid from epoch `skip` + 1 on, since nobody can have rated it before.
 */
export function projectPayback(
  outlook: IncentiveOutlook,
  { incentive, incentives }: MinerShare,
  question: { readonly cost: bigint; readonly skip: number; readonly blocks: number },
): Payback {
  const path = new EmissionPath(outlook, question.blocks);
  const epochs = epochsIn(outlook, question.blocks);
  const together = incentives + incentive;
  let [pot, earned, firstEpoch] = [outlook.pot, 0n, 0n];
  let at = 0;
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const blocks = epoch === 0 ? outlook.blocksToSeal : outlook.tempo;
    at += blocks;
    pot += path.next(blocks);
    const rest = pot - (pot * BigInt(outlook.ownerCutU16)) / U16;
    pot = 0n;
    if (epoch < question.skip || together === 0n || outlook.paid.pots === 0n) continue;
    const mine = (((rest * outlook.paid.incentives) / outlook.paid.pots) * incentive) / together;
    if (firstEpoch === 0n) firstEpoch = mine;
    earned += mine;
    if (earned >= question.cost) return { firstEpoch, earned, blocks: at };
  }
  return { firstEpoch, earned, blocks: undefined };
}

/** The lower quartile, the mean and the upper quartile of what miners earned that earned anything. */
export function incentiveInterval(incentives: readonly bigint[]): Interval<bigint> | undefined {
  const earned = incentives.filter((amount) => amount > 0n).toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const last = earned.length - 1;
  if (last < 0) return undefined;
  const sum = earned.reduce((total, amount) => total + amount, 0n);
  return {
    low: earned[Math.floor(last / 4)] ?? 0n,
    mean: sum / BigInt(earned.length),
    high: earned[Math.ceil((3 * last) / 4)] ?? 0n,
  };
}
