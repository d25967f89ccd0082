import type { EpochInput, EpochOutput } from '@subnetes/consensus/epoch-types';
import type { Adjustment } from '@subnetes/policy/adjustments';
import { type EpochDraws, runDrawnEpoch } from '@subnetes/policy/drawn-epoch';
import type { Abstention } from '@subnetes/policy/firewall-rules';
import { type FunctionRecord, type RunFunction, runMissingFunction } from '@subnetes/policy/incentive-function';
import { drawScope } from '@subnetes/policy/interval-draw';
import { livePolicy } from '@subnetes/policy/live-countermeasures';
import type { DeviationEvidence } from '@subnetes/policy/policy-epoch';
import { EMPTY_STATE, type PolicyState } from '@subnetes/policy/policy-state';
import type { MechanismInput, ScorableInputs } from './epoch-inputs.ts';

/** What stood around the consensus of one mechanism: stored and hashed with its output. */
export interface AroundEpoch {
  /** Shares after each step; the first are the consensus's own. */
  readonly adjustments: readonly Adjustment[];
  readonly abstentions: readonly Abstention[];
  readonly evidence: readonly DeviationEvidence[];
  /** What became of the incentive function; absent where the policy names none or there was nothing to divide. */
  readonly incentiveFunction?: FunctionRecord;
  /** What the next epoch begins with. */
  readonly state: PolicyState;
}

/** One mechanism's epoch under its subnet's policy. */
export interface MechanismEpoch {
  /** Of the weights as they came, by the consensus alone; the very object of `output` where nothing stands around it. */
  readonly consensus: EpochOutput;
  /** The input whose votes counted. */
  readonly counted: EpochInput;
  /** With the shares that are paid. */
  readonly output: EpochOutput;
  /** Undefined where the policy has no countermeasures: such an epoch is stored as if there were none to choose from. */
  readonly around: AroundEpoch | undefined;
}

/** Runs one mechanism under the policy and the state that are sealed with the inputs. */
export function runMechanism(
  inputs: Pick<ScorableInputs, 'due' | 'countermeasures' | 'opened' | 'functionMissing'>,
  { id, epoch, state }: MechanismInput,
  context: {
    readonly inputsSha256: string;
    readonly run: (input: EpochInput) => EpochOutput;
    /** Needed where the policy names a function, unless the epoch is sealed as scored without it. */
    readonly runFunction?: RunFunction;
  },
): MechanismEpoch {
  const { due, countermeasures } = inputs;
  const ids = new Map(due.neurons.map(({ uid, registrationId }) => [uid, registrationId]));
  const runFunction = inputs.functionMissing === true ? runMissingFunction : context.runFunction;
  const { consensus, counted, output, adjustments, abstentions, evidence, ...left } = runDrawnEpoch(
    {
      epoch,
      index: due.index,
      inputsSha256: context.inputsSha256,
      registrations: epoch.neurons.map((_, uid) => ids.get(uid) ?? null),
      policySha256: due.policySha256,
    },
    livePolicy(countermeasures),
    state ?? EMPTY_STATE,
    { runEpoch: context.run, draws: drawsOf(id, inputs), ...(runFunction === undefined ? {} : { runFunction }) },
  );
  const around = {
    adjustments,
    abstentions,
    evidence,
    ...(left.incentiveFunction === undefined ? {} : { incentiveFunction: left.incentiveFunction }),
    state: left.state,
  };
  return { consensus, counted, output, around: countermeasures === undefined ? undefined : around };
}

/** Registrations are of one network, so that netuid and mechanism are enough to tell draws apart. */
function drawsOf(id: number, { due, opened }: Pick<ScorableInputs, 'due' | 'opened'>): EpochDraws {
  const scope = drawScope(due.netuid, id);
  if (due.draw === undefined) return { scope, opened };
  const { beacon, ...terms } = due.draw;
  return { scope, opened, begins: { ...terms, interval: due.index + 1, publicKey: beacon.publicKey } };
}
