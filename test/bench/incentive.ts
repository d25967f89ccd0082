import { createHash } from 'node:crypto';
import { FUEL_DEFAULT, FUEL_MAX, MODULE_BYTES_MAX, NEURONS_MAX } from '@subnetes/incentive/limits';
import { type IncentiveFunction, prepareFunction } from '@subnetes/incentive/prepare-function';
import { runIncentiveFunction } from '@subnetes/incentive/run-function';
import { EXAMPLE_NAMES, exampleBytes, inputOf } from '../../packages/incentive/test/example-input.ts';
import { contractModule, I32, I64, op } from '../../packages/incentive/test/module-builder.ts';

type Code = readonly (readonly number[])[];
type Progress = (line: string) => void;

const ROUNDS = 7;
const LAST_WORD = 0xff_fff8;
/** Locals behind the two parameters: i32, i32, i64, i64. */
const [PLACE, RANDOM, WIDE, OTHER] = [2, 3, 4, 5];
const SCRAMBLE: Code = [op.get(RANDOM), op.i32(1_664_525), [0x6c], op.i32(1_013_904_223), op.i32Add, op.tee(RANDOM)];

function repeated(count: number, code: Code): Code {
  return Array.from({ length: count }, () => code).flat();
}

const CHAIN: Code = [op.get(WIDE), op.get(OTHER), [0x7f], op.i64(0x7fff_ffff_ffff_fff1n), [0x85], op.set(WIDE)];
const LOOK_UP: Code = [op.get(PLACE), op.i32Load(0), ...SCRAMBLE, [0x73], op.i32(LAST_WORD), [0x71], op.set(PLACE)];
const SCATTER: Code = [...SCRAMBLE, op.i32(LAST_WORD), [0x71], op.get(WIDE), op.i64Store(0)];
const ADD_ONE: Code = [op.get(WIDE), op.i64(1n), op.i64Add, op.set(WIDE)];
const TAKE_ONE: Code = [op.get(WIDE), op.i64(1n), [0x7d], op.set(WIDE)];
const GUESS: Code = [
  ...SCRAMBLE,
  op.i32(16),
  [0x76],
  op.i32(1),
  [0x71],
  op.if,
  ...ADD_ONE,
  op.else,
  ...TAKE_ONE,
  op.end,
];
const SWITCH: Code = [
  op.block,
  op.block,
  op.block,
  op.block,
  ...SCRAMBLE,
  op.i32(16),
  [118],
  op.i32(3),
  [113],
  op.brTable([0, 1, 2], 3),
  op.end,
  ...ADD_ONE,
  op.end,
  ...TAKE_ONE,
  op.end,
  ...ADD_ONE,
  op.end,
];
const SIZE: Code = [op.memorySize, [0xac], op.get(WIDE), op.i64Add, op.set(WIDE)];
/** Two bytes that end a stretch, as often as they go into a module: nothing grows more with its meters. */
const LARGEST: Code = repeated(Math.floor((MODULE_BYTES_MAX - 600) / 4), [op.get(PLACE), op.brIf(1)]);
/** A divisor that no compiler knows. */
const PRELUDE: Code = [
  op.i64(-7n),
  op.set(WIDE),
  op.i32(8),
  op.i64(3n),
  op.i64Store(0),
  op.i32(8),
  op.i64Load(0),
  op.set(OTHER),
];
/** What was computed is looked at, or an engine leaves it out. */
const KEEP: Code = [
  op.i32(16),
  op.get(WIDE),
  op.i64Store(0),
  op.i32(24),
  op.get(RANDOM),
  op.i32Store(0),
  op.i32(32),
  op.get(PLACE),
  op.i32Store(0),
];

