import { expect, test } from 'vitest';
import { codeOf, exampleBytes, functionOf, inputOf, ONE, outcomeOf } from '../test/example-input.ts';
import {
  CONTRACT_TYPES,
  contractExports,
  contractModule,
  I32,
  moduleOf,
  op,
  OUTPUT_AT,
  sharingEqually,
} from '../test/module-builder.ts';
import { FUEL_DEFAULT, FUEL_MAX, STATE_BYTES_MAX } from './limits.ts';
import { runIncentiveFunction, type RunResult } from './run-function.ts';

const FUEL = { fuel: FUEL_DEFAULT };
/** What each stretch costs besides its instructions. */
const STRETCH = 6;
const THREE = inputOf([ONE / 2n, ONE / 3n, ONE - ONE / 2n - ONE / 3n]);

function run(
  incentives: Parameters<typeof contractModule>[0],
  more: Parameters<typeof contractModule>[1] = {},
): RunResult {
  return runIncentiveFunction(functionOf(contractModule(incentives, more)), THREE, FUEL);
}

test('identity pays what the consensus found', () => {
  const outcome = outcomeOf(runIncentiveFunction(functionOf(exampleBytes('identity')), THREE, FUEL));
  expect(outcome.incentive).toEqual(THREE.incentive);
  expect(outcome.state).toHaveLength(0);
});

test('the winner takes 70 % to the last unit, the others share the rest in proportion', () => {
  const outcome = outcomeOf(runIncentiveFunction(functionOf(exampleBytes('winner-takes-most')), THREE, FUEL));
  expect(outcome.incentive.reduce((left, right) => left + right)).toBe(ONE);
  expect(outcome.incentive).toEqual([3_006_477_107n, 858_993_459n, 429_496_730n]);
});

test('smoothing carries its state, and forgets who left', () => {
  const smoothing = functionOf(exampleBytes('smoothing'));
  const first = outcomeOf(runIncentiveFunction(smoothing, inputOf([ONE, 0n]), FUEL));
  expect(first.incentive).toEqual([ONE, 0n]);
  const turned = inputOf([0n, ONE], { state: first.state });
  // A quarter less of a quarter, against a quarter of one: 3/16 to 4/16.
  expect(outcomeOf(runIncentiveFunction(smoothing, turned, FUEL)).incentive).toEqual([
    (ONE * 3n) / 7n + 1n, // its remainder is the larger one
    (ONE * 4n) / 7n,
  ]);
  const replaced = inputOf([0n, ONE], { state: first.state, registeredAt: [130, 1] });
  expect(outcomeOf(runIncentiveFunction(smoothing, replaced, FUEL)).incentive).toEqual([0n, ONE]);
});

test('smoothing declines while nobody has earned anything', () => {
  expect(codeOf(runIncentiveFunction(functionOf(exampleBytes('smoothing')), inputOf([0n, 0n]), FUEL))).toBe(
    'FUNCTION_DECLINED',
  );
});

const forever = [op.loop, op.br(0), op.end];
const bombs = [
  ['an infinite loop', { code: [...forever, op.unreachable] }, 'FUEL_EXHAUSTED'],
  ['a loop of nothing but marks', { code: [op.loop, op.block, op.end, op.br(0), op.end, op.i32(0)] }, 'FUEL_EXHAUSTED'],
  [
    'a loop by a table of labels',
    { code: [op.loop, op.i32(0), op.brTable([0, 0], 0), op.end, op.unreachable] },
    'FUEL_EXHAUSTED',
  ],
  ['calls without end', { code: [op.get(0), op.get(1), op.call(2)] }, 'STACK_EXHAUSTED'],
  [
    'memory without end, and the trap of one who counts on it',
    { code: [op.loop, op.i32(1), op.memoryGrow, op.i32(0), [0x4e], op.brIf(0), op.end, op.unreachable] },
    'MEMORY_EXHAUSTED',
  ],
  [
    'memory asked for again and again',
    { code: [op.loop, op.i32(-1), op.memoryGrow, op.drop, op.br(0), op.end, op.unreachable] },
    'FUEL_EXHAUSTED',
  ],
  [
    'memory filled over and over',
    {
      code: [op.loop, op.i32(0), op.i32(0), op.i32(65_536), op.memoryFill, op.br(0), op.end, op.unreachable],
    },
    'FUEL_EXHAUSTED',
  ],
  [
    'memory copied over and over',
    {
      code: [op.loop, op.i32(0), op.i32(8), op.i32(65_528), op.memoryCopy, op.br(0), op.end, op.unreachable],
    },
    'FUEL_EXHAUSTED',
  ],
  ['a fill of 4 GiB', { code: [op.i32(0), op.i32(0), op.i32(-1), op.memoryFill, op.i32(0)] }, 'FUEL_EXHAUSTED'],
  ['unreachable', { code: [op.unreachable] }, 'FUNCTION_TRAPPED'],
  ['a division by zero', { code: [op.i32(1), op.i32(0), op.i32DivU] }, 'FUNCTION_TRAPPED'],
  ['an address out of bounds', { code: [op.i32(-4), op.i32Load(0)] }, 'FUNCTION_TRAPPED'],
  ['an output out of bounds', { code: [op.i32(-8)] }, 'OUTPUT_ADDRESS'],
  ['an output at an odd address', { code: [op.i32(12)] }, 'OUTPUT_ADDRESS'],
  ['an output at the very end', { code: [op.i32(65_528)] }, 'OUTPUT_ADDRESS'],
  ['an output of no version', { code: [op.i32(OUTPUT_AT)] }, 'ABI_UNKNOWN'],
  ['zero for an output', { code: [op.i32(0)] }, 'FUNCTION_DECLINED'],
] as const;

