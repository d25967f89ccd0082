import type { EpochInput, EpochOutput } from '@subnetes/consensus/epoch-types';
import { type Fixed, ZERO } from '@subnetes/consensus/fixed';
import type { IncentiveInput } from '@subnetes/incentive/input-layout';
import { FUEL_MAX } from '@subnetes/incentive/limits';
import type { ModuleRefusalCode, RunRefusalCode } from '@subnetes/incentive/refusal';
import type { FunctionState } from './policy-state.ts';
import { isRecord, type PolicyFault, type Range, rangeFaults, shapeFault, unknownFaults } from './ranges.ts';
import { totalOf } from './reapportion.ts';
import { hexOf, isSha256Hex } from './sha256.ts';

/** The owner's own division among miners: a WebAssembly module, by name. */
export interface IncentiveFunctionRules {
  /** Of the module's bytes, hex. */
  readonly sha256: string;
  /** What one epoch may take. A refusal when that is not enough. */
  readonly fuel: number;
  /** Hands it the weights too; left out when it does not. */
  readonly passWeights?: true;
}

/** Why a function did not decide: of the module, of the run, or that the epoch was scored without the module's bytes. */
export interface FunctionRefusal {
  readonly code: ModuleRefusalCode | RunRefusalCode | typeof MODULE_MISSING;
  readonly message: string;
}

/** Nobody had the module when the epoch was scored. Sealed with the epoch's inputs, since no bytes can prove it. */
export const MODULE_MISSING = 'MODULE_MISSING';

/** What an epoch gets that is sealed as scored without the module: the same on every machine, whoever has the bytes by now. */
export const runMissingFunction: RunFunction = () => ({
  refusal: { code: MODULE_MISSING, message: 'the module was not at hand when the epoch was scored' },
});

/**
 * Runs the module of the rules' name once. Handed in, for compiled modules are kept somewhere. It throws when it has not got
 * the bytes or the machine is short of something: that is no refusal, and the epoch waits.
 */
export type RunFunction = (
  rules: IncentiveFunctionRules,
  input: IncentiveInput,
) =>
  | { readonly incentive: readonly Fixed[]; readonly state: Uint8Array; readonly fuelUsed: number }
  | { readonly refusal: FunctionRefusal & { readonly fuelUsed?: number } };

/** What became of the function in one epoch, for the epoch's record. */
export interface FunctionRecord {
  readonly sha256: string;
  readonly fuelUsed: number;
  /** Null when it decided. Otherwise incentives are as the steps before left them. */
  readonly refusal: FunctionRefusal | null;
}

export interface FunctionOutcome {
  readonly incentive: readonly Fixed[];
  readonly record: FunctionRecord | undefined;
  readonly state: FunctionState | undefined;
}

/** The epoch whose incentives are divided. */
export interface DividedEpoch {
  readonly index: number;
  /** By uid; null for a vacant slot. */
  readonly registrations: readonly (string | null)[];
  readonly input: EpochInput;
  readonly output: EpochOutput;
  /** As the steps before left them. */
  readonly incentive: readonly Fixed[];
}

const FUEL: Range = { min: 1, max: FUEL_MAX };

export function incentiveFunctionFaults(member: string, value: unknown): PolicyFault[] {
  if (!isRecord(value)) return [shapeFault(member, 'an object')];
  return [
    ...unknownFaults(member, value, ['sha256', 'fuel', 'passWeights']),
    ...(isSha256Hex(value['sha256']) ? [] : [shapeFault(`${member}.sha256`, '32 bytes in hex')]),
    ...rangeFaults(`${member}.fuel`, value['fuel'], FUEL),
    ...(value['passWeights'] === undefined || value['passWeights'] === true
      ? []
      : [shapeFault(`${member}.passWeights`, 'true, or left out')]),
  ];
}

/**
 * Lets the function divide the sum of all incentives. A refusal changes nothing: incentives and the function's state stay as
 * they were, and the record says so. It is not asked when there is nothing to divide. Its state belongs to the module: another
 * one begins with none.
 *
 * Throws RangeError when an outcome has another sum than the incentives; then the runner is broken.
 */
export function applyFunction(
  epoch: DividedEpoch,
  before: FunctionState | undefined,
  { rules, run }: { readonly rules: IncentiveFunctionRules; readonly run: RunFunction },
): FunctionOutcome {
  const { incentive } = epoch;
  const { sha256 } = rules;
  const own = before?.sha256 === sha256 ? before : undefined;
  if (totalOf(incentive) === ZERO) return { incentive, record: undefined, state: own };
  const state = own === undefined ? new Uint8Array(0) : bytesOf(own.bytesHex);
  const result = run(rules, functionInput(epoch, rules, state));
  if ('refusal' in result) {
    const { code, message, fuelUsed = 0 } = result.refusal;
    return { incentive, record: { sha256, fuelUsed, refusal: { code, message } }, state: own };
  }
  if (totalOf(result.incentive) !== totalOf(incentive) || result.incentive.length !== incentive.length) {
    throw new RangeError('policy epoch: the runner of incentive functions changed the sum');
  }
  return {
    incentive: result.incentive,
    record: { sha256, fuelUsed: result.fuelUsed, refusal: null },
    state: { sha256, bytesHex: hexOf(result.state) },
  };
}

function functionInput(
  { index, registrations, input, output, incentive }: DividedEpoch,
  { passWeights }: IncentiveFunctionRules,
  state: Uint8Array,
): IncentiveInput {
  return {
    epoch: index,
    block: input.block,
    lastEpochBlock: input.lastEpochBlock,
    tempo: input.parameters.tempo,
    kappaU16: input.parameters.kappaU16,
    ownerUid: input.ownerUid,
    incentive,
    consensus: output.consensus,
    rank: output.rank,
    trust: output.trust,
    validatorTrust: output.validatorTrust,
    stake: output.activeStake,
    registeredAt: input.neurons.map(({ registeredAt }) => registeredAt),
    isVacant: registrations.map((id) => id === null),
    isActive: output.active,
    hasPermit: output.permitsApplied,
    ...(passWeights === true ? { weights: output.weights } : {}),
    state,
  };
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
    Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16),
  );
}
