import { concatenated, positiveLeb, sized, unsignedLeb } from './byte-writer.ts';
import type { FunctionBody } from './function-body.ts';
import type { Instruction } from './instruction-reader.ts';
import { COST_STRETCH, OP } from './instruction-set.ts';
import { FRAME_UNITS } from './limits.ts';
import { typeByte, type ValueType } from './value-types.ts';

/** Where the parts stand that metering adds to a module: behind its own, so that no index in it changes. */
export interface MeterPlaces {
  /** Global, i64: what is left. Below zero once it ran out. */
  readonly fuel: number;
  /** Global, i32: values that frames may still take. Below zero once calls went too deep. */
  readonly stack: number;
  /** Function: charges for a number of bytes and gives it back. */
  readonly chargeBytes: number;
  /** Function: charges for pages, then grows the memory. */
  readonly grow: number;
}

/** What a body needs to know of its function. */
export interface MeteredFunction {
  readonly body: FunctionBody;
  readonly parameters: number;
  readonly result: ValueType | null;
  readonly operandsHighest: number;
}

/** What a call of the function takes of the stack's budget, in values. */
export function frameUnits({ body, parameters, operandsHighest }: MeteredFunction): number {
  return FRAME_UNITS + parameters + body.locals + operandsHighest;
}

const I32_ADD = 0x6a;
const I32_SUB = 0x6b;
const I32_LT_S = 0x48;
const I64_SUB = 0x7d;
const I64_LT_S = 0x53;
const NO_RESULT = 0x40;

/** Local of a frame that is set to zero at every call, eight bytes each. */
const LOCALS_A_FUEL = 4;

/**
 * A function body that pays before it works. Instructions between two places where control may enter or leave are charged
 * together when the first is reached, and their meter with them: `loop`, `if`, `else` and `end` begin such a stretch, jumps
 * end one. A frame takes its values from the stack's budget and gives them back; to do so on every way out the body stands in
 * a block of its own, to which `return` jumps.
 */
export function meteredBody(bytes: Uint8Array, target: MeteredFunction, places: MeterPlaces): Uint8Array<ArrayBuffer> {
  const { body, result } = target;
  const frame = frameUnits(target);
  const code = meteredInstructions(bytes, body.instructions, places);
  return sized(
    concatenated([
      bytes.subarray(body.localsStart, body.localsEnd),
      charge(places.fuel, COST_STRETCH + Math.ceil(body.locals / LOCALS_A_FUEL) + code.firstCost),
      takeFrame(places.stack, frame),
      [OP.block, result === null ? NO_RESULT : typeByte(result)],
      ...code.pieces,
      giveFrame(places.stack, frame),
      [OP.end],
    ]),
  );
}

function meteredInstructions(
  bytes: Uint8Array,
  instructions: readonly Instruction[],
  places: MeterPlaces,
): { readonly firstCost: number; readonly pieces: readonly ArrayLike<number>[] } {
  const pieces: ArrayLike<number>[] = [];
  let firstCost: number | undefined;
  let chargeAt = -1;
  let cost = 0;
  let nesting = 0;
  const closeStretch = (): void => {
    if (firstCost === undefined) firstCost = cost;
    else if (cost > 0) pieces[chargeAt] = charge(places.fuel, COST_STRETCH + cost);
    cost = 0;
    chargeAt = pieces.push([]) - 1;
  };
  for (const instruction of instructions) {
    cost += instruction.kind.cost;
    pieces.push(...rewritten(bytes, instruction, { places, nesting }));
    if (instruction.kind.immediates === 'block') nesting += 1;
    if (instruction.opcode === OP.end) nesting -= 1;
    // The last instruction of a body is its `end`, so no stretch stays open.
    if (STRETCH_ENDS.has(instruction.opcode)) closeStretch();
  }
  return { firstCost: firstCost ?? 0, pieces };
}

const STRETCH_ENDS: ReadonlySet<number> = new Set([
  OP.unreachable,
  OP.loop,
  OP.if,
  OP.else,
  OP.end,
  OP.br,
  OP.brIf,
  OP.brTable,
  OP.return,
]);

/** The instruction as it stands, or what stands for it. `nesting`: blocks around it, the function's own not counted. */
function rewritten(
  bytes: Uint8Array,
  { opcode, start, end }: Instruction,
  { places, nesting }: { readonly places: MeterPlaces; readonly nesting: number },
): readonly ArrayLike<number>[] {
  const own = bytes.subarray(start, end);
  switch (opcode) {
    case OP.return:
      return [[OP.br, ...unsignedLeb(nesting)]];
    case OP.memoryGrow:
      return [[OP.call, ...unsignedLeb(places.grow)]];
    case OP.memoryFill:
    case OP.memoryCopy:
    case OP.memoryInit:
      // The length lies on top of the operands.
      return [[OP.call, ...unsignedLeb(places.chargeBytes)], own];
    default:
      return [own];
  }
}

/** Takes fuel, and traps where it falls below zero. */
function charge(fuel: number, cost: number): number[] {
  return chargeOf(fuel, [OP.i64Const, ...positiveLeb(cost)]);
}

/** The same for a cost that `amount` puts on the stack as an i64. */
export function chargeOf(fuel: number, amount: readonly number[]): number[] {
  const at = unsignedLeb(fuel);
  return [
    OP.globalGet,
    ...at,
    ...amount,
    I64_SUB,
    OP.globalSet,
    ...at,
    OP.globalGet,
    ...at,
    OP.i64Const,
    0,
    I64_LT_S,
    ...TRAP_IF,
  ];
}

export const TRAP_IF: readonly number[] = [OP.if, NO_RESULT, OP.unreachable, OP.end];

function takeFrame(stack: number, units: number): number[] {
  const at = unsignedLeb(stack);
  return [
    OP.globalGet,
    ...at,
    OP.i32Const,
    ...positiveLeb(units),
    I32_SUB,
    OP.globalSet,
    ...at,
    OP.globalGet,
    ...at,
    OP.i32Const,
    0,
    I32_LT_S,
    ...TRAP_IF,
  ];
}

function giveFrame(stack: number, units: number): number[] {
  const at = unsignedLeb(stack);
  return [OP.globalGet, ...at, OP.i32Const, ...positiveLeb(units), I32_ADD, OP.globalSet, ...at];
}
