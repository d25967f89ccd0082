import { ABI_VERSION } from './contract.ts';
import { STATE_BYTES_MAX } from './limits.ts';
import type { RunRefusalCode } from './refusal.ts';

/** Places of version 1, in bytes from the beginning of the output: a header, then u64 shares, then the state. */
export const OUTPUT = { version: 0, neurons: 4, stateBytes: 8, reserved: 12 } as const;
export const OUTPUT_HEADER_BYTES = 16;
const SHARE_BYTES = 8;
export const ALIGNMENT = 8;

export interface FunctionOutput {
  /** By uid, of any scale: what counts is the proportion. */
  readonly shares: readonly bigint[];
  readonly state: Uint8Array;
}

export type ReadOutput = FunctionOutput | { readonly code: RunRefusalCode; readonly message: string };

/** Reads an output out of a module's memory; copies, for the memory is not ours. */
export function readOutput(memory: ArrayBuffer, address: number, isVacant: readonly boolean[]): ReadOutput {
  if (address % ALIGNMENT !== 0 || address + OUTPUT_HEADER_BYTES > memory.byteLength) {
    return refused('OUTPUT_ADDRESS', `an output at ${address} of ${memory.byteLength} bytes of memory`);
  }
  const view = new DataView(memory, address);
  const version = view.getUint32(OUTPUT.version, true);
  if (version !== ABI_VERSION)
    return refused('ABI_UNKNOWN', `an output of version ${version}, ${ABI_VERSION} expected`);
  const neurons = view.getUint32(OUTPUT.neurons, true);
  const stateBytes = view.getUint32(OUTPUT.stateBytes, true);
  if (neurons !== isVacant.length) return refused('OUTPUT_LENGTH', `${neurons} shares for ${isVacant.length} neurons`);
  if (stateBytes > STATE_BYTES_MAX) {
    return refused('STATE_TOO_LARGE', `${stateBytes} bytes of state, ${STATE_BYTES_MAX} at most`);
  }
  const stateAt = OUTPUT_HEADER_BYTES + SHARE_BYTES * neurons;
  if (view.byteLength < stateAt + stateBytes) return refused('OUTPUT_ADDRESS', 'an output that ends behind the memory');
  const shares = isVacant.map((_, uid) => view.getBigUint64(OUTPUT_HEADER_BYTES + SHARE_BYTES * uid, true));
  const fault = faultOfShares(shares, isVacant);
  if (fault !== undefined) return fault;
  return { shares, state: new Uint8Array(memory.slice(address + stateAt, address + stateAt + stateBytes)) };
}

function faultOfShares(shares: readonly bigint[], isVacant: readonly boolean[]): ReadOutput | undefined {
  const vacant = shares.findIndex((share, uid) => share > 0n && isVacant[uid] === true);
  if (vacant !== -1) return refused('SHARE_OF_VACANT', `a share for uid ${vacant}, which nobody holds`);
  if (shares.every((share) => share === 0n)) return refused('SHARES_ALL_ZERO', 'no share above zero');
  return undefined;
}

function refused(code: RunRefusalCode, message: string): ReadOutput {
  return { code, message };
}
