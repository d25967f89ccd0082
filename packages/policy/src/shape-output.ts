import type { Fixed } from '@subnetes/consensus/fixed';
import { type Adjustment, adjustmentOf } from './adjustments.ts';
import type { Countermeasures } from './consensus-policy.ts';
import { type DeviantEpoch, type DeviationRun, punishDeviation } from './deviation.ts';
import { applyCurve } from './incentive-curve.ts';
import { applyFunction, type FunctionOutcome, type RunFunction } from './incentive-function.ts';
import type { FunctionState, NeuronState } from './policy-state.ts';
import { applyFloor, type FloorOutcome } from './quality-floor.ts';
import { applyReputation, type ReputationOutcome } from './reputation.ts';
import type { ShapedVotes } from './shape-votes.ts';

/** What the steps after the epoch made of its shares, and what they carry to the next. */
export interface ShapedOutput {
  /** One a step that is on, in their order; empty when none is. */
  readonly adjustments: readonly Adjustment[];
  /** By uid. */
  readonly carried: readonly Omit<NeuronState, 'uid' | 'firewall'>[];
  readonly proven: readonly { readonly uid: number; readonly epochs: readonly DeviantEpoch[] }[];
  readonly functionOutcome: FunctionOutcome | undefined;
}

/** The steps after the epoch. */
export function shapeOutput(
  votes: Pick<ShapedVotes, 'input' | 'output' | 'given' | 'dividends'>,
  context: {
    readonly rules: Countermeasures;
    readonly before: readonly (NeuronState | undefined)[];
    readonly index: number;
    readonly inputsSha256: string;
    readonly registrations: readonly (string | null)[];
    readonly state: FunctionState | undefined;
    readonly runFunction?: RunFunction;
  },
): ShapedOutput {
  const { rules, before } = context;
  const adjustments: Adjustment[] = [];
  const { output, dividends } = votes;
  let { incentive } = output;
  const pay = (step: Adjustment['step'], changed: readonly Fixed[]): void => {
    incentive = changed;
    adjustments.push(adjustmentOf(step, { incentive, dividends }));
  };

  const floor =
    rules.qualityFloor === undefined
      ? undefined
      : applyFloor(
          incentive,
          before.map((own) => own?.belowFloor === true),
          rules.qualityFloor,
        );
  if (floor !== undefined) pay('quality-floor', floor.incentive);
  if (rules.incentiveCurve !== undefined) pay('incentive-curve', applyCurve(incentive, rules.incentiveCurve));
  const standing =
    rules.reputation === undefined
      ? undefined
      : applyReputation(
          { incentive, trust: output.trust, prerank: output.prerank },
          before.map((own) => own?.standingPpm),
          rules.reputation,
        );
  if (standing !== undefined) pay('reputation', standing.incentive);
  const functionOutcome =
    rules.incentiveFunction === undefined || context.runFunction === undefined
      ? undefined
      : applyFunction({ ...context, input: votes.input, output, incentive }, context.state, {
          rules: rules.incentiveFunction,
          run: context.runFunction,
        });
  if (functionOutcome !== undefined) pay('incentive-function', functionOutcome.incentive);
  const deviation =
    rules.deviation === undefined
      ? undefined
      : punishDeviation(
          { ...votes, consensus: output.consensus, activeStake: output.activeStake },
          before.map((own) => own?.deviation),
          { rules: rules.deviation, index: context.index, inputsSha256: context.inputsSha256 },
        );
  if (deviation !== undefined) adjustments.push({ step: 'deviation', incentive, dividends: deviation.dividends });

  const carried = before.map((_, uid) => carriedOf(uid, { floor, standing, deviation }));
  return { adjustments, carried, proven: deviation?.proven ?? [], functionOutcome };
}

function carriedOf(
  uid: number,
  steps: {
    readonly floor: FloorOutcome | undefined;
    readonly standing: ReputationOutcome | undefined;
    readonly deviation: { readonly runs: readonly (DeviationRun | undefined)[] } | undefined;
  },
): Omit<NeuronState, 'uid' | 'firewall'> {
  const standingPpm = steps.standing?.standingPpm[uid];
  const run = steps.deviation?.runs[uid];
  return {
    ...(steps.floor?.below[uid] === true ? { belowFloor: true as const } : {}),
    ...(standingPpm === undefined ? {} : { standingPpm }),
    ...(run === undefined ? {} : { deviation: run }),
  };
}
