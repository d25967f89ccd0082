import { splitByLargestRemainder } from '@subnetes/money/split';
import { ABI_VERSION } from './contract.ts';
import { instantiateMetered, isTrap, type MeteredExports } from './engine.ts';
import { type IncentiveInput, inputBytes } from './input-layout.ts';
import { FUEL_MAX, STACK_UNITS_MAX } from './limits.ts';
import { ALIGNMENT, type ReadOutput, readOutput } from './output-layout.ts';
import type { IncentiveFunction } from './prepare-function.ts';
import type { RunRefusal, RunRefusalCode } from './refusal.ts';

/** What a policy grants one run; everything else is fixed by the version of the contract. */
export interface RunLimits {
  /** Units of fuel, from 1 to `FUEL_MAX`. */
  readonly fuel: number;
}

export interface IncentiveOutcome {
  /** By uid: the sum of the input's incentives in the proportion of the shares, to the last unit. */
  readonly incentive: readonly bigint[];
  /** As the function gave them, of any scale. */
  readonly shares: readonly bigint[];
  /** For the next epoch's input. */
  readonly state: Uint8Array;
  readonly fuelUsed: number;
}

export type RunResult = IncentiveOutcome | { readonly refusal: RunRefusal };

/** The machine could not run a function that the contract allows. Another machine, or a later try, gives the result. */
export class MachineShortage extends Error {
  override readonly name = 'MachineShortage';
}

/**
 * Runs a function once, in a memory of its own, on the caller's thread. The same function, input and fuel give the same
 * outcome on every machine, refusals and fuel included.
 *
 * Incentives are divided with the largest remainder (of equal remainders the lower uid gets the unit), so their sum is the
 * input's. Throws RangeError on an input that breaks a limit and on fuel out of range, `MachineShortage` when the machine
 * has no memory or stack left; neither may be taken for a refusal.
 */
export function runIncentiveFunction(target: IncentiveFunction, input: IncentiveInput, limits: RunLimits): RunResult {
  const { fuel } = limits;
  if (!Number.isSafeInteger(fuel) || fuel < 1 || fuel > FUEL_MAX) {
    throw new RangeError(`fuel ${fuel} is not a whole number from 1 to ${FUEL_MAX}`);
  }
  const bytes = inputBytes(input);
  const exports = withoutShortage(() => instantiateMetered(target.compiled));
  exports.fuel.value = BigInt(fuel);
  exports.stack.value = STACK_UNITS_MAX;
  const output = withoutShortage(() => called(exports, bytes, input.isVacant));
  const fuelUsed = fuel - Math.max(0, Number(exports.fuel.value));
  if ('code' in output) return { refusal: { ...output, fuelUsed } };
  const total = input.incentive.reduce((left, right) => left + right, 0n);
  return { incentive: splitByLargestRemainder(total, output.shares), ...output, fuelUsed };
}

function called(exports: MeteredExports, input: Uint8Array, isVacant: readonly boolean[]): ReadOutput {
  try {
    exports.start?.();
    const version = exports.abi_version();
    if (version !== ABI_VERSION) return { code: 'ABI_UNKNOWN', message: `version ${version}, ${ABI_VERSION} is known` };
    const inputAt = exports.allocate(input.length) >>> 0;
    const { buffer } = exports.memory;
    if (inputAt % ALIGNMENT !== 0 || inputAt + input.length > buffer.byteLength) {
      return { code: 'INPUT_ADDRESS', message: `${input.length} bytes at ${inputAt} of ${buffer.byteLength}` };
    }
    new Uint8Array(buffer).set(input, inputAt);
    const outputAt = exports.incentives(inputAt, input.length) >>> 0;
    if (outputAt === 0) return { code: 'FUNCTION_DECLINED', message: 'the function left incentives as they are' };
    return readOutput(exports.memory.buffer, outputAt, isVacant);
  } catch (error) {
    if (!isTrap(error)) throw error;
    return reasonOfTrap(exports);
  }
}

/** Which meter made it trap, or none. Says nothing in the engine's words, for they differ. */
function reasonOfTrap(exports: MeteredExports): { readonly code: RunRefusalCode; readonly message: string } {
  if (exports['host-shortage'].value !== 0) throw new MachineShortage('no memory within the maximum of the module');
  if (exports.fuel.value < 0n) return { code: 'FUEL_EXHAUSTED', message: 'out of fuel' };
  if (exports.stack.value < 0) return { code: 'STACK_EXHAUSTED', message: 'calls went too deep' };
  if (exports['refused-growth'].value !== 0) {
    return { code: 'MEMORY_EXHAUSTED', message: 'trapped after memory beyond the maximum was asked for' };
  }
  return { code: 'FUNCTION_TRAPPED', message: 'trapped: unreachable, a division, or an address out of bounds' };
}

function withoutShortage<Result>(act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    // Engines say both in these: no room for a memory, and a stack that was nearly full before the call.
    if (error instanceof RangeError || (error instanceof Error && error.name === 'InternalError')) {
      throw new MachineShortage('no memory or stack for a function', { cause: error });
    }
    throw error;
  }
}
