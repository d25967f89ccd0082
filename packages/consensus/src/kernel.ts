import { checkInput } from './check-input.ts';
import { penalisedWeights } from './bonds.ts';
import type { EpochInput, EpochOutput, EpochParameters } from './epoch-types.ts';
import { type Fixed, fromU16Share } from './fixed.ts';
import { EpochKernel } from './kernel-arrays.ts';
import { rowOf, type ShareRows, type SparseRows } from './kernel-memory.ts';
import { clipColumns, type Matrix, normaliseColumns, scaleRows, upscaleColumns } from './sparse.ts';

/** Above this a kernel is not kept: WebAssembly gives memory back only with the instance. */
export const KEPT_BYTES_MAX = 64 * 1024 * 1024;

let kept: EpochKernel | undefined;

/**
 * The epoch of `epoch.ts`, with the same input, output and errors, bit for bit, computed in WebAssembly. Vectors and
 * permits are there at once; stored bonds, and the matrices that explain all of it, are written out when they are first read:
 * most of who runs an epoch asks what a change does to incentives, and an object a bond would cost more than the epoch.
 */
export function runKernelEpoch(input: EpochInput): EpochOutput {
  checkInput(input);
  const kernel = kept ?? new EpochKernel();
  kernel.load(input.neurons);
  kernel.run(input);
  const output = readOutput(kernel, input);
  kept = kernel.bytes > KEPT_BYTES_MAX ? undefined : kernel;
  return output;
}

/**
 * The incentives of `runKernelEpoch` alone, for whoever asks of hundreds of changes what they do to miners. No bond decides
 * any, so none is loaded, bought or written out.
 */
export function runKernelIncentives(input: EpochInput): readonly Fixed[] {
  checkInput(input);
  const kernel = kept ?? new EpochKernel();
  kernel.loadVotes(input.neurons);
  kernel.scoreMiners(input);
  const incentive = [...kernel.outputs.incentive];
  kept = kernel.bytes > KEPT_BYTES_MAX ? undefined : kernel;
  return incentive;
}

function readOutput({ outputs }: EpochKernel, input: EpochInput): EpochOutput {
  const vectors = {
    stake: [...outputs.stake],
    activeStake: [...outputs.activeStake],
    consensus: [...outputs.consensus],
    prerank: [...outputs.prerank],
    rank: [...outputs.rank],
    trust: [...outputs.trust],
    validatorTrust: [...outputs.validatorTrust],
    incentive: [...outputs.incentive],
    dividends: [...outputs.dividends],
  };
  const matrices = matricesOf(input.parameters, vectors, {
    weights: copyOf(outputs.weights),
    pairs: copyOf(outputs.pairs),
  });
  const stored = copyOf(outputs.bonds);
  const bonds = once(() => matrixOf(stored, input.neurons.length));
  return {
    ...vectors,
    active: Array.from(outputs.active, Boolean),
    permitsApplied: Array.from(outputs.permitsApplied, Boolean),
    permits: Array.from(outputs.permits, Boolean),
    get weights() {
      return matrices.weights();
    },
    get clipped() {
      return matrices.clipped();
    },
    get bondsObserved() {
      return matrices.observed();
    },
    get bondShares() {
      return matrices.shares();
    },
    get bondsKept() {
      return matrices.kept();
    },
    get bonds() {
      return bonds();
    },
    u16: {
      stake: [...outputs.u16.stake],
      consensus: [...outputs.u16.consensus],
      rank: [...outputs.u16.incentive],
      trust: [...outputs.u16.trust],
      validatorTrust: [...outputs.u16.validatorTrust],
      incentive: [...outputs.u16.incentive],
      dividends: [...outputs.u16.dividends],
    },
  };
}

/**
 * The matrices of an epoch. Weights and pairs are the kernel's; what follows from them in one step of the formula is
 * computed by the reference's function for that step, when somebody asks.
 */
function matricesOf(
  { formula, bondsPenaltyU16 }: EpochParameters,
  { consensus, activeStake }: Pick<EpochOutput, 'consensus' | 'activeStake'>,
  rows: { readonly weights: ShareRows; readonly pairs: ShareRows },
): Readonly<Record<'weights' | 'clipped' | 'observed' | 'shares' | 'kept', () => Matrix>> {
  const count = consensus.length;
  const isYuma3 = formula === 'yuma3' || formula === 'yuma3-liquid';
  const weights = once(() => matrixOf(rows.weights, count));
  const pairs = once(() => matrixOf(rows.pairs, count));
  const clipped = once(() => clipColumns(weights(), consensus));
  const target = once(() => penalisedWeights(weights(), clipped(), fromU16Share(bondsPenaltyU16)));
  return {
    weights,
    clipped,
    observed: isYuma3 ? target : once(() => normaliseColumns(scaleRows(target(), activeStake), count)),
    shares: isYuma3 ? once(() => normaliseColumns(pairs(), count)) : pairs,
    kept: isYuma3 ? pairs : once(() => upscaleColumns(pairs(), count)),
  };
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Out of the kernel's memory, which the next epoch overwrites. */
function copyOf<Rows extends ShareRows | SparseRows>({ starts, columns, values }: Rows) {
  const count = starts.at(-1) ?? 0;
  return { starts: starts.slice(), columns: columns.slice(0, count), values: values.slice(0, count) as Rows['values'] };
}

function matrixOf<Value extends number | bigint>(
  rows: Parameters<typeof rowOf<Value>>[0],
  count: number,
): Matrix<Value> {
  return Array.from({ length: count }, (_, uid) => rowOf(rows, uid));
}
