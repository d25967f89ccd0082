import { mayRate } from './epoch.ts';
import type { EpochInput, EpochOutput } from './epoch-types.ts';
import { U16_MAX } from './fixed.ts';
import { KEPT_BYTES_MAX } from './kernel.ts';
import { EpochKernel } from './kernel-arrays.ts';
import type { Row } from './sparse.ts';
import { type MovableRow, movableRow, otherAt, ownAt } from './weight-row.ts';

/** What incentives would be if validators gave one miner another weight: the epoch's first half, in the kernel, exactly. */
export interface IncentiveProbe {
  /** Rows that can be moved, by validator. */
  readonly rows: ReadonlyMap<number, MovableRow>;
  /** How often the kernel ran. */
  readonly runs: number;
  /** Incentives with these validators' rows at these positions, all others as they are. A view that the next call overwrites. */
  incentivesAt(positions: ReadonlyMap<number, number>): BigUint64Array;
}

/** One kernel for all probes, one after the other; `opened` says whose turn it is. */
let kept: EpochKernel | undefined;
let opened = 0;

/**
 * Opens a probe for a miner, which ends the one before. Movable are the rows of validators whose stake counts, that gave
 * somebody a weight that counts, and whose weight on this miner would.
 */
export function openProbe(input: EpochInput, output: EpochOutput, minerUid: number): IncentiveProbe {
  const rows = new Map(
    input.neurons.flatMap(({ weights }, uid) => {
      if ((output.activeStake[uid] ?? 0n) === 0n || !mayRate(input, uid, minerUid)) return [];
      const counts = (to: number): boolean => mayRate(input, uid, to);
      const movable = movableRow(weights, minerUid, counts);
      return movable.position + movable.othersSum === 0 ? [] : [[uid, movable] as const];
    }),
  );
  // An entry of zero changes nothing about incentives, and gives the kernel a place to write into.
  const neurons = input.neurons.map((neuron, uid) => ({
    ...neuron,
    bonds: [],
    weights: rows.get(uid)?.row ?? neuron.weights,
  }));
  const kernel = kept ?? new EpochKernel();
  kernel.load(neurons);
  kept = kernel.bytes > KEPT_BYTES_MAX ? undefined : kernel;
  opened += 1;
  const turn = opened;
  let runs = 0;
  return {
    rows,
    get runs() {
      return runs;
    },
    incentivesAt: (positions) => {
      if (turn !== opened) throw new Error('another probe has been opened since');
      for (const [uid, position] of positions) write(kernel, { uid, movable: rowOf(rows, uid), position });
      kernel.scoreMiners(input);
      runs += 1;
      for (const [uid, position] of positions) restore(kernel, { uid, movable: rowOf(rows, uid), position });
      return kernel.outputs.incentive;
    },
  };
}

function rowOf(rows: ReadonlyMap<number, MovableRow>, uid: number): MovableRow {
  const row = rows.get(uid);
  if (row === undefined) throw new RangeError(`the weights of uid ${uid} cannot be moved`);
  return row;
}

/** A row at a position. */
interface Placed {
  readonly uid: number;
  readonly movable: MovableRow;
  readonly position: number;
}

/** Into the kernel's own array: a row of objects a run would cost more than the run. */
function write({ inputs }: EpochKernel, { uid, movable, position }: Placed): void {
  const start = inputs.weights.starts[uid] ?? 0;
  if (position > U16_MAX)
    writeAll(inputs.weights.values.subarray(start), movable.row, (value) => otherAt(value, position));
  inputs.weights.values[start + movable.entry] = ownAt(position);
}

function restore({ inputs }: EpochKernel, { uid, movable, position }: Placed): void {
  const start = inputs.weights.starts[uid] ?? 0;
  if (position > U16_MAX) writeAll(inputs.weights.values.subarray(start), movable.row, (value) => value);
  inputs.weights.values[start + movable.entry] = movable.position;
}

function writeAll(to: Uint16Array, row: Row<number>, valueOf: (value: number) => number): void {
  for (const [at, [, value]] of row.entries()) to[at] = valueOf(value);
}