test.for(bombs)('%s ends with its code', { timeout: 5000 }, ([, incentives, code]) => {
  expect(codeOf(run(incentives))).toBe(code);
});

const header = (neurons: number, stateBytes: number): readonly (readonly number[])[] => [
  op.i32(OUTPUT_AT),
  op.i32(1),
  op.i32Store(0),
  op.i32(OUTPUT_AT),
  op.i32(neurons),
  op.i32Store(4),
  op.i32(OUTPUT_AT),
  op.i32(stateBytes),
  op.i32Store(8),
];
test.for([
  ['too few shares', header(2, 0), 'OUTPUT_LENGTH'],
  ['too many shares', header(4, 0), 'OUTPUT_LENGTH'],
  ['nothing but zeros', header(3, 0), 'SHARES_ALL_ZERO'],
  ['a state over the limit', header(3, STATE_BYTES_MAX + 1), 'STATE_TOO_LARGE'],
  ['a state that ends behind the memory', header(3, STATE_BYTES_MAX), 'OUTPUT_ADDRESS'],
] as const)('%s: refused', ([, code, refusal]) => {
  expect(codeOf(run({ code: [...code, op.i32(OUTPUT_AT)] }))).toBe(refusal);
});

test('a share for a uid that nobody holds is refused, also beside others', () => {
  const equal = functionOf(contractModule(sharingEqually()));
  expect(outcomeOf(runIncentiveFunction(equal, THREE, FUEL)).shares).toEqual([1n, 1n, 1n]);
  const vacant = { ...THREE, isVacant: [false, true, false] };
  expect(codeOf(runIncentiveFunction(equal, vacant, FUEL))).toBe('SHARE_OF_VACANT');
});

test('another version of the contract, and an address for the input that does not hold it, are refused', () => {
  const codeFor = (version: number, address: number): string | undefined => {
    const functions = [
      { type: 0, code: [op.i32(version)] },
      { type: 1, code: [op.i32(address)] },
      { type: 2, ...sharingEqually() },
    ];
    const sections = { 5: [1, 1, 1, 16], 7: contractExports() };
    const module = functionOf(moduleOf({ types: CONTRACT_TYPES, functions, sections }));
    return codeOf(runIncentiveFunction(module, THREE, FUEL));
  };
  expect(codeFor(1, 1024)).toBeUndefined();
  expect(codeFor(2, 1024)).toBe('ABI_UNKNOWN');
  for (const address of [1028, 65_528, -8]) expect(codeFor(1, address)).toBe('INPUT_ADDRESS');
});

test('fuel: what a run takes is enough, one unit less is not, and a refusal has spent all of it', () => {
  const equal = functionOf(contractModule(sharingEqually()));
  const { fuelUsed } = outcomeOf(runIncentiveFunction(equal, THREE, FUEL));
  expect(outcomeOf(runIncentiveFunction(equal, THREE, { fuel: fuelUsed })).fuelUsed).toBe(fuelUsed);
  expect(runIncentiveFunction(equal, THREE, { fuel: fuelUsed - 1 })).toMatchObject({
    refusal: { code: 'FUEL_EXHAUSTED', fuelUsed: fuelUsed - 1 },
  });
});

