/** What follows an opcode. */
export type Immediates =
  | 'none'
  | 'block'
  | 'label'
  | 'labels'
  | 'function'
  | 'signature'
  | 'local'
  | 'global'
  | 'memory'
  | 'memory-access'
  | 'i32'
  | 'i64'
  | 'copy'
  | 'fill'
  | 'init'
  | 'data';

/** One instruction that a function may use. */
export interface InstructionKind {
  readonly immediates: Immediates;
  /** Operands taken and given; for blocks, calls and branches the module says, and these are zero. */
  readonly pops: number;
  readonly pushes: number;
  /** Fuel, apart from what is charged by length. */
  readonly cost: number;
}

/** Opcodes of the prefix 0xfc are 0xfc00 and what follows it. */
export const PREFIX_BULK = 0xfc;

export const OP = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  memoryInit: 0xfc08,
  memoryCopy: 0xfc0a,
  memoryFill: 0xfc0b,
} as const;

const COST_PLAIN = 1;
/** A load or store that misses every cache waits some forty times as long as an addition; this is the middle. */
const COST_MEMORY = 4;
const COST_DIVISION = 12;
const COST_CALL = 8;
const COST_INDIRECT = 16;
/** `memory.size` reads a length, `memory.grow` and bulk operations leave the compiled code. */
const COST_BULK = 32;
const COST_GROW = 2048;
/** Each stretch that is charged for: its meter is ten instructions, whatever it meters. */
export const COST_STRETCH = 6;

/** Bytes that one unit of fuel fills, copies or adds to the memory. */
export const BYTES_A_FUEL = 8;
/** Pages are given zeroed: 65536 bytes of 8. */
export const FUEL_A_PAGE = 8192;

const UNARY = [1, 1] as const;
const BINARY = [2, 1] as const;
const NOTHING = [0, 0] as const;

function kind(immediates: Immediates, [pops, pushes]: readonly [number, number], cost = COST_PLAIN): InstructionKind {
  return { immediates, pops, pushes, cost };
}

function range(first: number, last: number, of: InstructionKind): (readonly [number, InstructionKind])[] {
  return Array.from({ length: last - first + 1 }, (_, index) => [first + index, of] as const);
}

const access = (pops: number, pushes: number): InstructionKind => kind('memory-access', [pops, pushes], COST_MEMORY);

/**
 * All instructions of version 1: the integers of WebAssembly 1.0 with sign extension and bulk memory. What is not here is
 * refused, also what engines will learn later.
 */
export const INSTRUCTIONS: ReadonlyMap<number, InstructionKind> = new Map([
  [OP.unreachable, kind('none', NOTHING)],
  [0x01, kind('none', NOTHING)],
  // A block and its end are marks, not work.
  [OP.block, kind('block', NOTHING, 0)],
  [OP.loop, kind('block', NOTHING)],
  [OP.if, kind('block', NOTHING)],
  [OP.else, kind('none', NOTHING, 0)],
  [OP.end, kind('none', NOTHING, 0)],
  [OP.br, kind('label', NOTHING)],
  [OP.brIf, kind('label', [1, 0])],
  [OP.brTable, kind('labels', [1, 0], COST_CALL)],
  [OP.return, kind('none', NOTHING)],
  [OP.call, kind('function', NOTHING, COST_CALL)],
  [OP.callIndirect, kind('signature', [1, 0], COST_INDIRECT)],
  [0x1a, kind('none', [1, 0])], // drop
  [0x1b, kind('none', [3, 1])], // select
  [OP.localGet, kind('local', [0, 1])],
  [OP.localSet, kind('local', [1, 0])],
  [OP.localTee, kind('local', UNARY)],
  [OP.globalGet, kind('global', [0, 1])],
  [OP.globalSet, kind('global', [1, 0])],
  ...range(0x28, 0x29, access(1, 1)), // i32.load, i64.load
  ...range(0x2c, 0x35, access(1, 1)), // the narrow loads
  ...range(0x36, 0x37, access(2, 0)), // i32.store, i64.store
  ...range(0x3a, 0x3e, access(2, 0)), // the narrow stores
  [OP.memorySize, kind('memory', [0, 1], COST_BULK)],
  [OP.memoryGrow, kind('memory', UNARY, COST_GROW)],
  [OP.i32Const, kind('i32', [0, 1])],
  [OP.i64Const, kind('i64', [0, 1])],
  [0x45, kind('none', UNARY)], // i32.eqz
  ...range(0x46, 0x4f, kind('none', BINARY)), // i32.eq … i32.ge_u
  [0x50, kind('none', UNARY)], // i64.eqz
  ...range(0x51, 0x5a, kind('none', BINARY)), // i64.eq … i64.ge_u
  ...range(0x67, 0x69, kind('none', UNARY)), // i32.clz, ctz, popcnt
  ...range(0x6a, 0x6c, kind('none', BINARY)), // i32.add, sub, mul
  ...range(0x6d, 0x70, kind('none', BINARY, COST_DIVISION)), // i32.div_s … rem_u
  ...range(0x71, 0x78, kind('none', BINARY)), // i32.and … rotr
  ...range(0x79, 0x7b, kind('none', UNARY)), // i64.clz, ctz, popcnt
  ...range(0x7c, 0x7e, kind('none', BINARY)), // i64.add, sub, mul
  ...range(0x7f, 0x82, kind('none', BINARY, COST_DIVISION)), // i64.div_s … rem_u
  ...range(0x83, 0x8a, kind('none', BINARY)), // i64.and … rotr
  [0xa7, kind('none', UNARY)], // i32.wrap_i64
  ...range(0xac, 0xad, kind('none', UNARY)), // i64.extend_i32_s, _u
  ...range(0xc0, 0xc4, kind('none', UNARY)), // the sign extensions
  [OP.memoryInit, kind('init', [3, 0], COST_BULK)],
  [0xfc09, kind('data', NOTHING, COST_BULK)], // data.drop
  [OP.memoryCopy, kind('copy', [3, 0], COST_BULK)],
  [OP.memoryFill, kind('fill', [3, 0], COST_BULK)],
]);

/** First and last opcode of what is refused by name; of overlapping ranges the first holds. */
const REFUSED: readonly (readonly [first: number, last: number, name: string])[] = [
  [0x06, 0x0a, 'exceptions'],
  [0x12, 0x13, 'tail calls'],
  [0x14, 0x15, 'typed function references'],
  [0x18, 0x19, 'exceptions'],
  [0x1c, 0x1c, 'reference types'],
  [0x1f, 0x1f, 'exceptions'],
  [0x25, 0x26, 'reference types'],
  [0xd0, 0xd6, 'reference types'],
  [0xfb, 0xfb, 'garbage collection'],
  [0xfd, 0xfd, 'SIMD'],
  [0xfe, 0xfe, 'threads'],
  [0xfc0c, 0xfc11, 'reference types'],
];

const FLOATS: readonly (readonly [first: number, last: number])[] = [
  [0x2a, 0x2b],
  [0x38, 0x39],
  [0x43, 0x44],
  [0x5b, 0x66],
  [0x8b, 0xa6],
  [0xa8, 0xab],
  [0xae, 0xbf],
  [0xfc00, 0xfc07],
];

/** The proposal to which an opcode belongs that is not allowed; undefined where it belongs to none. */
export function refusedFeature(opcode: number): string | undefined {
  return REFUSED.find(([first, last]) => opcode >= first && opcode <= last)?.[2];
}

export function isFloat(opcode: number): boolean {
  return FLOATS.some(([first, last]) => opcode >= first && opcode <= last);
}
