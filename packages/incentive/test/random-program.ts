import { contractModule, I32, I64, op, line } from './module-builder.ts';

type Code = readonly (readonly number[])[];
type Random = (below: number) => number;

/** Parameters are locals 0 and 1. */
const NARROW = [2, 3, 4, 5] as const;
const WIDE = [6, 7, 8, 9] as const;
/** One for each depth of loops; nobody else writes them, so that every loop ends. */
const COUNTERS = [10, 11, 12, 13] as const;
const LOCALS = [
  [4, I32],
  [4, I64],
  [4, I32],
] as const;
const MASK = 0x7ff8;
/** (i32, i64) → i64, and functions from this index on have it. */
const CALLEE_TYPE = 4;
const CALLEES = [3, 4];

const I32_UNARY = [0x45, 0x67, 0x68, 0x69, 0xc0, 0xc1];
const I32_BINARY = [
  0x46, 0x47, 0x48, 0x49, 0x4c, 0x4f, 0x6a, 0x6b, 0x6c, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78,
];
const I64_UNARY = [0x79, 0x7a, 0x7b, 0xc2, 0xc3, 0xc4];
const I64_BINARY = [0x7c, 0x7d, 0x7e, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a];
const I64_COMPARE = [0x51, 0x52, 0x53, 0x54, 0x57, 0x5a];

/** A module of the contract whose function does anything that a function may do, ends soon, and traps now and then. */
export function randomProgram(next: () => number): Uint8Array<ArrayBuffer> {
  const random: Random = (below) => next() % below;
  const callee = (mayCall: readonly number[]): Code => {
    const of = new ProgramWriter(random, mayCall);
    // Its parameters are an i32 and an i64, so locals 0 and 1 are not for the writer's i32 reads.
    return [op.get(0), op.set(2), op.get(1), op.set(6), ...of.statements(2, 0), ...of.wide(3)];
  };
  const writer = new ProgramWriter(random, CALLEES);
  return contractModule(
    { locals: LOCALS, code: [...writer.statements(5, 0), ...writer.narrow(3)] },
    {
      types: [{ parameters: [I32, I64], results: [I64] }],
      more: [
        { type: CALLEE_TYPE, locals: LOCALS, code: callee([4]) },
        { type: CALLEE_TYPE, locals: LOCALS, code: callee([]) },
      ],
      sections: { 4: [1, 0x70, 0, 8], 9: [1, 0, 0x41, 2, 0x0b, 2, 3, 4], 11: [1, 1, 4, 1, 2, 3, 4], 12: [1] },
    },
  );
}

/** Writes well-typed code; what it does is up to chance. */
class ProgramWriter {
  readonly #random: Random;
  readonly #callees: readonly number[];

  constructor(random: Random, callees: readonly number[]) {
    this.#random = random;
    this.#callees = callees;
  }

