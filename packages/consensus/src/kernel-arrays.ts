import { checkInput, checkSettings, type EpochSettings } from './check-input.ts';
import type { EpochInput, NeuronInput } from './epoch-types.ts';
import type { Pots } from './emission.ts';
import type { Fixed } from './fixed.ts';
import {
  KernelMemory,
  type KernelInputs,
  type KernelOutputs,
  type KernelSize,
  rowOf,
  type SparseRows,
} from './kernel-memory.ts';
import { columnAlphas } from './liquid-alpha.ts';
import type { Row } from './sparse.ts';

/** Answers of the module's `scoreMiners`. */
const CONSENSUS = 1;
const INVALID = 2;
const UNITS_MAX = 1n << 64n;

/** Payouts in smallest units, views that the next payout overwrites. */
export interface KernelPayout {
  readonly incentive: BigUint64Array;
  readonly dividends: BigUint64Array;
  readonly unattributed: bigint;
}

/**
 * The epoch of `epoch.ts` on arrays, bit for bit, in WebAssembly: for networks so large or so many that an object an entry
 * would cost more than the epoch. Reserve, fill `inputs`, run, read `outputs`; all of them are views on one memory, which
 * is why a kernel serves one epoch at a time. `kernel.ts` is the same on objects.
 */
export class EpochKernel {
  readonly #memory = new KernelMemory();

  /** Lays out memory for a network and empties it. Throws RangeError above the limits of an epoch. */
  reserve(size: KernelSize): void {
    this.#memory.reserve(size);
  }

  /**
   * Reserves for these neurons and fills the inputs with them. What they hold is the caller's to check: `checkInput`.
   * `bondCapacity` is room for more bonds than they have, as `carryBonds` may need.
   */
  load(neurons: readonly NeuronInput[], bondCapacity = 0): void {
    const bonds = neurons.reduce((count, neuron) => count + neuron.bonds.length, 0);
    this.#loadVotes(neurons, Math.max(bondCapacity, bonds));
    fillRows(
      this.inputs.bonds,
      neurons.map((neuron) => neuron.bonds),
    );
  }

  /** The same without their bonds, for `scoreMiners` alone: no bond decides an incentive. */
  loadVotes(neurons: readonly NeuronInput[]): void {
    this.#loadVotes(neurons, 0);
    this.inputs.bonds.starts.fill(0);
  }

