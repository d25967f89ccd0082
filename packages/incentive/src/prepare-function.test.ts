import { describe, expect, test } from 'vitest';
import { EXAMPLE_NAMES, exampleBytes, sha256 } from '../test/example-input.ts';
import {
  CONTRACT_TYPES,
  contractExports,
  contractModule,
  F64,
  I32,
  moduleOf,
  op,
  sharingEqually,
} from '../test/module-builder.ts';
import { nameBytes, vector } from './byte-writer.ts';
import {
  BRANCH_TARGETS_MAX,
  EXPORTS_MAX,
  LOCALS_MAX,
  MEMORY_PAGES_MAX,
  MODULE_BYTES_MAX,
  NESTING_MAX,
  TABLE_ENTRIES_MAX,
} from './limits.ts';
import { prepareFunction } from './prepare-function.ts';
import type { ModuleRefusal } from './refusal.ts';

function refusalOf(bytes: Uint8Array): ModuleRefusal | undefined {
  const prepared = prepareFunction(bytes, sha256);
  return 'refusal' in prepared ? prepared.refusal : undefined;
}

const equal = sharingEqually();
const withCode = (code: readonly (readonly number[])[]): Uint8Array => contractModule(sharingEqually(code));
const withSection = (id: number, content: ArrayLike<number>): Uint8Array =>
  contractModule(equal, { sections: { [id]: content } });
const repeated = (count: number, ...parts: readonly (readonly number[])[]): (readonly number[])[] =>
  Array.from({ length: count }, () => parts).flat();

test('the hand-made module and the examples pass', () => {
  expect(refusalOf(contractModule(equal))).toBeUndefined();
  for (const name of EXAMPLE_NAMES) expect(refusalOf(exampleBytes(name))).toBeUndefined();
});

test('a function is named by the sha256 of its bytes', () => {
  const prepared = prepareFunction(exampleBytes('identity'), sha256);
  expect(prepared).toMatchObject({
    function: { digest: Buffer.from(sha256(exampleBytes('identity'))).toString('hex') },
  });
});

const zero = [0x41, 0x00, 0x0b];
const aFunction = { type: 3, code: [op.nop] };

