import { concatenated, nameBytes, section, sized, unsignedLeb, vector } from '#byte-writer.ts';

/** Opcodes by the names of the text format: what hand-made modules need. */
export const op = {
  unreachable: [0x00],
  nop: [0x01],
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  if: [0x04, 0x40],
  else: [0x05],
  end: [0x0b],
  return: [0x0f],
  drop: [0x1a],
  select: [0x1b],
  br: (label: number) => [0x0c, label],
  brIf: (label: number) => [0x0d, label],
  brTable: (labels: readonly number[], other: number) => [0x0e, labels.length, ...labels, other],
  call: (index: number) => [0x10, index],
  callIndirect: (type: number) => [0x11, type, 0],
  get: (local: number) => [0x20, ...unsignedLeb(local)],
  set: (local: number) => [0x21, ...unsignedLeb(local)],
  tee: (local: number) => [0x22, ...unsignedLeb(local)],
  globalGet: (index: number) => [0x23, index],
  globalSet: (index: number) => [0x24, index],
  i32: (value: number) => [0x41, ...signedLeb(BigInt(value))],
  i64: (value: bigint) => [0x42, ...signedLeb(value)],
  i32Load: (offset: number) => [0x28, 2, ...unsignedLeb(offset)],
  i64Load: (offset: number) => [0x29, 3, ...unsignedLeb(offset)],
  i32Store: (offset: number) => [0x36, 2, ...unsignedLeb(offset)],
  i64Store: (offset: number) => [0x37, 3, ...unsignedLeb(offset)],
  memorySize: [0x3f, 0],
  memoryGrow: [0x40, 0],
  i32Eqz: [0x45],
  i32LtU: [0x49],
  i32Add: [0x6a],
  i32Sub: [0x6b],
  i32DivU: [0x6e],
  i64Add: [0x7c],
  i64DivU: [0x80],
  memoryInit: (segment: number) => [0xfc, 8, segment, 0],
  dataDrop: (segment: number) => [0xfc, 9, segment],
  memoryCopy: [0xfc, 10, 0, 0],
  memoryFill: [0xfc, 11, 0],
} as const;

/** Instructions that belong together, so that what is one line of the text format stays one. */
export function line(...instructions: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return instructions;
}

export function signedLeb(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    if ((rest === 0n && low < 0x40) || (rest === -1n && low >= 0x40)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F64 = 0x7c;

export interface FunctionParts {
  readonly type: number;
  /** Pairs of count and type. */
  readonly locals?: readonly (readonly [count: number, type: number])[];
  /** Without the last `end`. */
  readonly code: readonly (readonly number[])[];
}

export interface ModuleParts {
  readonly types: readonly { readonly parameters: readonly number[]; readonly results: readonly number[] }[];
  readonly functions: readonly FunctionParts[];
  /** Contents of sections that replace or join the builder's, by number. */
  readonly sections: Readonly<Record<number, ArrayLike<number>>>;
}

/** Types of the contract's functions: () → i32, (i32) → i32, (i32, i32) → i32; and () → (). */
export const CONTRACT_TYPES = [
  { parameters: [], results: [I32] },
  { parameters: [I32], results: [I32] },
  { parameters: [I32, I32], results: [I32] },
  { parameters: [], results: [] },
] as const;

/** Where `CONTRACT` has its input. */
export const INPUT_AT = 1024;

/** The contract's functions 0 to 2: version 1, the input at `INPUT_AT`, `incentives` as given. */
export function contractWith(incentives: Omit<FunctionParts, 'type'>): readonly FunctionParts[] {
  return [
    { type: 0, code: [op.i32(1)] },
    { type: 1, code: [op.i32(INPUT_AT)] },
    { type: 2, ...incentives },
  ];
}

/** A whole module of the contract; `memory` is flags, minimum and maximum as they stand. */
export function contractModule(
  incentives: Omit<FunctionParts, 'type'>,
  changes: {
    readonly more?: readonly FunctionParts[];
    readonly types?: ModuleParts['types'];
    readonly sections?: ModuleParts['sections'];
  } = {},
): Uint8Array<ArrayBuffer> {
  return moduleOf({
    types: [...CONTRACT_TYPES, ...(changes.types ?? [])],
    functions: [...contractWith(incentives), ...(changes.more ?? [])],
    sections: { 5: [1, 1, 1, 16], 7: contractExports(), ...changes.sections },
  });
}

export function contractExports(
  names: readonly string[] = ['abi_version', 'allocate', 'incentives'],
): Uint8Array<ArrayBuffer> {
  return vector([[...nameBytes('memory'), 2, 0], ...names.map((name, index) => [...nameBytes(name), 0, index])]);
}

const ORDER = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

export function moduleOf({ types, functions, sections }: ModuleParts): Uint8Array<ArrayBuffer> {
  const contents: Record<number, ArrayLike<number>> = {
    1: vector(
      types.map(({ parameters, results }) => [
        0x60,
        ...vector(parameters.map((type) => [type])),
        ...vector(results.map((type) => [type])),
      ]),
    ),
    3: vector(functions.map(({ type }) => [type])),
    10: vector(functions.map(bodyOf)),
    ...sections,
  };
  const written = ORDER.flatMap((id) => {
    const content = contents[id];
    return content === undefined ? [] : [section(id, content)];
  });
  return concatenated([[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], ...written]);
}

function bodyOf({ locals = [], code }: FunctionParts): Uint8Array<ArrayBuffer> {
  const declared = vector(locals.map(([count, type]) => [...unsignedLeb(count), type]));
  return sized(concatenated([declared, ...code, op.end]));
}

/** `incentives` that gives every uid the share 1 by an output put together at `OUTPUT_AT`, behind some code. */
export const OUTPUT_AT = 8192;
export function sharingEqually(before: readonly (readonly number[])[] = []): Omit<FunctionParts, 'type'> {
  const uid = 2;
  return {
    locals: [[1, I32]],
    code: [
      ...before,
      ...line(op.i32(OUTPUT_AT), op.i32(1), op.i32Store(0)),
      ...line(op.i32(OUTPUT_AT), op.get(0), op.i32Load(8), op.i32Store(4)),
      ...line(op.block, op.loop),
      ...line(op.get(uid), op.get(0), op.i32Load(8), op.i32LtU, op.i32Eqz, op.brIf(1)),
      ...line(op.get(uid), op.i32(8), [0x6c], op.i64(1n), op.i64Store(OUTPUT_AT + 16)),
      ...line(op.get(uid), op.i32(1), op.i32Add, op.set(uid), op.br(0)),
      ...line(op.end, op.end),
      op.i32(OUTPUT_AT),
    ],
  };
}
