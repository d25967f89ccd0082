import { nextWorse, minerLever, type MinerLever } from './miner-lever.ts';
import { type MinerAccount, minerAccount, type ScoredMechanism } from './miner-account.ts';
import type { Fixed } from './fixed.ts';
import { type ValidatorAccount, validatorAccount } from './validator-account.ts';
import { type SwitchedOff, switchedOff, type ValidatorLever, validatorLever } from './validator-lever.ts';

/** Everything that explains what one mechanism of an epoch paid a neuron, and what would make it more. */
export interface NeuronAccount {
  readonly miner: MinerAccount;
  /** Undefined for the first by incentive. */
  readonly minerLever: MinerLever | undefined;
  /** Who is next behind, and by how much incentive. */
  readonly nextWorse: { readonly uid: number; readonly distance: Fixed } | undefined;
  /** What dividends are paid of, smallest units. */
  readonly validatorPot: bigint;
  /** Undefined for who neither rates, nor has bonds, stake that counts or dividends. */
  readonly validator: ValidatorPart | undefined;
}

/** A neuron's account as a validator. */
export interface ValidatorPart {
  readonly account: ValidatorAccount;
  readonly switchedOff: readonly SwitchedOff[];
  /** Undefined for who will have no permit, has no stake that counts, or finds no consensus to agree with. */
  readonly lever: ValidatorLever | undefined;
}

/**
 * Draws up both accounts of a neuron and looks for what would lift it: up to some 460 runs of the kernel, 60 to 80 ms of CPU
 * for 64 validators and 192 miners.
 */
export function neuronAccount(uid: number, mechanism: ScoredMechanism): NeuronAccount {
  const { input, output } = mechanism;
  const validator = validatorAccount(uid, mechanism);
  const validates = validator.lines.length > 0 || validator.stakeShare > 0n || validator.rao > 0n;
  return {
    miner: minerAccount(uid, mechanism),
    minerLever: minerLever(input, output, uid),
    nextWorse: nextWorse(uid, output.incentive),
    validatorPot: validator.pot,
    validator: validates
      ? {
          account: validator,
          switchedOff: switchedOff(uid, mechanism),
          lever: validatorLever(uid, mechanism),
        }
      : undefined,
  };
}
