import type { ByteReader } from './byte-reader.ts';
import { type Instruction, readInstruction } from './instruction-reader.ts';
import { OP } from './instruction-set.ts';
import { FUNCTIONS_MAX, LOCALS_MAX, NESTING_MAX } from './limits.ts';
import { malformed } from './byte-reader.ts';
import { ModuleFault } from './refusal.ts';
import { readValueType } from './value-types.ts';

export interface FunctionBody {
  /** Without parameters. */
  readonly locals: number;
  /** Of the declarations of locals as they stand in the module: first byte, and the one behind the last. */
  readonly localsStart: number;
  readonly localsEnd: number;
  /** To the `end` of the function, which is the last. */
  readonly instructions: readonly Instruction[];
}

/** The code section. Throws `ModuleFault`. */
export function readBodies(reader: ByteReader): FunctionBody[] {
  const count = reader.count('function bodies', FUNCTIONS_MAX);
  return Array.from({ length: count }, () => readBody(reader.part(reader.u32())));
}

function readBody(reader: ByteReader): FunctionBody {
  const localsStart = reader.offset;
  const locals = readLocals(reader);
  const localsEnd = reader.offset;
  const instructions = readInstructions(reader);
  reader.expectEnd('a function');
  return { locals, localsStart, localsEnd, instructions };
}

function readLocals(reader: ByteReader): number {
  const groups = reader.count('groups of locals', LOCALS_MAX);
  let locals = 0;
  for (let group = 0; group < groups; group += 1) {
    const start = reader.offset;
    locals += reader.u32();
    if (locals > LOCALS_MAX) throw new ModuleFault('MODULE_LIMIT', `${locals} locals, ${LOCALS_MAX} at most`, start);
    readValueType(reader);
  }
  return locals;
}

function readInstructions(reader: ByteReader): Instruction[] {
  const instructions: Instruction[] = [];
  let nesting = 1;
  while (nesting > 0) {
    if (reader.isAtEnd) throw malformed('a function without its end', reader.offset);
    const instruction = readInstruction(reader);
    instructions.push(instruction);
    if (instruction.kind.immediates === 'block') nesting += 1;
    if (instruction.opcode === OP.end) nesting -= 1;
    if (nesting > NESTING_MAX) {
      throw new ModuleFault('MODULE_LIMIT', `blocks nested deeper than ${NESTING_MAX}`, instruction.start);
    }
  }
  return instructions;
}
