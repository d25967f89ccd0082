import { ByteReader } from './byte-reader.ts';
import { concatenated, nameBytes, section, sized, unsignedLeb, vector } from './byte-writer.ts';
import { CONTRACT_NAMES, type ContractFunction, MEMORY_EXPORT } from './contract.ts';
import { type DecodedModule, SECTION } from './decode-module.ts';
import type { Instruction } from './instruction-reader.ts';
import { OP } from './instruction-set.ts';
import { FRAME_UNITS_MAX } from './limits.ts';
import { frameUnits, type MeteredFunction, meteredBody } from './metering.ts';
import { chargeBytesBody, growBody } from './metering-functions.ts';
import { type Arity, arityOf, highestOperands } from './operand-height.ts';
import type { Signature } from './module-sections.ts';
import { ModuleFault } from './refusal.ts';
import { I32, I64 } from './value-types.ts';

/** Name of the module's start function, where it has one: run by the host, so that it is metered like all others. */
export const START_EXPORT = 'start';

/** Exported globals of a metered module; a module's own exports beyond the contract are dropped, so no name collides. */
export const METER_EXPORTS = {
  /** i64: fuel left. */
  fuel: 'fuel',
  /** i32: values that frames may still take. */
  stack: 'stack',
  /** i32: 1 once the memory was refused a growth beyond its maximum. */
  refusedGrowth: 'refused-growth',
  /** i32: 1 when the machine could not give memory within the maximum: an outage, no result of the function. */
  hostShortage: 'host-shortage',
} as const;

const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const EXPORT_FUNCTION = 0;
const EXPORT_MEMORY = 2;
const EXPORT_GLOBAL = 3;
const MUTABLE = 1;
/** (i32) → i32, of both functions that metering adds. */
const METER_TYPE = [0x60, 1, I32, 1, I32];

/**
 * The module with meters: same functions, globals and types by the same indices, what metering adds behind them, exports
 * those of the contract and the meters', the start function one of them, custom sections gone. The module has to be valid; that was the engine's to say.
 * Throws `ModuleFault` on a function whose frame is too large.
 */
export function instrumentModule(
  module: DecodedModule,
  contract: Readonly<Record<ContractFunction, number>>,
): Uint8Array<ArrayBuffer> {
  const functions = module.functionTypes.length;
  const places = {
    fuel: module.globals,
    stack: module.globals + 1,
    refusedGrowth: module.globals + 2,
    hostShortage: module.globals + 3,
    chargeBytes: functions,
    grow: functions + 1,
  };
  const type = unsignedLeb(module.types.length);
  const globals = [I64, I32, I32, I32].map((valueType) => [
    valueType,
    MUTABLE,
    valueType === I64 ? OP.i64Const : OP.i32Const,
    0,
    OP.end,
  ]);
  const exports = [
    [...nameBytes(MEMORY_EXPORT), EXPORT_MEMORY, 0],
    ...(module.start === undefined ? [] : [exportedFunction(START_EXPORT, module.start)]),
    ...CONTRACT_NAMES.map((name) => exportedFunction(name, contract[name])),
    ...(Object.keys(METER_EXPORTS) as (keyof typeof METER_EXPORTS)[]).map((meter) => [
      ...nameBytes(METER_EXPORTS[meter]),
      EXPORT_GLOBAL,
      ...unsignedLeb(places[meter]),
    ]),
  ];
  const bodies = [
    ...module.bodies.map((_, index) => meteredBody(module.bytes, functionToMeter(module, index), places)),
    sized(chargeBytesBody(places)),
    sized(growBody(places, module.memory.max)),
  ];
  return concatenated([
    MAGIC_AND_VERSION,
    section(SECTION.type, extended(module, SECTION.type, [METER_TYPE])),
    section(SECTION.function, extended(module, SECTION.function, [type, type])),
    copied(module, SECTION.table),
    copied(module, SECTION.memory),
    section(SECTION.global, extended(module, SECTION.global, globals)),
    section(SECTION.export, vector(exports)),
    copied(module, SECTION.element),
    copied(module, SECTION.dataCount),
    section(SECTION.code, vector(bodies)),
    copied(module, SECTION.data),
  ]);
}

function exportedFunction(name: string, index: number): number[] {
  return [...nameBytes(name), EXPORT_FUNCTION, ...unsignedLeb(index)];
}

/** The elements of a section with more of them at its end. */
function extended(module: DecodedModule, id: number, more: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const place = module.sections.get(id);
  if (place === undefined) return vector(more);
  const reader = new ByteReader(module.bytes, place.start, place.end);
  const count = reader.u32();
  const own = module.bytes.subarray(reader.offset, place.end);
  return concatenated([unsignedLeb(count + more.length), own, ...more]);
}

function copied(module: DecodedModule, id: number): Uint8Array<ArrayBuffer> {
  const place = module.sections.get(id);
  return place === undefined ? new Uint8Array(0) : section(id, module.bytes.subarray(place.start, place.end));
}

function signatureOf(
  { types, functionTypes }: DecodedModule,
  index: number,
): { readonly parameters: number; readonly result: Signature['result'] } {
  const signature = types[functionTypes[index] ?? -1];
  return { parameters: signature?.parameters.length ?? 0, result: signature?.result ?? null };
}

function functionToMeter(module: DecodedModule, index: number): MeteredFunction {
  const body = module.bodies[index];
  if (body === undefined) throw new RangeError(`function ${index} has no body`);
  const target = { body, ...signatureOf(module, index), operandsHighest: operands(module, index) };
  const units = frameUnits(target);
  if (units > FRAME_UNITS_MAX) {
    const message = `a function that holds ${units} values at once, ${FRAME_UNITS_MAX} at most`;
    throw new ModuleFault('MODULE_LIMIT', message, body.localsStart);
  }
  return target;
}

const NO_ARITY: Arity = { parameters: 0, results: 0 };

function operands(module: DecodedModule, index: number): number {
  const { types, functionTypes, bodies } = module;
  const arity = types.map(arityOf);
  const arityOfCall = ({ opcode, operand }: Instruction): Arity =>
    arity[opcode === OP.call ? (functionTypes[operand] ?? -1) : operand] ?? NO_ARITY;
  const { result } = signatureOf(module, index);
  return highestOperands(bodies[index]?.instructions ?? [], result === null ? 0 : 1, arityOfCall);
}