  statements(count: number, depth: number): Code {
    return Array.from({ length: 1 + this.#random(count) }, () => this.#statement(depth)).flat();
  }

  narrow(budget: number): Code {
    const simple: readonly (() => Code)[] = [
      () => [op.i32(this.#random(7) === 0 ? -this.#random(1 << 30) : this.#random(300))],
      () => [op.get(this.#of(NARROW))],
      () => [op.memorySize],
    ];
    const nested: readonly (() => Code)[] = [
      () => [...this.narrow(budget - 1), [this.#of(I32_UNARY)]],
      () => [...this.narrow(budget - 1), ...this.narrow(budget - 1), [this.#of(I32_BINARY)]],
      () => [...this.wide(budget - 1), ...this.wide(budget - 1), [this.#of(I64_COMPARE)]],
      () => [...this.wide(budget - 1), [0xa7]],
      () => [...this.#address(budget - 1), op.i32Load(this.#random(64))],
      () => [...this.narrow(budget - 1), ...this.#divisor(budget - 1), [0x6d + this.#random(4)]],
      () => [...this.narrow(budget - 1), ...this.narrow(budget - 1), ...this.narrow(budget - 1), op.select],
      () => [[0x02, I32], ...this.narrow(budget - 1), ...this.narrow(budget - 1), op.brIf(0), op.end],
      () => [
        ...this.narrow(budget - 1),
        [0x04, I32],
        ...this.narrow(budget - 1),
        op.else,
        ...this.narrow(budget - 1),
        op.end,
      ],
      () => [...this.narrow(budget - 1), op.tee(this.#of(NARROW))],
    ];
    return this.#of(budget <= 0 ? simple : [...simple, ...nested])();
  }

  wide(budget: number): Code {
    const simple: readonly (() => Code)[] = [
      () => [op.i64(BigInt(this.#random(1 << 30)) * BigInt(this.#random(1 << 30)) - 5n)],
      () => [op.get(this.#of(WIDE))],
    ];
    const nested: readonly (() => Code)[] = [
      () => [...this.wide(budget - 1), [this.#of(I64_UNARY)]],
      () => [...this.wide(budget - 1), ...this.wide(budget - 1), [this.#of(I64_BINARY)]],
      () => [...this.narrow(budget - 1), [0xac + this.#random(2)]],
      () => [...this.#address(budget - 1), op.i64Load(this.#random(64))],
      () => [...this.wide(budget - 1), ...this.wide(budget - 1), op.i64(1n), [0x84], [0x7f + this.#random(4)]],
      () => this.#call(budget - 1),
    ];
    return this.#of(budget <= 0 ? simple : [...simple, ...nested])();
  }

  #statement(depth: number): Code {
    const simple: readonly (() => Code)[] = [
      () => [...this.narrow(3), op.set(this.#of(NARROW))],
      () => [...this.wide(3), op.set(this.#of(WIDE))],
      () => [...this.#address(2), ...this.narrow(2), op.i32Store(this.#random(64))],
      () => [...this.#address(2), ...this.wide(2), op.i64Store(this.#random(64))],
      () => [...this.wide(2), op.drop],
      () => [...this.#address(1), ...this.narrow(1), op.i32(this.#random(100)), op.memoryFill],
      () => [...this.#address(1), ...this.#address(1), op.i32(this.#random(100)), op.memoryCopy],
      () => [...this.#address(1), op.i32(0), op.i32(this.#random(6)), op.memoryInit(0)],
      () => [op.i32(this.#random(3)), op.memoryGrow, op.drop],
    ];
    const nested: readonly (() => Code)[] = [
      () => [
        ...this.narrow(2),
        op.if,
        ...this.statements(3, depth + 1),
        op.else,
        ...this.statements(2, depth + 1),
        op.end,
      ],
      () => [...this.narrow(2), op.if, ...this.statements(3, depth + 1), op.end],
      () => [
        op.block,
        ...this.statements(2, depth + 1),
        ...this.narrow(2),
        op.brIf(0),
        ...this.statements(2, depth + 1),
        op.end,
      ],
      () => this.#loop(depth),
      () => this.#switch(depth),
      () => [op.block, ...this.statements(1, depth + 1), op.br(0), ...this.statements(1, depth + 1), op.end],
    ];
    return this.#of(depth >= COUNTERS.length ? simple : [...simple, ...nested])();
  }

  #loop(depth: number): Code {
    const counter = COUNTERS[depth] ?? COUNTERS[0];
    return [
      ...line(op.i32(0), op.set(counter), op.loop),
      ...this.statements(3, depth + 1),
      ...line(op.get(counter), op.i32(1), op.i32Add, op.tee(counter), op.i32(this.#random(5)), op.i32LtU, op.brIf(0)),
      op.end,
    ];
  }

  #switch(depth: number): Code {
    const inner = [...this.narrow(1), op.i32(3), [0x71], op.brTable([0, 1], 2)];
    return [
      op.block,
      op.block,
      op.block,
      ...inner,
      op.end,
      ...this.statements(1, depth + 1),
      op.br(1),
      op.end,
      ...this.statements(1, depth + 1),
      op.end,
    ];
  }

  #call(budget: number): Code {
    if (this.#callees.length === 0) return this.wide(0);
    const operands = [...this.narrow(budget), ...this.wide(budget)];
    // Entries 2 and 3 of the table hold the callees; others trap.
    return this.#callees.length === 1 || this.#random(3) > 0
      ? [...operands, op.call(this.#of(this.#callees))]
      : [...operands, op.i32(this.#random(8) === 0 ? 0 : 2 + this.#random(2)), op.callIndirect(CALLEE_TYPE)];
  }

  #address(budget: number): Code {
    return this.#random(60) === 0 ? this.narrow(budget) : [...this.narrow(budget), op.i32(MASK), [0x71]];
  }

  #divisor(budget: number): Code {
    return this.#random(10) === 0 ? this.narrow(budget) : [...this.narrow(budget), op.i32(1), [0x72]];
  }

  #of<Choice>(list: readonly Choice[]): Choice {
    const choice = list[this.#random(list.length)];
    if (choice === undefined) throw new RangeError('nothing to choose from');
    return choice;
  }
}
