import { line, positiveLeb, unsignedLeb } from './byte-writer.ts';
import { BYTES_A_FUEL, FUEL_A_PAGE, OP } from './instruction-set.ts';
import { chargeOf, type MeterPlaces, TRAP_IF } from './metering.ts';
import { I32 } from './value-types.ts';

const I32_EQ = 0x46;
const I64_LE_U = 0x58;
const I64_ADD = 0x7c;
const I64_MUL = 0x7e;
const I64_SHR_U = 0x88;
const I64_EXTEND_I32_U = 0xad;
const NO_RESULT = 0x40;

const ASKED = 0;
const ANSWER = 1;

/** (bytes) → bytes, charged. */
export function chargeBytesBody({ fuel }: MeterPlaces): number[] {
  const shift = Math.log2(BYTES_A_FUEL);
  return [
    0, // no locals
    ...chargeOf(fuel, [OP.localGet, ASKED, I64_EXTEND_I32_U, OP.i64Const, shift, I64_SHR_U]),
    ...line(OP.localGet, ASKED, OP.end),
  ];
}

/**
 * (pages) → pages before, or -1: `memory.grow`, charged. It answers -1 where the format says so, beyond the maximum, and
 * notes it. Where the engine answers -1 although the maximum allows it, the machine is short of memory; that must not
 * become a result, so it traps and says which.
 */
export function growBody(
  {
    fuel,
    refusedGrowth,
    hostShortage,
  }: MeterPlaces & { readonly refusedGrowth: number; readonly hostShortage: number },
  pagesMax: number,
): number[] {
  const wide = (local: number): number[] => [OP.localGet, local, I64_EXTEND_I32_U];
  const isOne = [OP.i32Const, 1];
  return [
    ...line(1, 1, I32), // one group of one local: the answer
    ...chargeOf(fuel, [...wide(ASKED), OP.i64Const, ...positiveLeb(FUEL_A_PAGE), I64_MUL]),
    ...line(OP.localGet, ASKED, OP.memoryGrow, 0, OP.localTee, ANSWER),
    ...line(OP.i32Const, 0x7f, I32_EQ, OP.if, NO_RESULT), // 0x7f is -1
    ...line(OP.memorySize, 0, I64_EXTEND_I32_U, ...wide(ASKED), I64_ADD),
    ...line(OP.i64Const, ...positiveLeb(pagesMax), I64_LE_U, OP.if, NO_RESULT),
    ...line(...isOne, OP.globalSet, ...unsignedLeb(hostShortage), OP.i32Const, 1, ...TRAP_IF),
    OP.end,
    ...line(...isOne, OP.globalSet, ...unsignedLeb(refusedGrowth)),
    ...line(OP.end, OP.localGet, ANSWER, OP.end),
  ];
}
