import type { EpochOutput } from './epoch-types.ts';

/**
 * What of an epoch's output is kept: what the next epoch begins with, what is paid by, and the vectors that say why. The
 * matrices between follow from the inputs, and are nine tenths of it.
 */
export type EpochVectors = Omit<EpochOutput, 'weights' | 'clipped' | 'bondsObserved' | 'bondShares' | 'bondsKept'>;

/** Names each member, since the kernel writes a matrix out when it is read. */
export function epochVectors(output: EpochOutput): EpochVectors {
  return {
    active: output.active,
    permitsApplied: output.permitsApplied,
    permits: output.permits,
    stake: output.stake,
    activeStake: output.activeStake,
    consensus: output.consensus,
    prerank: output.prerank,
    rank: output.rank,
    trust: output.trust,
    validatorTrust: output.validatorTrust,
    incentive: output.incentive,
    dividends: output.dividends,
    bonds: output.bonds,
    u16: output.u16,
  };
}
