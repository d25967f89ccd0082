import { expect, test } from 'vitest';
import { functionOf, seededNumbers } from '../test/example-input.ts';
import { INPUT_AT } from '../test/module-builder.ts';
import { randomProgram } from '../test/random-program.ts';
import { METER_SEED } from '../test/seeds.ts';
import { compileModule, instantiateMetered, isTrap, type MeteredExports } from './engine.ts';
import { STACK_UNITS_MAX } from './limits.ts';

const PROGRAMS = 3000;
const FUEL = 1n << 40n;

interface Ending {
  readonly answer: number | 'trap';
  readonly memory: Buffer;
  readonly fuelUsed: bigint | undefined;
  /** Values that frames did not give back; a trap leaves some. */
  readonly stackTaken: number;
}

function ended(module: Uint8Array<ArrayBuffer> | object, fuel?: bigint): Ending {
  const compiled = module instanceof Uint8Array ? compileModule(module) : module;
  const exports = instantiateMetered(compiled);
  if (fuel !== undefined) {
    exports.fuel.value = fuel;
    exports.stack.value = STACK_UNITS_MAX;
  }
  new Uint8Array(exports.memory.buffer).set([1, 2, 3, 4, 5, 6, 7, 8], INPUT_AT);
  const answer = answerOf(exports);
  return {
    answer,
    memory: Buffer.from(exports.memory.buffer),
    fuelUsed: fuel === undefined ? undefined : fuel - exports.fuel.value,
    stackTaken: fuel === undefined || answer === 'trap' ? 0 : STACK_UNITS_MAX - exports.stack.value,
  };
}

function answerOf(exports: MeteredExports): number | 'trap' {
  try {
    return exports.incentives(INPUT_AT, 8);
  } catch (error) {
    if (isTrap(error)) return 'trap';
    throw error;
  }
}

test(`${PROGRAMS} random programs: with meters and without the same answer, memory and trap, and fuel each time`, () => {
  let traps = 0;
  for (let seed = METER_SEED; seed < METER_SEED + PROGRAMS; seed += 1) {
    const bytes = randomProgram(seededNumbers(seed * 2_654_435_761));
    const plain = ended(bytes);
    const { compiled } = functionOf(bytes);
    const metered = ended(compiled, FUEL);
    expect({ seed, answer: metered.answer }).toEqual({ seed, answer: plain.answer });
    expect(metered.memory.equals(plain.memory), `memory, seed ${seed}`).toBe(true);
    const { fuelUsed = 0n } = metered;
    expect(ended(compiled, FUEL).fuelUsed, `fuel, seed ${seed}`).toBe(fuelUsed);
    // Exactly as much is enough, and one unit less is not; what traps by itself may do so before.
    expect(ended(compiled, fuelUsed).answer, `fuel, seed ${seed}`).toBe(plain.answer);
    const starved = fuelUsed === 0n ? 'trap' : ended(compiled, fuelUsed - 1n).answer;
    expect(starved, `less fuel, seed ${seed}`).toBe('trap');
    expect(metered.stackTaken, `stack, seed ${seed}`).toBe(0);
    traps += plain.answer === 'trap' ? 1 : 0;
  }
  // Some trap, most do not: otherwise the programs show nothing.
  expect(traps).toBeGreaterThan(PROGRAMS / 100);
  expect(traps).toBeLessThan(PROGRAMS / 2);
});
