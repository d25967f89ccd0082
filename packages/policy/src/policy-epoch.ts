import type { EpochInput, EpochOutput } from '@subnetes/consensus/epoch-types';
import { toU16Share } from '@subnetes/consensus/fixed';
import type { Adjustment } from './adjustments.ts';
import type { Assignment } from './assignment.ts';
import { chosenParameters, type ConsensusPolicy, policySha256, readPolicy } from './consensus-policy.ts';
import type { DeviantEpoch } from './deviation.ts';
import type { Abstention } from './firewall-rules.ts';
import type { FunctionRecord, RunFunction } from './incentive-function.ts';
import { type NeuronState, type PolicyState, stateAfter, stateByUid } from './policy-state.ts';
import { shapeOutput } from './shape-output.ts';
import { shapeVotes } from './shape-votes.ts';
import { isSha256Hex, type Sha256 } from './sha256.ts';

/** What an epoch under a policy depends on besides the policy and the state. */
export interface PolicyInput {
  readonly epoch: EpochInput;
  /** The epoch's number, for evidence. */
  readonly index: number;
  /** Of the epoch's stored inputs, hex, for evidence. */
  readonly inputsSha256: string;
  /** By uid; null for a vacant slot. */
  readonly registrations: readonly (string | null)[];
  /** The draw of the interval in which the rows in force were committed; required when the policy assigns judges. */
  readonly assignment?: Assignment;
  /** What evidence names the policy by, hex: who versions policies has a hash of its own for them. */
  readonly policySha256?: string;
}

/** What is handed in: which implementation runs the epoch, the hash, and who runs an incentive function. */
export interface PolicyMachinery {
  readonly runEpoch: (input: EpochInput) => EpochOutput;
  readonly sha256: Sha256;
  /** Required when the policy names a function. */
  readonly runFunction?: RunFunction;
}

/** The hash only names a policy in evidence: it is not needed where the input brings a name. */
export type EpochMachinery = Pick<PolicyMachinery, 'runEpoch'> & Partial<PolicyMachinery>;

/** That a validator deviated from consensus for so many epochs in a row: a plain value for whoever decides on slashing. */
export interface DeviationEvidence {
  readonly kind: 'deviation';
  readonly registrationId: string;
  readonly policySha256: string;
  readonly limitPpm: number;
  /** Consecutive, the oldest first. */
  readonly epochs: readonly DeviantEpoch[];
}

export interface PolicyOutcome {
  /** The epoch's output with the incentives and dividends that are paid. */
  readonly output: EpochOutput;
  /** What the consensus alone would have given; the very same object as `output` where nothing stands around it. */
  readonly consensus: EpochOutput;
  /** The input whose epoch was run in the end: rows held, completed or emptied. */
  readonly counted: EpochInput;
  readonly adjustments: readonly Adjustment[];
  readonly abstentions: readonly Abstention[];
  readonly evidence: readonly DeviationEvidence[];
  /** What became of the incentive function; undefined when the policy names none or there was nothing to divide. */
  readonly incentiveFunction: FunctionRecord | undefined;
  readonly state: PolicyState;
}

/**
 * One epoch under a policy: firewall, assignment and bounds on the weights, the unchanged epoch, then floor, curve,
 * standing and the owner's function on incentives and penalties on dividends. Pure; the same arguments give the same outcome on every machine.
 * Without countermeasures the output is that of `runEpoch`, to the bit.
 *
 * Bonds and dividends come from the consensus's incentives, before floor, curve, standing and function: those say what
 * a miner is paid, not whether a validator saw it rightly.
 *
 * Throws RangeError on a policy that `readPolicy` refuses and on inputs that do not fit together.
 */