describe('refused', () => {
  test.for([
    ['nothing', new Uint8Array(0), 'MODULE_MALFORMED', 0],
    ['another format', Uint8Array.from([0, 0x61, 0x73, 0x6d, 2, 0, 0, 0]), 'MODULE_MALFORMED', 4],
    ['a component', Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]), 'MODULE_MALFORMED', 4],
    ['an unknown section', Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 14, 0]), 'MODULE_MALFORMED', 8],
    [
      'a section longer than the module',
      Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 9]),
      'MODULE_MALFORMED',
      10,
    ],
    [
      'a name that is not UTF-8',
      Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, 2, 1, 0xff]),
      'MODULE_MALFORMED',
      11,
    ],
    ['a section of exceptions', Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 13, 1, 0]), 'MODULE_FEATURE', 8],
    ['a section that says less than it holds', withSection(9, [0, 0]), 'MODULE_MALFORMED'],
    ['a number of 33 bits', withSection(9, [0xff, 0xff, 0xff, 0xff, 0x1f]), 'MODULE_MALFORMED'],
    ['a function without a body', withSection(3, [4, 0, 1, 2, 3]), 'MODULE_MALFORMED'],
    ['a function of no type', withSection(3, [3, 0, 1, 9]), 'MODULE_MALFORMED'],
    ['an unknown instruction', withCode([[0x27]]), 'MODULE_MALFORMED'],
    ['a function that does not end', contractModule({ code: [op.block, op.i32(0)] }), 'MODULE_MALFORMED'],
    ['code behind the end of a function', contractModule({ code: [op.i32(0), op.end, op.nop] }), 'MODULE_MALFORMED'],
    ['an alignment of 16', withCode([op.i32(0), [0x28, 4, 0], op.drop]), 'MODULE_MALFORMED'],
    ['operands that are missing', withCode([op.i32Add, op.drop]), 'MODULE_INVALID'],
    ['a wrong type', withCode([op.i64(1n), op.i32Eqz, op.drop]), 'MODULE_INVALID'],
    ['a call of nothing', withCode([op.call(9)]), 'MODULE_INVALID'],
    ['a jump out of the function', withCode([op.br(1)]), 'MODULE_INVALID'],
    ['a local that is not there', withCode([op.get(99), op.drop]), 'MODULE_INVALID'],
    [
      'an initial memory of an unannounced segment',
      withCode([op.i32(0), op.i32(0), op.i32(0), op.memoryInit(0)]),
      'MODULE_INVALID',
    ],
    ['an import', withSection(2, [1, ...nameBytes('env'), ...nameBytes('now'), 0, 3]), 'MODULE_IMPORTS'],
    [
      'an import of a memory',
      withSection(2, [1, ...nameBytes('env'), ...nameBytes('memory'), 2, 1, 1, 1]),
      'MODULE_IMPORTS',
    ],
    ['a float parameter', contractModule(equal, { types: [{ parameters: [F64], results: [] }] }), 'MODULE_FLOAT'],
    ['a float local', contractModule({ locals: [[1, 0x7d]], code: [op.i32(0)] }), 'MODULE_FLOAT'],
    ['a float global', withSection(6, [1, F64, 0, 0x44, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b]), 'MODULE_FLOAT'],
    ['a float block', withCode([[0x02, F64]]), 'MODULE_FLOAT'],
    ['a float in a global', withSection(6, [1, I32, 0, 0x43, 0, 0, 0, 0, 0x0b]), 'MODULE_FLOAT'],
    ['a vector local', contractModule({ locals: [[1, 0x7b]], code: [op.i32(0)] }), 'MODULE_FEATURE'],
    ['a reference local', contractModule({ locals: [[1, 0x70]], code: [op.i32(0)] }), 'MODULE_FEATURE'],
    ['several results', contractModule(equal, { types: [{ parameters: [], results: [I32, I32] }] }), 'MODULE_FEATURE'],
    ['a block of a type', withCode([[0x02, 3], op.end]), 'MODULE_FEATURE'],
    ['a structure', withSection(1, [1, 0x5f, 0]), 'MODULE_FEATURE'],
    ['a global of a sum', withSection(6, [1, I32, 0, 0x41, 1, 0x41, 1, 0x6a, 0x0b]), 'MODULE_FEATURE'],
    ['a global of a global', withSection(6, [2, I32, 0, ...zero, I32, 0, 0x23, 0, 0x0b]), 'MODULE_FEATURE'],
    ['a shared global', withSection(6, [1, I32, 3, ...zero]), 'MODULE_FEATURE'],
    ['passive elements', withSection(9, [1, 1, 0, 0]), 'MODULE_FEATURE'],
    ['data of a second memory', withSection(11, [1, 2, 1, ...zero, 0]), 'MODULE_FEATURE'],
    ['a call through a second table', withCode([op.i32(0), [0x11, 3, 1]]), 'MODULE_FEATURE'],
    ['an export of an exception', withSection(7, [1, 1, 0x61, 4, 0]), 'MODULE_FEATURE'],
    ['a start function with a result', contractModule(equal, { sections: { 8: [0] } }), 'MODULE_INVALID'],
    ['no memory', contractModule(equal, { sections: { 5: [0] } }), 'MODULE_MEMORY'],
    ['two memories', withSection(5, [2, 1, 1, 1, 1, 1, 1]), 'MODULE_MEMORY'],
    ['memory without a maximum', withSection(5, [1, 0, 1]), 'MODULE_MEMORY'],
    ['shared memory', withSection(5, [1, 3, 1, 1]), 'MODULE_MEMORY'],
    ['64-bit memory', withSection(5, [1, 5, 1, 1]), 'MODULE_MEMORY'],
    [
      'too large a memory',
      withSection(5, [1, 1, 1, 0x80 | ((MEMORY_PAGES_MAX + 1) & 0x7f), (MEMORY_PAGES_MAX + 1) >> 7]),
      'MODULE_MEMORY',
    ],
    ['more than the maximum of memory', withSection(5, [1, 1, 2, 1]), 'MODULE_MEMORY'],
    ['two tables', withSection(4, [2, 0x70, 0, 1, 0x70, 0, 1]), 'MODULE_TABLE'],
    ['a table of objects', withSection(4, [1, 0x6f, 0, 1]), 'MODULE_TABLE'],
    ['a 64-bit table', withSection(4, [1, 0x70, 4, 1]), 'MODULE_TABLE'],
    [
      'too large a table',
      withSection(4, [1, 0x70, 0, 0x81 | (TABLE_ENTRIES_MAX & 0x7f), TABLE_ENTRIES_MAX >> 7]),
      'MODULE_TABLE',
    ],
    [
      'functions behind the end of the table',
      contractModule(equal, { sections: { 4: [1, 0x70, 0, 1], 9: [1, 0, 0x41, 1, 0x0b, 1, 0] } }),
      'MODULE_SEGMENT',
    ],
    ['data behind the end of memory', withSection(11, [1, 0, 0x41, 0xff, 0xff, 0x03, 0x0b, 2, 1, 1]), 'MODULE_SEGMENT'],
    ['data at a negative address', withSection(11, [1, 0, 0x41, 0x7f, 0x0b, 1, 1]), 'MODULE_SEGMENT'],
    [
      'too many locals',
      contractModule({
        locals: [
          [LOCALS_MAX, I32],
          [1, I32],
        ],
        code: [op.i32(0)],
      }),
      'MODULE_LIMIT',
    ],
    [
      'too deep a nesting',
      withCode([...repeated(NESTING_MAX, op.block), ...repeated(NESTING_MAX, op.end)]),
      'MODULE_LIMIT',
    ],
    [
      'too long a table of labels',
      withCode([op.i32(0), [0x0e, 0x81, 0x20, ...Array.from({ length: BRANCH_TARGETS_MAX + 2 }, () => 0)]]),
      'MODULE_LIMIT',
    ],
    ['too large a frame', withCode([...repeated(2048, op.get(0)), ...repeated(2048, op.drop)]), 'MODULE_LIMIT'],
    ['too many exports', withSection(7, [0x81, EXPORTS_MAX >> 7]), 'MODULE_LIMIT'],
    ['no exports', withSection(7, [0]), 'MODULE_EXPORTS'],
    ['a function too few', withSection(7, contractExports(['abi_version', 'allocate'])), 'MODULE_EXPORTS'],
    [
      'functions of other signatures',
      withSection(7, contractExports(['incentives', 'allocate', 'abi_version'])),
      'MODULE_EXPORTS',
    ],
    ['an oversized module', new Uint8Array(MODULE_BYTES_MAX + 1), 'MODULE_TOO_LARGE', null],
  ] as const)('%s', ([, bytes, code, offset]) => {
    expect(refusalOf(bytes)).toMatchObject({ code, ...(offset === undefined ? {} : { offset }) });
  });

  test.for([
    ['f32.load', 0x2a, 'MODULE_FLOAT'],
    ['f64.store', 0x39, 'MODULE_FLOAT'],
    ['f64.const', 0x44, 'MODULE_FLOAT'],
    ['f32.eq', 0x5b, 'MODULE_FLOAT'],
    ['f64.sqrt', 0x9f, 'MODULE_FLOAT'],
    ['i32.trunc_f32_s', 0xa8, 'MODULE_FLOAT'],
    ['f64.reinterpret_i64', 0xbf, 'MODULE_FLOAT'],
    ['try', 0x06, 'MODULE_FEATURE'],
    ['throw', 0x08, 'MODULE_FEATURE'],
    ['return_call', 0x12, 'MODULE_FEATURE'],
    ['return_call_indirect', 0x13, 'MODULE_FEATURE'],
    ['call_ref', 0x14, 'MODULE_FEATURE'],
    ['select t', 0x1c, 'MODULE_FEATURE'],
    ['try_table', 0x1f, 'MODULE_FEATURE'],
    ['table.get', 0x25, 'MODULE_FEATURE'],
    ['ref.null', 0xd0, 'MODULE_FEATURE'],
    ['struct.new', 0xfb, 'MODULE_FEATURE'],
    ['v128', 0xfd, 'MODULE_FEATURE'],
    ['atomics', 0xfe, 'MODULE_FEATURE'],
  ] as const)('the instruction %s, by its offset', ([, opcode, code]) => {
    const module = withCode([[opcode]]);
    expect(refusalOf(module)).toMatchObject({ code });
    expect(module[refusalOf(module)?.offset ?? -1]).toBe(opcode);
  });

  test.for([
    ['i32.trunc_sat_f32_s', 0, 'MODULE_FLOAT'],
    ['table.init', 12, 'MODULE_FEATURE'],
    ['table.fill', 17, 'MODULE_FEATURE'],
    ['what is not yet known', 18, 'MODULE_MALFORMED'],
    ['what a long number hides', 300, 'MODULE_MALFORMED'],
  ] as const)('the bulk instruction %s', ([, sub, code]) => {
    expect(refusalOf(withCode([[0xfc, 0x80 | (sub & 0x7f), sub >> 7]]))).toMatchObject({ code });
  });
});

