import type { EpochInput, EpochOutput } from '@subnetes/consensus/epoch-types';
import type { IncentiveInput } from '@subnetes/incentive/input-layout';
import type { FunctionRecord, IncentiveFunctionRules, RunFunction } from '@subnetes/policy/incentive-function';
import { runMechanism } from './around-epoch.ts';
import type { ScorableInputs } from './epoch-inputs.ts';

/** What the incentive function of one mechanism is to be asked. */
export interface FunctionCall {
  readonly mechanismId: number;
  readonly rules: IncentiveFunctionRules;
  readonly input: IncentiveInput;
}

/** Shares, or why there are none. */
export type FunctionAnswer = ReturnType<RunFunction>;

/** By mechanism: functions run beside the thread that scores, so their answers are there before the epoch is put together. */
export type FunctionAnswers = ReadonlyMap<number, FunctionAnswer>;

export const NO_ANSWERS: FunctionAnswers = new Map();

/** The function of a mechanism as one that has answered already. */
export function answerOf(mechanismId: number, answers: FunctionAnswers): RunFunction {
  return () => {
    const answer = answers.get(mechanismId);
    if (answer === undefined) throw new RangeError(`the function of mechanism ${mechanismId} was not asked`);
    return answer;
  };
}

/** A function that leaves incentives as they are: for what does not depend on them. */
export const leaveUnchanged: RunFunction = (_, { incentive, state }) => ({ incentive, state, fuelUsed: 0 });

/** The module whose bytes an epoch needs; undefined where its policy names none, or it is sealed as scored without. */
export function neededModule({
  countermeasures,
  functionMissing,
}: Pick<ScorableInputs, 'countermeasures' | 'functionMissing'>): string | undefined {
  return functionMissing === true ? undefined : countermeasures?.incentiveFunction?.sha256;
}

/** What an epoch asks of its function, a call a mechanism: none depends on the answer to another. */
export function functionCalls(
  inputs: ScorableInputs,
  context: { readonly inputsSha256: string; readonly run: (input: EpochInput) => EpochOutput },
): FunctionCall[] {
  if (neededModule(inputs) === undefined) return [];
  const calls: FunctionCall[] = [];
  for (const mechanism of inputs.mechanisms) {
    const runFunction: RunFunction = (rules, input) => {
      calls.push({ mechanismId: mechanism.id, rules, input });
      return leaveUnchanged(rules, input);
    };
    runMechanism(inputs, mechanism, { ...context, runFunction });
  }
  return calls;
}

/** Outputs as they are stored, as far as they tell of functions. */
interface RecordedOutputs {
  readonly mechanisms: readonly {
    readonly id: number;
    readonly policy?: {
      readonly adjustments: readonly { readonly step: string; readonly incentive: readonly string[] }[];
      readonly incentiveFunction?: FunctionRecord;
      readonly state: { readonly incentiveFunction?: { readonly bytesHex: string } };
    };
  }[];
}

/** What a stored epoch's functions answered, so that nobody has to run them to look at it again. */
export function answersIn(inputs: ScorableInputs, outputsJson: string): FunctionAnswers {
  // Outputs may be a megabyte: they are read only where there was something to ask.
  return neededModule(inputs) === undefined ? NO_ANSWERS : recordedAnswers(JSON.parse(outputsJson) as RecordedOutputs);
}

function recordedAnswers({ mechanisms }: RecordedOutputs): FunctionAnswers {
  return new Map(
    mechanisms.flatMap(({ id, policy }): (readonly [number, FunctionAnswer])[] => {
      const record = policy?.incentiveFunction;
      if (policy === undefined || record === undefined) return [];
      const { refusal, fuelUsed } = record;
      if (refusal !== null) return [[id, { refusal: { ...refusal, fuelUsed } }]];
      const step = policy.adjustments.find((each) => each.step === 'incentive-function');
      const state = new Uint8Array(Buffer.from(policy.state.incentiveFunction?.bytesHex ?? '', 'hex'));
      return [[id, { incentive: (step?.incentive ?? []).map(BigInt), state, fuelUsed }]];
    }),
  );
}
