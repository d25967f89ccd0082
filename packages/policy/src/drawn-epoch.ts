import type { ConsensusPolicy } from './consensus-policy.ts';
import { drawnAssignment, drawsAfter, type DrawTerms, type OpenedRound } from './interval-draw.ts';
import { type EpochMachinery, type PolicyInput, type PolicyOutcome, runPolicyEpoch } from './policy-epoch.ts';
import type { PolicyState } from './policy-state.ts';
import { portableSha256 } from './portable-sha256.ts';

/** What of an epoch has to do with draws; all of it absent where nobody is drawn. */
export interface EpochDraws {
  /** Of the market and mechanism: no two have the same draw. */
  readonly scope: string;
  /** How judges of the interval that begins with the epoch's seal are drawn. */
  readonly begins?: DrawTerms | undefined;
  /** The round of the interval whose rows count; absent while nobody has it, and then everybody judges everybody. */
  readonly opened?: OpenedRound | undefined;
}

/**
 * An epoch under a policy that may have judges drawn. The draw whose rows count is taken from the state, the next one is left
 * in it; so one document is enough to compute an epoch again, and draws are hashed with what they decide.
 */
export function runDrawnEpoch(
  input: Omit<PolicyInput, 'assignment'>,
  policy: ConsensusPolicy,
  state: PolicyState,
  context: EpochMachinery & { readonly draws: EpochDraws },
): PolicyOutcome {
  const { draws, ...machinery } = context;
  const { draws: waiting = [], ...carried } = state;
  const { assignment: rules, ...others } = policy.countermeasures ?? {};
  const drawn = rules && drawnAssignment(waiting, draws.opened, { scope: draws.scope, sha256: portableSha256 });
  const countermeasures = drawn === undefined ? others : { ...others, assignment: drawn.rules };
  const outcome = runPolicyEpoch(
    { ...input, ...(drawn === undefined ? {} : { assignment: drawn.assignment }) },
    policy.countermeasures === undefined ? policy : { ...policy, countermeasures },
    carried,
    machinery,
  );
  const left = drawsAfter(waiting, draws.begins, {
    index: input.index,
    output: outcome.output,
    registrations: input.registrations,
    stakes: input.epoch.neurons.map(({ stake }) => stake),
  });
  return left.length === 0 ? outcome : { ...outcome, state: { ...outcome.state, draws: left } };
}
