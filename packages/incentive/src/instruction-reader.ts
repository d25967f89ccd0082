import type { ByteReader } from './byte-reader.ts';
import { malformed } from './byte-reader.ts';
import { INSTRUCTIONS, type InstructionKind, isFloat, PREFIX_BULK, refusedFeature } from './instruction-set.ts';
import { BRANCH_TARGETS_MAX } from './limits.ts';
import { ModuleFault } from './refusal.ts';
import { readValueType } from './value-types.ts';

export interface Instruction {
  readonly opcode: number;
  readonly kind: InstructionKind;
  /** Bytes of the module, the second behind the last. */
  readonly start: number;
  readonly end: number;
  /** Results of a block (0 or 1), or the index of the function or type that is called; 0 where there is none. */
  readonly operand: number;
}

const NO_RESULT = 0x40;

/** The next instruction. Throws `ModuleFault` on one that is not allowed. */
export function readInstruction(reader: ByteReader): Instruction {
  const start = reader.offset;
  const first = reader.byte();
  const opcode = first === PREFIX_BULK ? (PREFIX_BULK << 8) + Math.min(reader.u32(), 0xff) : first;
  const kind = INSTRUCTIONS.get(opcode);
  if (kind === undefined) throw refusedInstruction(opcode, start);
  const operand = readImmediates(reader, kind);
  return { opcode, kind, start, end: reader.offset, operand };
}

function refusedInstruction(opcode: number, offset: number): ModuleFault {
  const hex = `0x${opcode.toString(16).padStart(2, '0')}`;
  if (isFloat(opcode)) return new ModuleFault('MODULE_FLOAT', `the float instruction ${hex}`, offset);
  const feature = refusedFeature(opcode);
  if (feature !== undefined) return new ModuleFault('MODULE_FEATURE', `an instruction of ${feature}: ${hex}`, offset);
  return malformed(`the unknown instruction ${hex}`, offset);
}

function readImmediates(reader: ByteReader, { immediates }: InstructionKind): number {
  switch (immediates) {
    case 'none':
      return 0;
    case 'block':
      return readBlockType(reader);
    case 'label':
    case 'local':
    case 'global':
    case 'data':
    case 'function':
      return reader.u32();
    case 'labels':
      readLabels(reader);
      return 0;
    case 'signature': {
      const type = reader.u32();
      expectZero(reader, 'a table other than the first');
      return type;
    }
    case 'memory':
    case 'fill':
      expectZero(reader, 'a memory other than the first');
      return 0;
    case 'memory-access':
      readAccess(reader);
      return 0;
    case 'i32':
      reader.signed(32);
      return 0;
    case 'i64':
      reader.signed(64);
      return 0;
    case 'copy':
      expectZero(reader, 'a memory other than the first');
      expectZero(reader, 'a memory other than the first');
      return 0;
    case 'init':
      reader.u32();
      expectZero(reader, 'a memory other than the first');
      return 0;
  }
}

function readBlockType(reader: ByteReader): number {
  const start = reader.offset;
  const first = reader.bytes[start] ?? 0;
  if (first === NO_RESULT) {
    reader.byte();
    return 0;
  }
  // One byte with bit 6 set is a value type, everything else an index of a type.
  if (first >= 0x40 && first < 0x80) {
    readValueType(reader);
    return 1;
  }
  reader.signed(33);
  throw new ModuleFault('MODULE_FEATURE', 'a block of several values', start);
}

function readLabels(reader: ByteReader): void {
  const count = reader.count('labels of one branch table', BRANCH_TARGETS_MAX);
  for (let index = 0; index <= count; index += 1) reader.u32();
}

const ALIGNMENT_MAX = 3;

function readAccess(reader: ByteReader): void {
  const start = reader.offset;
  const alignment = reader.u32();
  if (alignment > ALIGNMENT_MAX) throw malformed(`an alignment of 2^${alignment} bytes, or a second memory`, start);
  reader.u32();
}

/** The indices that only later versions of the format allow to differ: one byte of zero. */
function expectZero(reader: ByteReader, what: string): void {
  const start = reader.offset;
  if (reader.byte() !== 0) throw new ModuleFault('MODULE_FEATURE', what, start);
}