test('every opcode is either allowed or refused by a code, and what is refused is refused alone', () => {
  const codes = Array.from(
    { length: 256 },
    (_, opcode) => refusalOf(withCode([[opcode, 0, 0, 0, 0, 0, 0, 0, 0]]))?.code,
  );
  const known = [undefined, 'MODULE_FLOAT', 'MODULE_FEATURE', 'MODULE_MALFORMED', 'MODULE_INVALID'];
  expect(codes.filter((code) => !known.includes(code))).toEqual([]);
  expect(codes.filter((code) => code === 'MODULE_FLOAT')).toHaveLength(2 + 2 + 2 + 12 + 28 + 4 + 18 + 1);
});

test('custom sections, exports that nobody calls, tables and passive data are fine', () => {
  const module = contractModule(
    sharingEqually([op.i32(16), op.i32(0), op.i32(3), op.memoryInit(0), op.dataDrop(0), op.i32(0), op.callIndirect(3)]),
    {
      more: [aFunction],
      sections: {
        4: [1, 0x70, 0, 2],
        6: [1, I32, 1, ...zero],
        7: [5, ...contractExports().subarray(1), ...nameBytes('fuel'), 3, 0],
        9: [1, 0, ...zero, 1, 3],
        11: [2, 1, 3, 7, 8, 9, 0, ...zero, 1, 5],
        12: [2],
      },
    },
  );
  const custom = [0, 5, ...nameBytes('note')];
  expect(refusalOf(Uint8Array.from([...module, ...custom]))).toBeUndefined();
  const prepared = prepareFunction(module, sha256);
  expect(prepared).toMatchObject({
    function: { exports: ['memory', 'abi_version', 'allocate', 'incentives', 'fuel'] },
  });
});

test('a module that is as large as allowed passes, and its meters stay below ten times that', () => {
  // br_if is two bytes and ends a stretch: nothing grows more.
  const pairs = Math.floor((MODULE_BYTES_MAX - 400) / 4);
  const prepared = prepareFunction(
    moduleOf({
      types: CONTRACT_TYPES,
      functions: [
        { type: 0, code: [op.i32(1)] },
        { type: 1, code: [op.i32(1024)] },
        { type: 2, code: [op.block, ...repeated(pairs, op.get(0), op.brIf(0)), op.end, op.i32(0)] },
      ],
      sections: {
        5: [1, 1, 1, 16],
        7: vector([
          [...nameBytes('memory'), 2, 0],
          [...nameBytes('abi_version'), 0, 0],
          [...nameBytes('allocate'), 0, 1],
          [...nameBytes('incentives'), 0, 2],
        ]),
      },
    }),
    sha256,
  );
  if ('refusal' in prepared) throw new Error(prepared.refusal.message);
  expect(prepared.function.bytes).toBeGreaterThan(MODULE_BYTES_MAX - 100 - 400);
  expect(prepared.function.meteredBytes).toBeLessThan(10 * MODULE_BYTES_MAX);
});
