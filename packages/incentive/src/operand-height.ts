import type { Instruction } from './instruction-reader.ts';
import { OP } from './instruction-set.ts';
import type { Signature } from './module-sections.ts';

interface Frame {
  /** Operands below the block. */
  readonly base: number;
  readonly results: number;
}

/** What a call takes and gives. */
export interface Arity {
  readonly parameters: number;
  readonly results: number;
}

export function arityOf({ parameters, result }: Signature): Arity {
  return { parameters: parameters.length, results: result === null ? 0 : 1 };
}

/**
 * The highest operand stack of a well-typed function body, in values. Exact in code that can be reached; in what follows a
 * jump, up to the end of its block, never less than an engine would need, which makes no code of it.
 */
export function highestOperands(
  instructions: readonly Instruction[],
  results: number,
  arityOfCall: (instruction: Instruction) => Arity,
): number {
  const frames: Frame[] = [{ base: 0, results }];
  let height = 0;
  let highest = 0;
  for (const instruction of instructions) {
    const { opcode, kind } = instruction;
    const frame = frames.at(-1) ?? { base: 0, results };
    const { parameters, results: given } =
      opcode === OP.call || opcode === OP.callIndirect ? arityOfCall(instruction) : { parameters: 0, results: 0 };
    height = Math.max(frame.base, height - kind.pops - parameters) + kind.pushes + given;
    if (opcode === OP.if) height = Math.max(frame.base, height - 1);
    if (kind.immediates === 'block') frames.push({ base: height, results: instruction.operand });
    if (opcode === OP.else) height = frame.base;
    if (opcode === OP.end) {
      height = frame.base + frame.results;
      frames.pop();
    }
    highest = Math.max(highest, height);
  }
  return highest;
}
