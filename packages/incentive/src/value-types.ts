import type { ByteReader } from './byte-reader.ts';
import { malformed } from './byte-reader.ts';
import { ModuleFault } from './refusal.ts';

export type ValueType = 'i32' | 'i64';

export const I32 = 0x7f;
export const I64 = 0x7e;
const FLOAT_TYPES = [0x7d, 0x7c];
const VECTOR = 0x7b;
/** funcref, externref and the references of later proposals. */
const REFERENCES_FIRST = 0x63;
const REFERENCES_LAST = 0x74;

/** A type of a value that a function may hold: an integer. */
export function readValueType(reader: ByteReader): ValueType {
  const start = reader.offset;
  const byte = reader.byte();
  if (byte === I32) return 'i32';
  if (byte === I64) return 'i64';
  if (FLOAT_TYPES.includes(byte)) throw new ModuleFault('MODULE_FLOAT', 'a float type', start);
  if (byte === VECTOR) throw new ModuleFault('MODULE_FEATURE', 'a vector type: SIMD', start);
  if (byte >= REFERENCES_FIRST && byte <= REFERENCES_LAST) {
    throw new ModuleFault('MODULE_FEATURE', 'a reference type', start);
  }
  throw malformed(`the unknown type 0x${byte.toString(16)}`, start);
}

export function typeByte(type: ValueType): number {
  return type === 'i32' ? I32 : I64;
}
