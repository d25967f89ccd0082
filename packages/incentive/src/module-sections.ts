import type { ByteReader } from './byte-reader.ts';
import { malformed } from './byte-reader.ts';
import { OP } from './instruction-set.ts';
import {
  EXPORTS_MAX,
  FUNCTIONS_MAX,
  GLOBALS_MAX,
  MEMORY_PAGES_MAX,
  PARAMETERS_MAX,
  SEGMENTS_MAX,
  TABLE_ENTRIES_MAX,
  TYPES_MAX,
} from './limits.ts';
import { ModuleFault } from './refusal.ts';
import { readValueType, type ValueType } from './value-types.ts';

export interface Signature {
  readonly parameters: readonly ValueType[];
  readonly result: ValueType | null;
}

export interface Limits {
  readonly min: number;
  readonly max: number;
}

export interface Export {
  readonly name: string;
  readonly kind: 'function' | 'table' | 'memory' | 'global';
  readonly index: number;
  readonly offset: number;
}

/** Data or functions that are put in place before the first call. */
export interface ActiveSegment {
  readonly offset: number;
  /** In bytes of memory or entries of the table. */
  readonly first: number;
  readonly length: number;
}

const FUNCTION_TYPE = 0x60;
const FUNCTION_REFERENCE = 0x70;
const EXPORT_KINDS = ['function', 'table', 'memory', 'global'] as const;

function elements<Element>(count: number, read: () => Element): Element[] {
  return Array.from({ length: count }, read);
}

export function readTypes(reader: ByteReader): Signature[] {
  return elements(reader.count('types', TYPES_MAX), () => {
    const start = reader.offset;
    if (reader.byte() !== FUNCTION_TYPE) throw new ModuleFault('MODULE_FEATURE', 'a type that is no function', start);
    const parameters = elements(reader.count('parameters', PARAMETERS_MAX), () => readValueType(reader));
    const resultsAt = reader.offset;
    const results = elements(reader.count('results', PARAMETERS_MAX), () => readValueType(reader));
    if (results.length > 1) throw new ModuleFault('MODULE_FEATURE', 'a function of several results', resultsAt);
    return { parameters, result: results[0] ?? null };
  });
}

/** By function: the index of its type, which exists. */
export function readFunctionTypes(reader: ByteReader, types: number): number[] {
  return elements(reader.count('functions', FUNCTIONS_MAX), () => readIndex(reader, 'type', types));
}

export function readTables(reader: ByteReader): Limits | undefined {
  const start = reader.offset;
  const count = reader.u32();
  if (count > 1) throw new ModuleFault('MODULE_TABLE', `${count} tables, one at most`, start);
  if (count === 0) return undefined;
  const typeAt = reader.offset;
  if (reader.byte() !== FUNCTION_REFERENCE)
    throw new ModuleFault('MODULE_TABLE', 'a table of other than functions', typeAt);
  const flagsAt = reader.offset;
  const flags = reader.byte();
  if (flags > 1) throw new ModuleFault('MODULE_TABLE', 'a shared or 64-bit table', flagsAt);
  const min = reader.u32();
  // Nothing can grow it, so a missing maximum is none of anybody's business.
  const max = flags === 1 ? reader.u32() : min;
  if (min > TABLE_ENTRIES_MAX) {
    throw new ModuleFault('MODULE_TABLE', `a table of ${min} entries, ${TABLE_ENTRIES_MAX} at most`, flagsAt);
  }
  return { min, max };
}

export function readMemories(reader: ByteReader): Limits | undefined {
  const start = reader.offset;
  const refuse = (message: string, offset = start): never => {
    throw new ModuleFault('MODULE_MEMORY', message, offset);
  };
  const count = reader.u32();
  if (count === 0) return undefined;
  if (count > 1) refuse(`${count} memories, one at most`);
  const flagsAt = reader.offset;
  const flags = reader.byte();
  if (flags === 0) refuse('a memory without a maximum', flagsAt);
  if (flags !== 1) refuse('a shared or 64-bit memory, or one of other pages', flagsAt);
  const [min, max] = [reader.u32(), reader.u32()];
  if (min > max || max > MEMORY_PAGES_MAX) {
    refuse(`a memory of ${min} to ${max} pages, ${MEMORY_PAGES_MAX} at most`, flagsAt);
  }
  return { min, max };
}

/** Skips over them, whose values the engine checks; returns how many there are. */
export function readGlobals(reader: ByteReader): number {
  const count = reader.count('globals', GLOBALS_MAX);
  for (let index = 0; index < count; index += 1) {
    readValueType(reader);
    const start = reader.offset;
    if (reader.byte() > 1) throw new ModuleFault('MODULE_FEATURE', 'a shared global', start);
    readConstant(reader);
  }
  return count;
}

export function readExports(reader: ByteReader): Export[] {
  return elements(reader.count('exports', EXPORTS_MAX), () => {
    const offset = reader.offset;
    const name = reader.name();
    const kindAt = reader.offset;
    const kind = EXPORT_KINDS[reader.byte()];
    if (kind === undefined) throw new ModuleFault('MODULE_FEATURE', 'an export of an unknown kind', kindAt);
    return { name, kind, index: reader.u32(), offset };
  });
}

export function readElements(reader: ByteReader, functions: number): ActiveSegment[] {
  return elements(reader.count('element segments', SEGMENTS_MAX), () => {
    const offset = reader.offset;
    if (reader.u32() !== 0) throw new ModuleFault('MODULE_FEATURE', 'an element segment of reference types', offset);
    const first = readConstant(reader);
    const length = reader.count('functions of one element segment', TABLE_ENTRIES_MAX);
    for (let index = 0; index < length; index += 1) readIndex(reader, 'function', functions);
    return { offset, first, length };
  });
}

export interface DataSegments {
  readonly count: number;
  readonly active: readonly ActiveSegment[];
}

export function readData(reader: ByteReader): DataSegments {
  const count = reader.count('data segments', SEGMENTS_MAX);
  const active: ActiveSegment[] = [];
  for (let index = 0; index < count; index += 1) {
    const offset = reader.offset;
    const flags = reader.u32();
    if (flags > 1) throw new ModuleFault('MODULE_FEATURE', 'a data segment of a second memory', offset);
    const first = flags === 0 ? readConstant(reader) : undefined;
    const length = reader.u32();
    reader.skip(length);
    if (first !== undefined) active.push({ offset, first, length });
  }
  return { count, active };
}

/**
 * A constant, the only initial value that all engines agree on; as an unsigned 32-bit address where somebody needs it.
 * `global.get` and sums belong to later versions of the format.
 */
function readConstant(reader: ByteReader): number {
  const start = reader.offset;
  const opcode = reader.byte();
  if (opcode !== OP.i32Const && opcode !== OP.i64Const) {
    const isFloat = opcode === 0x43 || opcode === 0x44;
    throw isFloat
      ? new ModuleFault('MODULE_FLOAT', 'a float constant', start)
      : new ModuleFault('MODULE_FEATURE', 'an initial value that is not one integer constant', start);
  }
  const value = reader.signed(opcode === OP.i32Const ? 32 : 64);
  const endAt = reader.offset;
  if (reader.byte() !== OP.end) {
    throw new ModuleFault('MODULE_FEATURE', 'an initial value that is not one integer constant', endAt);
  }
  return Number(BigInt.asUintN(32, value));
}

function readIndex(reader: ByteReader, what: string, count: number): number {
  const start = reader.offset;
  const index = reader.u32();
  if (index >= count) throw malformed(`${what} ${index} of ${count}`, start);
  return index;
}