test('fuel is what the table of costs says, instruction by instruction', () => {
  // abi_version: one constant. allocate: one. incentives: constants, a fill by length, a growth by pages, a constant.
  const outcome = run({
    code: [op.i32(0), op.i32(0), op.i32(800), op.memoryFill, op.i32(2), op.memoryGrow, op.drop, op.i32(0)],
  });
  const [constants, fill, grow] = [3, 32 + 800 / 8, 2048 + 2 * 8192];
  const [bodies, other] = [3 * STRETCH, 2];
  expect(outcome).toMatchObject({
    refusal: { fuelUsed: bodies + other + constants + fill + 1 + grow + 1 + 1 },
  });
});

test('a stretch is paid when it is reached: what a branch leaves out costs nothing', () => {
  const taken = run({ code: [op.i32(1), op.if, op.nop, op.else, op.nop, op.nop, op.nop, op.end, op.i32(0)] });
  const other = run({ code: [op.i32(0), op.if, op.nop, op.else, op.nop, op.nop, op.nop, op.end, op.i32(0)] });
  // Five stretches each: two bodies before, up to the `if`, one branch, and from its end on.
  expect([taken, other]).toMatchObject([
    { refusal: { fuelUsed: 5 * STRETCH + 2 + 2 + 1 + 1 } },
    { refusal: { fuelUsed: 5 * STRETCH + 2 + 2 + 3 + 1 } },
  ]);
});

test('the depth of calls counts values: who holds more of them gets less deep', () => {
  const depth = (locals: number): number => {
    const result = run({ locals: [[locals, I32]], code: [op.get(0), op.get(1), op.call(2)] });
    if (!('refusal' in result)) throw new Error('ended');
    expect(result.refusal.code).toBe('STACK_EXHAUSTED');
    return Math.floor(result.refusal.fuelUsed / (STRETCH + 2 + 8 + Math.ceil(locals / 4)));
  };
  // A frame of 16, 2 parameters, 2 operands; the call that goes too deep has paid as well.
  expect([depth(0), depth(100), depth(1000)]).toEqual([819 + 1, 136 + 1, 16 + 1]);
});

test('every way out of a function gives its frame back', () => {
  const leave = (code: readonly (readonly number[])[]): RunResult =>
    run(
      {
        locals: [[1, I32]],
        code: [
          op.loop,
          op.get(2),
          op.call(3),
          op.get(2),
          op.i32(1),
          op.i32Add,
          op.tee(2),
          op.i32(5e3),
          op.i32LtU,
          op.brIf(0),
          op.end,
          op.i32(0),
        ],
      },
      { more: [{ type: 4, code }], types: [{ parameters: [I32], results: [] }] },
    );
  for (const code of [
    [op.nop],
    [op.return],
    [op.block, op.get(0), op.brIf(1), op.end],
    [op.block, op.loop, op.return, op.end, op.end],
    [op.block, op.get(0), op.brTable([0, 1], 1), op.end],
  ]) {
    expect(codeOf(leave(code))).toBe('FUNCTION_DECLINED');
  }
});

test('a start function runs first, on the same fuel', () => {
  // It raises a global that stands for the version of the contract.
  const started = (code: readonly (readonly number[])[]): RunResult => {
    const functions = [
      { type: 0, code: [op.globalGet(0)] },
      { type: 1, code: [op.i32(1024)] },
      { type: 2, ...sharingEqually() },
      { type: 3, code },
    ];
    const sections = { 5: [1, 1, 1, 16], 6: [1, I32, 1, 0x41, 0, 0x0b], 7: contractExports(), 8: [3] };
    return runIncentiveFunction(functionOf(moduleOf({ types: CONTRACT_TYPES, functions, sections })), THREE, FUEL);
  };
  expect(codeOf(started([op.i32(1), op.globalSet(0)]))).toBeUndefined();
  expect(codeOf(started([op.nop]))).toBe('ABI_UNKNOWN');
  expect(codeOf(started([op.loop, op.br(0), op.end]))).toBe('FUEL_EXHAUSTED');
});

test('fuel out of range and an input that breaks a limit are bugs of the caller', () => {
  const equal = functionOf(contractModule(sharingEqually()));
  for (const fuel of [0, -1, 1.5, FUEL_MAX + 1, Number.NaN]) {
    expect(() => runIncentiveFunction(equal, THREE, { fuel })).toThrow(RangeError);
  }
  const wrong = [
    { trust: [ONE] },
    { state: new Uint8Array(STATE_BYTES_MAX + 1) },
    { rank: [-1n, 0n, 0n] },
    { stake: [1n << 64n, 0n, 0n] },
    { block: -1 },
    { registeredAt: [0.5, 0, 0] },
    { weights: [[], [], [], []] },
  ];
  for (const changes of wrong) {
    expect(() => runIncentiveFunction(equal, { ...THREE, ...changes }, FUEL)).toThrow(RangeError);
  }
});
