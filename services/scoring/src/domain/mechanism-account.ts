import type { EpochOutput } from '@subnetes/consensus/epoch-types';
import type { ScoredMechanism } from '@subnetes/consensus/miner-account';
import { neuronAccount, type NeuronAccount } from '@subnetes/consensus/neuron-account';
import type { ScorableInputs } from './epoch-inputs.ts';
import { mechanismPots, type RunMechanism } from './score-epoch.ts';

/** A mechanism of a stored epoch, computed again: what accounts are drawn up from. */
export interface OpenedMechanism extends ScoredMechanism {
  readonly id: number;
  readonly emissionWeight: number;
}

/** Why one mechanism paid a neuron what it paid. */
export interface MechanismAccount extends NeuronAccount {
  readonly id: number;
  readonly emissionWeight: number;
}

/** Computes every mechanism of an epoch, that with the most emission first. */
export function openMechanisms(inputs: ScorableInputs, run: RunMechanism): OpenedMechanism[] {
  const pots = mechanismPots(inputs);
  return inputs.mechanisms
    .map(({ id, emissionWeight, epoch }, at): OpenedMechanism => {
      const output: EpochOutput = run(epoch);
      return { id, emissionWeight, input: epoch, output, pots: pots[at] ?? { miners: 0n, validators: 0n } };
    })
    .toSorted((left, right) => right.emissionWeight - left.emissionWeight);
}

export function mechanismAccount(uid: number, mechanism: OpenedMechanism): MechanismAccount {
  const { id, emissionWeight } = mechanism;
  return { id, emissionWeight, ...neuronAccount(uid, mechanism) };
}
