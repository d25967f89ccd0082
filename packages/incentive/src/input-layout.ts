import { ABI_VERSION } from './contract.ts';
import { NEURONS_MAX, STATE_BYTES_MAX, WEIGHTS_MAX } from './limits.ts';

/** What a function is given. Vectors are indexed by uid and of one length; fractions count 2^-32, as in the consensus. */
export interface IncentiveInput {
  readonly epoch: number;
  readonly block: number;
  /** Block of the last finished epoch, null when none ran. */
  readonly lastEpochBlock: number | null;
  /** Blocks between two epochs. */
  readonly tempo: number;
  readonly kappaU16: number;
  readonly ownerUid: number | null;
  /** Shares of the consensus, as the steps before this one left them: the sum is what the function divides. */
  readonly incentive: readonly bigint[];
  readonly consensus: readonly bigint[];
  readonly rank: readonly bigint[];
  readonly trust: readonly bigint[];
  readonly validatorTrust: readonly bigint[];
  /** Share of the stake of active validators with a permit. */
  readonly stake: readonly bigint[];
  /** Block of registration: a uid with another one is somebody else. */
  readonly registeredAt: readonly number[];
  readonly isVacant: readonly boolean[];
  readonly isActive: readonly boolean[];
  readonly hasPermit: readonly boolean[];
  /** By validator: rows after all masks, ascending by uid; undefined when the policy does not pass them. */
  readonly weights?: readonly (readonly (readonly [uid: number, value: bigint])[])[];
  /** What this function left after the last epoch in which it was not refused; empty at first. */
  readonly state: Uint8Array;
}

/** Places of version 1, in bytes from the beginning of the input; all numbers little-endian and unsigned. */
export const INPUT = {
  version: 0,
  headerBytes: 4,
  neurons: 8,
  weights: 12,
  epoch: 16,
  block: 24,
  lastEpochBlock: 32,
  tempo: 40,
  kappaU16: 44,
  ownerUid: 48,
  stateBytes: 52,
  stateAt: 56,
  weightsAt: 60,
} as const;
export const HEADER_BYTES = 64;

/** Columns of u64, one behind the other from the end of the header, and then the flags, of u32. */
export const COLUMNS = [
  'incentive',
  'consensus',
  'rank',
  'trust',
  'validatorTrust',
  'stake',
  'registeredAt',
] as const satisfies readonly (keyof IncentiveInput)[];
export const FLAG = { vacant: 1, active: 2, permit: 4 } as const;

const VALUE_BYTES = 8;
const FLAG_BYTES = 4;
/** u32 validator, u32 miner, u64 value. */
export const WEIGHT_BYTES = 16;
const NONE_U32 = 0xffff_ffff;
const NONE_U64 = 0xffff_ffff_ffff_ffffn;

/** The input as bytes. Throws RangeError on vectors of unequal length, on what exceeds a limit or does not fit its place. */
export function inputBytes(input: IncentiveInput): Uint8Array<ArrayBuffer> {
  const neurons = input.incentive.length;
  const entries = (input.weights ?? []).flatMap((row, validator) =>
    row.map(([miner, value]) => ({ validator, miner, value })),
  );
  checkInput(input, neurons, entries.length);
  const flagsAt = HEADER_BYTES + COLUMNS.length * VALUE_BYTES * neurons;
  const weightsAt = aligned(flagsAt + FLAG_BYTES * neurons);
  const stateAt = weightsAt + WEIGHT_BYTES * entries.length;
  const bytes = new Uint8Array(aligned(stateAt + input.state.length));
  const view = new DataView(bytes.buffer);
  const u32 = (at: number, value: number): void => view.setUint32(at, within(value, NONE_U32), true);
  const u64 = (at: number, value: number | bigint): void => view.setBigUint64(at, wide(value), true);
  u32(INPUT.version, ABI_VERSION);
  u32(INPUT.headerBytes, HEADER_BYTES);
  u32(INPUT.neurons, neurons);
  u32(INPUT.weights, entries.length);
  u64(INPUT.epoch, input.epoch);
  u64(INPUT.block, input.block);
  u64(INPUT.lastEpochBlock, input.lastEpochBlock ?? NONE_U64);
  u32(INPUT.tempo, input.tempo);
  u32(INPUT.kappaU16, input.kappaU16);
  u32(INPUT.ownerUid, input.ownerUid ?? NONE_U32);
  u32(INPUT.stateBytes, input.state.length);
  u32(INPUT.stateAt, stateAt);
  u32(INPUT.weightsAt, weightsAt);
  for (const [position, column] of COLUMNS.entries()) {
    const at = HEADER_BYTES + position * VALUE_BYTES * neurons;
    for (const [uid, value] of input[column].entries()) u64(at + VALUE_BYTES * uid, value);
  }
  for (let uid = 0; uid < neurons; uid += 1) u32(flagsAt + FLAG_BYTES * uid, flagsOf(input, uid));
  for (const [index, { validator, miner, value }] of entries.entries()) {
    const at = weightsAt + WEIGHT_BYTES * index;
    u32(at, validator);
    u32(at + 4, miner);
    u64(at + 8, value);
  }
  bytes.set(input.state, stateAt);
  return bytes;
}

function flagsOf({ isVacant, isActive, hasPermit }: IncentiveInput, uid: number): number {
  return (
    (isVacant[uid] === true ? FLAG.vacant : 0) +
    (isActive[uid] === true ? FLAG.active : 0) +
    (hasPermit[uid] === true ? FLAG.permit : 0)
  );
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / VALUE_BYTES) * VALUE_BYTES;
}

function checkInput(input: IncentiveInput, neurons: number, weights: number): void {
  const vectors = [...COLUMNS, 'isVacant', 'isActive', 'hasPermit'] as const;
  const uneven = vectors.filter((name) => input[name].length !== neurons);
  if (uneven.length > 0) throw new RangeError(`incentive input: not ${neurons} of ${uneven.join(', ')}`);
  const isTooLarge = neurons > NEURONS_MAX || weights > WEIGHTS_MAX || input.state.length > STATE_BYTES_MAX;
  if (isTooLarge)
    throw new RangeError(`incentive input: ${neurons} neurons, ${weights} weights, or the state, too large`);
  if ((input.weights ?? []).length > neurons) throw new RangeError('incentive input: weights of more than all neurons');
}

function within(value: number, max: number): number {
  if (!Number.isInteger(value) || value < 0 || value > max)
    throw new RangeError(`incentive input: ${value} does not fit`);
  return value;
}

function wide(value: number | bigint): bigint {
  const whole = typeof value === 'bigint' ? value : BigInt(within(value, Number.MAX_SAFE_INTEGER));
  if (whole < 0n || whole > NONE_U64) throw new RangeError(`incentive input: ${whole} does not fit in 64 bits`);
  return whole;
}