/** What takes long for its fuel, each over and over until it runs out. */
const BURNERS: Readonly<Record<string, Code>> = {
  'jumps alone': [],
  'dependent divisions': repeated(16, CHAIN),
  'dependent loads over 16 MiB': repeated(8, LOOK_UP),
  'stores over 16 MiB': repeated(8, SCATTER),
  'branches that cannot be foreseen': repeated(8, GUESS),
  'tables of labels that cannot be foreseen': repeated(8, SWITCH),
  'calls of nothing': repeated(8, [op.call(3)]),
  'indirect calls': repeated(8, [...SCRAMBLE, op.i32(16), [0x76], op.i32(3), [0x71], op.callIndirect(3)]),
  'fills of one byte': repeated(8, [op.get(PLACE), op.i32(1), op.i32(1), op.memoryFill]),
  'fills of 16 MiB': [op.i32(0), op.i32(1), op.i32(0x100_0000), op.memoryFill],
  'copies of one byte': repeated(8, [op.get(PLACE), op.i32(64), op.i32(1), op.memoryCopy]),
  'copies of 8 MiB': [op.i32(0x80_0000), op.i32(0), op.i32(0x80_0000), op.memoryCopy],
  'growth by nothing': repeated(8, [op.i32(0), op.memoryGrow, op.drop]),
  'growth refused': repeated(8, [op.i32(1000), op.memoryGrow, op.drop]),
  'a function as large as may be': LARGEST,
  'size of memory': repeated(8, SIZE),
};

/** Prepares and measures; each figure is the least and the most of some rounds, in ms. */
export function measureIncentive(progress: Progress): Promise<Record<string, unknown>> {
  const burners = Object.entries(BURNERS).map(([what, code]) => {
    const spread = burn(code);
    progress(`${what}: ${spread.first} ms at first, ${spread.least} to ${spread.most} ms`);
    return { what, ...spread };
  });
  const worst = Math.max(...burners.map(({ most }) => most));
  const largest = timed(ROUNDS, () => prepared(largestModule()));
  progress(`the largest module: ${largest.least} to ${largest.most} ms to check, meter and compile`);
  return Promise.resolve({
    fuel: FUEL_DEFAULT,
    burners,
    worstMs: worst,
    worstOfFuelMaxMs: Math.round((worst * FUEL_MAX) / FUEL_DEFAULT),
    largestModule: { bytes: largestModule().length, ...largest },
    examples: EXAMPLE_NAMES.map((name) => ({ name, ...onLargestNetwork(prepared(exampleBytes(name))) })),
  });
}

function burn(code: Code): { first: number; least: number; most: number } {
  const nothing = { type: 3, code: [] };
  const target = prepared(
    contractModule(
      {
        locals: [
          [2, I32],
          [2, I64],
        ],
        code: [...PRELUDE, op.block, op.loop, ...code, ...KEEP, op.br(0), op.end, op.end, op.unreachable],
      },
      {
        more: [nothing, { type: 3, code: [op.nop] }, { type: 3, code: [op.nop] }, { type: 3, code: [op.nop] }],
        // All of the memory from the beginning; a table of four functions.
        sections: {
          4: [1, 0x70, 0, 4],
          5: [1, 1, 0x80, 2, 0x80, 2],
          9: [1, 0, 0x41, 0, 0x0b, 4, 3, 4, 5, 6],
        },
      },
    ),
  );
  const input = inputOf([1n, 2n]);
  const run = (): void => {
    const result = runIncentiveFunction(target, input, { fuel: FUEL_DEFAULT });
    if (!('refusal' in result) || result.refusal.code !== 'FUEL_EXHAUSTED') throw new Error(JSON.stringify(result));
  };
  const { least: first } = timed(1, run);
  return { first, ...timed(ROUNDS, run) };
}

function onLargestNetwork(target: IncentiveFunction): Record<string, unknown> {
  const input = inputOf(Array.from({ length: NEURONS_MAX }, (_, uid) => BigInt(uid) << 8n));
  const result = runIncentiveFunction(target, input, { fuel: FUEL_MAX });
  if ('refusal' in result) throw new Error(result.refusal.message);
  const { fuelUsed } = result;
  return {
    neurons: NEURONS_MAX,
    fuelUsed,
    ...timed(ROUNDS, () => runIncentiveFunction(target, input, { fuel: FUEL_MAX })),
  };
}

function largestModule(): Uint8Array {
  return contractModule({ locals: [[1, I32]], code: [op.block, op.block, ...LARGEST, op.end, op.end, op.i32(0)] });
}

function prepared(bytes: Uint8Array): IncentiveFunction {
  const result = prepareFunction(bytes, (content) => createHash('sha256').update(content).digest());
  if ('refusal' in result) throw new Error(result.refusal.message);
  return result.function;
}

function timed(rounds: number, act: () => unknown): { least: number; most: number } {
  const times = Array.from({ length: rounds }, () => {
    const from = performance.now();
    act();
    return Math.round((performance.now() - from) * 100) / 100;
  });
  return { least: Math.min(...times), most: Math.max(...times) };
}
