import { NEURONS_MAX } from './check-input.ts';
import type { Row } from './sparse.ts';
import { type ArrayName, instantiateKernel, type KernelExports } from './kernel-module.ts';

/** How much a kernel's memory holds: neurons, and entries of all rows together. */
export interface KernelSize {
  readonly neurons: number;
  readonly weights: number;
  readonly bonds: number;
}

/** u16 entries of all rows behind one another: those of uid i stand from `starts[i]` to `starts[i + 1]`, ascending by column. */
export interface SparseRows {
  /** One more than there are neurons; the first is 0. */
  readonly starts: Uint32Array;
  readonly columns: Uint16Array;
  readonly values: Uint16Array;
}

/** The same with shares, raw counts of 2^-32. */
export interface ShareRows {
  readonly starts: Uint32Array;
  readonly columns: Uint16Array;
  readonly values: BigUint64Array;
}

/** What to fill before an epoch. Indexed by uid; blocks are whole numbers up to 2^53 - 1. */
export interface KernelInputs {
  /** Smallest units; the sum stays below 2^64. */
  readonly stake: BigUint64Array;
  readonly lastUpdate: Float64Array;
  readonly registeredAt: Float64Array;
  /** Infinity where there is no hidden commit. */
  readonly oldestCommit: Float64Array;
  /** 1 for a permit. */
  readonly permit: Uint8Array;
  readonly weights: SparseRows;
  readonly bonds: SparseRows;
}

/** Results of an epoch, views that the next `reserve` or run overwrites. Shares are raw counts of 2^-32. */
export interface KernelOutputs {
  readonly active: Uint8Array;
  readonly permitsApplied: Uint8Array;
  readonly permits: Uint8Array;
  readonly stake: BigUint64Array;
  readonly activeStake: BigUint64Array;
  readonly consensus: BigUint64Array;
  readonly prerank: BigUint64Array;
  readonly rank: BigUint64Array;
  readonly trust: BigUint64Array;
  readonly validatorTrust: BigUint64Array;
  readonly incentive: BigUint64Array;
  readonly dividends: BigUint64Array;
  /** Rank is stored normalised, which is the incentive. */
  readonly u16: Readonly<
    Record<'stake' | 'consensus' | 'trust' | 'validatorTrust' | 'incentive' | 'dividends', Uint16Array>
  >;
  /** Rows after all masks. */
  readonly weights: ShareRows;
  /** Kept bonds of Yuma 3, column shares of Yuma 2. */
  readonly pairs: ShareRows;
  /** Next epoch's stored bonds. Only the entries up to the last start are meant. */
  readonly bonds: SparseRows;
}

/** One instance of the module and typed-array views on its memory, renewed whenever that moves. */
export class KernelMemory {
  readonly exports: KernelExports = instantiateKernel();
  #size: KernelSize = { neurons: 0, weights: 0, bonds: 0 };
  #inputs: KernelInputs | undefined;
  #outputs: KernelOutputs | undefined;

  get size(): KernelSize {
    return this.#size;
  }

  get bytes(): number {
    return this.exports.memory.buffer.byteLength;
  }

  /** Lays out memory for a network; what it held is lost. Throws RangeError above the limits of an epoch. */
  reserve(size: KernelSize): void {
    const { neurons, weights, bonds } = size;
    const holds = (count: number, most: number): boolean => Number.isSafeInteger(count) && count >= 0 && count <= most;
    if (!holds(neurons, NEURONS_MAX)) throw new RangeError(`epoch input: neurons: ${neurons} exceed ${NEURONS_MAX}`);
    for (const [name, count] of [
      ['weights', weights],
      ['bonds', bonds],
    ] as const) {
      if (!holds(count, neurons * neurons)) throw new RangeError(`epoch input: ${name}: ${count} exceed a full matrix`);
    }
    if (this.exports.reserve(neurons, weights, bonds) === 0) {
      throw new Error(`the kernel found no memory for ${neurons} neurons, ${weights} weights, ${bonds} bonds`);
    }
    this.#size = size;
    this.#inputs = undefined;
    this.#outputs = undefined;
  }