  #loadVotes(neurons: readonly NeuronInput[], bonds: number): void {
    const weights = neurons.reduce((count, neuron) => count + neuron.weights.length, 0);
    this.reserve({ neurons: neurons.length, weights, bonds });
    const { inputs } = this;
    for (const [uid, neuron] of neurons.entries()) {
      inputs.stake[uid] = neuron.stake;
      inputs.lastUpdate[uid] = neuron.lastUpdate;
      inputs.registeredAt[uid] = neuron.registeredAt;
      inputs.oldestCommit[uid] = neuron.oldestCommit ?? Number.POSITIVE_INFINITY;
      inputs.permit[uid] = Number(neuron.permit);
    }
    fillRows(
      inputs.weights,
      neurons.map((neuron) => neuron.weights),
    );
  }

  /** Renewed by `reserve`; read it again after that. */
  get inputs(): KernelInputs {
    return this.#memory.inputs;
  }

  get outputs(): KernelOutputs {
    return this.#memory.outputs;
  }

  /** Bytes that this kernel holds; they are never given back but with the kernel. */
  get bytes(): number {
    return this.#memory.bytes;
  }

  /** Runs one epoch on `inputs`. Throws RangeError with the reference's words where that would. */
  run(settings: EpochSettings): void {
    this.#updateBonds(settings, this.scoreMiners(settings));
  }

  /**
   * Runs the first half of an epoch alone: outputs up to the incentive are new, those of bonds and dividends are not. For
   * whoever asks of many changes what they do to miners. Whether there is any consensus.
   */
  scoreMiners(settings: EpochSettings): boolean {
    const { exports, size } = this.#memory;
    const { parameters, ownerUid } = settings;
    checkSettings(settings, size.neurons);
    const answer = exports.scoreMiners(
      settings.block,
      parameters.activityCutoffBlocks,
      ownerUid ?? -1,
      parameters.minStake,
      Math.min(parameters.maxValidators, size.neurons),
      Number(parameters.permitRule === 'plain'),
      parameters.kappaU16,
    );
    if (answer === INVALID) throw this.#refusal(settings);
    return answer === CONSENSUS;
  }

  #updateBonds(settings: EpochSettings, hasConsensus: boolean): void {
    const { exports } = this.#memory;
    const { formula, bondsPenaltyU16, bondsMovingAveragePpm, liquidAlpha } = settings.parameters;
    const mask = [
      bondsMadeSince(settings),
      Number(settings.parameters.bondMask !== 'epoch'),
      Number(settings.parameters.clearBonds === 'without-next-permit'),
    ] as const;
    if (formula === 'yuma3' || (formula === 'yuma3-liquid' && !hasConsensus)) {
      exports.buyPairs(bondsMovingAveragePpm, bondsPenaltyU16, ...mask);
    } else if (formula === 'yuma3-liquid' && liquidAlpha !== undefined) {
      const { lowU16, highU16, steepnessHundredths } = liquidAlpha;
      exports.buyLiquidPairs(lowU16, highU16, steepnessHundredths, bondsPenaltyU16, ...mask);
    } else {
      exports.setColumnAlphas(bondsMovingAveragePpm);
      // One alpha a miner, of history only: not worth a second logarithm, so the reference's own function says it.
      if (formula === 'yuma2-liquid' && liquidAlpha !== undefined && hasConsensus) {
        const consensus: Fixed[] = [...this.outputs.consensus];
        this.#memory.shares('columnAlphas').set(columnAlphas(consensus, liquidAlpha));
      }
      exports.buyColumns(bondsPenaltyU16, ...mask);
    }
  }

  /** Pays two pots of the epoch that ran last, as `payPots` does. Throws RangeError when they do not fit in 64 bits together. */
  pay(pots: Pots): KernelPayout {
    const both = pots.miners + pots.validators;
    if (pots.miners < 0n || pots.validators < 0n || both >= UNITS_MAX) throw new RangeError('pots: not within 64 bits');
    const { exports } = this.#memory;
    const { incentive, dividends, activeStake } = this.outputs;
    const [noIncentive, noDividends] = [isZero(incentive), isZero(dividends)];
    const fallback = isZero(activeStake) ? exports.stakeShare : exports.activeStake;
    const shares = noIncentive && noDividends ? fallback : exports.dividends;
    const toMiners = exports.pay(exports.incentive.value, exports.minerPayouts.value, noDividends ? both : pots.miners);
    const toValidators = exports.pay(
      shares.value,
      exports.validatorPayouts.value,
      noIncentive ? both : pots.validators,
    );
    return {
      incentive: this.#memory.shares('minerPayouts'),
      dividends: this.#memory.shares('validatorPayouts'),
      unattributed: both - BigInt.asUintN(64, toMiners) - BigInt.asUintN(64, toValidators),
    };
  }

  /** Makes the stored bonds of the epoch that ran last the inputs of the next. Throws RangeError when `bonds` were reserved too few. */
  carryBonds(): void {
    const { size, inputs, outputs } = this.#memory;
    const count = outputs.bonds.starts[size.neurons] ?? 0;
    if (count > size.bonds) throw new RangeError(`bonds: ${count} are stored, ${size.bonds} were reserved`);
    inputs.bonds.starts.set(outputs.bonds.starts);
    inputs.bonds.columns.set(outputs.bonds.columns.subarray(0, count));
    inputs.bonds.values.set(outputs.bonds.values.subarray(0, count));
  }

  /** Finds in the reference's own words what the module found wrong. */
  #refusal(settings: EpochSettings): RangeError {
    try {
      checkInput(this.#asObjects(settings));
    } catch (error) {
      if (error instanceof RangeError) return error;
      throw error;
    }
    return new RangeError('epoch input: rows: starts do not ascend from 0 within what was reserved');
  }

  #asObjects(settings: EpochSettings): EpochInput {
    const { stake, lastUpdate, registeredAt, oldestCommit, permit, weights, bonds } = this.inputs;
    const neurons = Array.from(stake, (units, uid) => ({
      stake: units,
      lastUpdate: lastUpdate[uid] ?? 0,
      registeredAt: registeredAt[uid] ?? 0,
      permit: permit[uid] !== 0,
      oldestCommit: oldestCommit[uid] === Number.POSITIVE_INFINITY ? null : (oldestCommit[uid] ?? null),
      weights: rowOf(weights, uid),
      bonds: rowOf(bonds, uid),
    }));
    return { ...settings, neurons };
  }
}

/** First block at which a stored bond may have been made; the chain reads a recorded block of 0 as none. */
function bondsMadeSince({ block, lastEpochBlock, parameters }: EpochSettings): number {
  if (lastEpochBlock !== null && lastEpochBlock !== 0) return lastEpochBlock + 1;
  return Math.max(0, block - parameters.tempo);
}

function fillRows({ starts, columns, values }: SparseRows, rows: readonly Row<number>[]): void {
  let end = 0;
  starts[0] = 0;
  for (const [uid, row] of rows.entries()) {
    for (const [column, value] of row) {
      columns[end] = column;
      values[end] = value;
      end += 1;
    }
    starts[uid + 1] = end;
  }
}

function isZero(shares: BigUint64Array): boolean {
  return shares.every((share) => share === 0n);
}
