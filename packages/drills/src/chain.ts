import type { EpochInput, EpochOutput, EpochParameters, Formula, NeuronInput } from '@subnetes/consensus/epoch-types';
import type { Row } from '@subnetes/consensus/sparse';
import type { Market } from './market.ts';

/** Blocks between two epochs, and where in an interval rows are committed. */
const TEMPO = 360;
const COMMIT_AFTER = 300;
const STAKE = 10n ** 15n;

/** The chain's values for a new subnet, but for the formula. */
export function parametersOf(formula: Formula): EpochParameters {
  return {
    formula,
    kappaU16: 32_767,
    bondsPenaltyU16: 65_535,
    bondsMovingAveragePpm: 900_000,
    liquidAlpha: formula.endsWith('liquid')
      ? { lowU16: 45_875, highU16: 58_982, steepnessHundredths: 1000 }
      : undefined,
    tempo: TEMPO,
    activityCutoffBlocks: 5000,
    maxValidators: 64,
    minStake: 0n,
    bondMask: 'epoch',
    permitRule: 'nonzero',
    clearBonds: 'without-next-permit',
  };
}

/** The block of an epoch; interval k ends with it. */
export function blockOf(epoch: number): number {
  return (epoch + 2) * TEMPO;
}

/** What of an epoch's input is not the market's. */
export interface EpochFacts {
  readonly market: Market;
  readonly formula: Formula;
  readonly epoch: number;
  /** Intervals between a commit and its reveal; 0 without commit-reveal. */
  readonly revealPeriod: number;
  /** Stake of each validator by uid; the sum is whatever it is. */
  readonly stakes: readonly bigint[];
  /** Rows in force, by uid of the validator. */
  readonly rows: readonly Row<number>[];
  /** Block from which each uid is registered. */
  readonly registeredAt: readonly number[];
  readonly ownerUid: number | null;
  readonly before: EpochOutput | undefined;
}

export function epochInput(facts: EpochFacts): EpochInput {
  const { epoch, revealPeriod, registeredAt, before } = facts;
  const commitBlock = blockOf(epoch - 1) + COMMIT_AFTER;
  // What was committed in the last `revealPeriod` intervals is still hidden.
  const oldestCommit = revealPeriod === 0 ? null : Math.max(0, blockOf(epoch - revealPeriod) + COMMIT_AFTER);
  const rowsCommitted = blockOf(epoch - revealPeriod - 1) + COMMIT_AFTER;
  const neurons = Array.from({ length: facts.market.neurons }, (_, uid): NeuronInput => {
    const stake = facts.stakes[uid];
    const registered = registeredAt[uid] ?? 0;
    const common = { registeredAt: registered, bonds: before?.bonds[uid] ?? [] };
    if (stake === undefined) {
      return { ...common, stake: 0n, lastUpdate: registered, permit: false, oldestCommit: null, weights: [] };
    }
    // Rows name registrations: what was meant for an earlier occupant of a uid is left out, as scoring does.
    const weights = (facts.rows[uid] ?? []).filter(([miner]) => (registeredAt[miner] ?? 0) < rowsCommitted);
    const permit = before?.permits[uid] ?? true;
    return { ...common, stake, lastUpdate: commitBlock, permit, oldestCommit, weights };
  });
  return {
    block: blockOf(epoch),
    lastEpochBlock: epoch === 0 ? null : blockOf(epoch - 1),
    ownerUid: facts.ownerUid,
    parameters: parametersOf(facts.formula),
    neurons,
  };
}

/** Stakes of which the attackers together hold a share (millionths), each the same; the honest by their own proportions. */
export function stakesOf(market: Market, attackerSharePpm: number): bigint[] {
  const honestTotal = market.spec.honestStakes.reduce((left, right) => left + right, 0);
  const attackers = market.attackingValidators.length;
  const attacking = attackers === 0 ? 0n : (STAKE * BigInt(attackerSharePpm)) / 1_000_000n;
  return [
    ...market.spec.honestStakes.map((part) => ((STAKE - attacking) * BigInt(part)) / BigInt(honestTotal)),
    ...market.attackingValidators.map(() => attacking / BigInt(attackers)),
  ];
}