  get inputs(): KernelInputs {
    this.#inputs ??= this.#inputViews();
    return this.#inputs;
  }

  get outputs(): KernelOutputs {
    this.#outputs ??= this.#outputViews();
    return this.#outputs;
  }

  #inputViews(): KernelInputs {
    const { neurons, weights, bonds } = this.#size;
    return {
      stake: this.shares('stake'),
      lastUpdate: this.#blocks('lastUpdate'),
      registeredAt: this.#blocks('registeredAt'),
      oldestCommit: this.#blocks('oldestCommit'),
      permit: this.#flags('permit'),
      weights: {
        starts: this.#starts('weightStarts', neurons),
        columns: this.#units('weightColumns', weights),
        values: this.#units('weightValues', weights),
      },
      bonds: {
        starts: this.#starts('bondStarts', neurons),
        columns: this.#units('bondColumns', bonds),
        values: this.#units('bondValues', bonds),
      },
    };
  }

  #outputViews(): KernelOutputs {
    const { neurons, weights, bonds } = this.#size;
    return {
      active: this.#flags('active'),
      permitsApplied: this.#flags('permitApplied'),
      permits: this.#flags('nextPermit'),
      stake: this.shares('stakeShare'),
      activeStake: this.shares('activeStake'),
      consensus: this.shares('consensus'),
      prerank: this.shares('prerank'),
      rank: this.shares('rank'),
      trust: this.shares('trust'),
      validatorTrust: this.shares('validatorTrust'),
      incentive: this.shares('incentive'),
      dividends: this.shares('dividends'),
      u16: {
        stake: this.#units('stakeU16', neurons),
        consensus: this.#units('consensusU16', neurons),
        trust: this.#units('trustU16', neurons),
        validatorTrust: this.#units('validatorTrustU16', neurons),
        incentive: this.#units('incentiveU16', neurons),
        dividends: this.#units('dividendsU16', neurons),
      },
      weights: {
        starts: this.#starts('rowStarts', neurons),
        columns: this.#units('rowColumns', weights),
        values: this.shares('rowValues', weights),
      },
      pairs: {
        starts: this.#starts('pairStarts', neurons),
        columns: this.#units('pairColumns', weights + bonds),
        values: this.shares('pairValues', weights + bonds),
      },
      bonds: {
        starts: this.#starts('nextStarts', neurons),
        columns: this.#units('nextColumns', weights + bonds),
        values: this.#units('nextValues', weights + bonds),
      },
    };
  }

  /** A view on 64-bit numbers, one a uid unless told otherwise. */
  shares(name: ArrayName, length: number = this.#size.neurons): BigUint64Array {
    return new BigUint64Array(this.exports.memory.buffer, this.exports[name].value, length);
  }

  #blocks(name: ArrayName): Float64Array {
    return new Float64Array(this.exports.memory.buffer, this.exports[name].value, this.#size.neurons);
  }

  #flags(name: ArrayName): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer, this.exports[name].value, this.#size.neurons);
  }

  #units(name: ArrayName, length: number): Uint16Array {
    return new Uint16Array(this.exports.memory.buffer, this.exports[name].value, length);
  }

  #starts(name: ArrayName, neurons: number): Uint32Array {
    return new Uint32Array(this.exports.memory.buffer, this.exports[name].value, neurons + 1);
  }
}

/** One row as pairs. */
export function rowOf<Value extends number | bigint>(
  rows: {
    readonly starts: Uint32Array;
    readonly columns: Uint16Array;
    readonly values: { readonly [at: number]: Value };
  },
  uid: number,
): Row<Value> {
  const end = rows.starts[uid + 1] ?? 0;
  const row: (readonly [number, Value])[] = [];
  for (let at = rows.starts[uid] ?? end; at < end; at += 1) {
    const column = rows.columns[at];
    const value = rows.values[at];
    if (column !== undefined && value !== undefined) row.push([column, value]);
  }
  return row;
}