export function runPolicyEpoch(
  input: PolicyInput,
  policy: ConsensusPolicy,
  state: PolicyState,
  machinery: EpochMachinery,
): PolicyOutcome {
  checkPolicyInput(input, policy);
  check(
    policy.countermeasures?.incentiveFunction === undefined || machinery.runFunction !== undefined,
    () => 'runFunction: the policy names a function',
  );
  const { countermeasures: rules = {} } = policy;
  const { registrations } = input;
  const before = stateByUid(state, registrations);
  const parameters = chosenParameters(input.epoch.parameters, policy.yuma);
  const votes = shapeVotes(
    { ...input, epoch: { ...input.epoch, parameters } },
    { rules, before, runEpoch: machinery.runEpoch },
  );
  const shaped = shapeOutput(votes, { ...input, ...machinery, rules, before, state: state.incentiveFunction });
  const adjustments = [...votes.adjustments, ...shaped.adjustments];
  const carried = registrations.map((_, uid): Omit<NeuronState, 'uid'> => {
    const firewall = votes.memory[uid];
    return { ...shaped.carried[uid], ...(firewall === undefined ? {} : { firewall }) };
  });
  const hash = shaped.proven.length === 0 ? '' : nameOf(input, policy, machinery);
  return {
    output: withShares(votes.output, adjustments.at(-1)),
    consensus: votes.consensus,
    counted: votes.input,
    adjustments,
    abstentions: votes.suspects.map((suspect) => ({ ...suspect, registrationId: registrations[suspect.uid] ?? '' })),
    evidence: shaped.proven.map(({ uid, epochs }) => ({
      kind: 'deviation',
      registrationId: registrations[uid] ?? '',
      policySha256: hash,
      limitPpm: rules.deviation?.limitPpm ?? 0,
      epochs,
    })),
    incentiveFunction: shaped.functionOutcome?.record,
    state: stateAfter(registrations, carried, shaped.functionOutcome?.state),
  };
}

/**
 * The output with the shares of the last step, quantised as the epoch quantises; the very same object if they are its own. A
 * kernel's matrices stay unwritten until they are read: a spread would read them all.
 */
function withShares(output: EpochOutput, last: Adjustment | undefined): EpochOutput {
  const { incentive, dividends } = last ?? output;
  if (incentive === output.incentive && dividends === output.dividends) return output;
  const incentiveU16 = incentive.map(toU16Share);
  const u16 = { ...output.u16, rank: incentiveU16, incentive: incentiveU16, dividends: dividends.map(toU16Share) };
  const changed = Object.getOwnPropertyDescriptors({ incentive, dividends, u16 });
  return Object.defineProperties({} as EpochOutput, { ...Object.getOwnPropertyDescriptors(output), ...changed });
}

function nameOf(input: PolicyInput, policy: ConsensusPolicy, { sha256 }: EpochMachinery): string {
  if (input.policySha256 !== undefined) return input.policySha256;
  if (sha256 === undefined) throw new RangeError('policy epoch: evidence needs a policySha256 or a hash to make one');
  return policySha256(policy, sha256);
}

function checkPolicyInput(
  { epoch, index, inputsSha256, registrations, assignment }: PolicyInput,
  policy: ConsensusPolicy,
): void {
  const read = readPolicy(policy);
  const ids = registrations.filter((id) => id !== null);
  check(!('faults' in read), () =>
    'faults' in read ? read.faults.map(({ member, message }) => `${member}: ${message}`).join('; ') : '',
  );
  check(Number.isSafeInteger(index) && index >= 0, () => 'index: not a whole number from 0');
  check(isSha256Hex(inputsSha256), () => 'inputsSha256: not 32 bytes in hex');
  check(registrations.length === epoch.neurons.length, () => 'registrations: not one for every uid');
  check(new Set(ids).size === ids.length && !ids.includes(''), () => 'registrations: empty or repeated');
  check(
    policy.countermeasures?.assignment === undefined || assignment !== undefined,
    () => 'assignment: the policy asks for one',
  );
}

function check(holds: boolean, message: () => string): void {
  if (!holds) throw new RangeError(`policy epoch: ${message()}`);
}
