import type { EpochOutput } from '@subnetes/consensus/epoch-types';
import type { Adjustment } from '@subnetes/policy/adjustments';
import type { Abstention } from '@subnetes/policy/firewall-rules';
import { type PaidChange, paidChanges } from '@subnetes/policy/shaped-payout';
import { runMechanism } from './around-epoch.ts';
import type { ScoredMechanism } from '@subnetes/consensus/miner-account';
import { neuronAccount, type NeuronAccount } from '@subnetes/consensus/neuron-account';
import { answerOf, type FunctionAnswers } from './function-calls.ts';
import type { ScorableInputs } from './epoch-inputs.ts';
import { mechanismPots, type RunMechanism } from './score-epoch.ts';

/** A mechanism of a stored epoch, computed again: what accounts are drawn up from. */
export interface OpenedMechanism extends ScoredMechanism {
  readonly id: number;
  readonly emissionWeight: number;
  /** With the shares that are paid; `output` is the consensus's own, on the weights as they came. */
  readonly paid: EpochOutput;
  readonly adjustments: readonly Adjustment[];
  readonly abstentions: readonly Abstention[];
}

/** Why one mechanism paid a neuron what it paid. */
export interface MechanismAccount extends NeuronAccount {
  readonly id: number;
  readonly emissionWeight: number;
  /** What each countermeasure changed: with what the consensus alone pays it adds up to what is paid. Empty without any. */
  readonly policy: readonly PaidChange[];
  readonly abstention: Abstention | undefined;
}

/** Computes every mechanism of an epoch, that with the most emission first. */
export function openMechanisms(
  inputs: ScorableInputs,
  inputsSha256: string,
  { run, answers }: { readonly run: RunMechanism; readonly answers: FunctionAnswers },
): OpenedMechanism[] {
  const pots = mechanismPots(inputs);
  return inputs.mechanisms
    .map((mechanism, at): OpenedMechanism => {
      const { id, emissionWeight, epoch: input } = mechanism;
      const machinery = { inputsSha256, run, runFunction: answerOf(id, answers) };
      const { consensus, output: paid, around } = runMechanism(inputs, mechanism, machinery);
      return {
        id,
        emissionWeight,
        input,
        output: consensus,
        paid,
        adjustments: around?.adjustments ?? [],
        abstentions: around?.abstentions ?? [],
        pots: pots[at] ?? { miners: 0n, validators: 0n },
      };
    })
    .toSorted((left, right) => right.emissionWeight - left.emissionWeight);
}

export function mechanismAccount(uid: number, mechanism: OpenedMechanism): MechanismAccount {
  const { id, emissionWeight, output: consensus, adjustments, abstentions, pots } = mechanism;
  return {
    id,
    emissionWeight,
    ...neuronAccount(uid, mechanism),
    policy: paidChanges(uid, { consensus, adjustments, pots }),
    abstention: abstentions.find((each) => each.uid === uid),
  };
}
