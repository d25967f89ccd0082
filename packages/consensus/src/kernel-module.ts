import { KERNEL_WASM_BASE64 } from './gen/kernel-wasm.ts';

/** An address that the module moves when it lays out its memory. */
interface Address {
  readonly value: number;
}

/** Arrays that are filled before an epoch and read after it; `assembly/memory.ts` says what each holds. */
export type ArrayName =
  | 'stake'
  | 'lastUpdate'
  | 'registeredAt'
  | 'oldestCommit'
  | 'permit'
  | 'weightStarts'
  | 'weightColumns'
  | 'weightValues'
  | 'bondStarts'
  | 'bondColumns'
  | 'bondValues'
  | 'active'
  | 'permitApplied'
  | 'nextPermit'
  | 'stakeShare'
  | 'activeStake'
  | 'consensus'
  | 'prerank'
  | 'rank'
  | 'trust'
  | 'validatorTrust'
  | 'incentive'
  | 'dividends'
  | 'stakeU16'
  | 'consensusU16'
  | 'trustU16'
  | 'validatorTrustU16'
  | 'incentiveU16'
  | 'dividendsU16'
  | 'minerPayouts'
  | 'validatorPayouts'
  | 'rowStarts'
  | 'rowColumns'
  | 'rowValues'
  | 'pairStarts'
  | 'pairColumns'
  | 'pairValues'
  | 'nextStarts'
  | 'nextColumns'
  | 'nextValues'
  | 'columnAlphas';

/** What `assembly/kernel.ts` exports. i64 is a bigint on this side, bool a number. */
export interface KernelExports extends Readonly<Record<ArrayName, Address>> {
  readonly memory: { readonly buffer: ArrayBuffer };
  reserve(neurons: number, weights: number, bonds: number): number;
  scoreMiners(
    block: number,
    cutoff: number,
    owner: number,
    minStake: bigint,
    seats: number,
    plain: number,
    kappaU16: number,
  ): number;
  setColumnAlphas(movingAveragePpm: number): void;
  buyColumns(penaltyU16: number, since: number, byRow: number, clearsAll: number): void;
  buyPairs(movingAveragePpm: number, penaltyU16: number, since: number, byRow: number, clearsAll: number): void;
  buyLiquidPairs(
    lowU16: number,
    highU16: number,
    steepnessHundredths: number,
    penaltyU16: number,
    since: number,
    byRow: number,
    clearsAll: number,
  ): void;
  /** Addresses of shares and of where the amounts go. */
  pay(shares: number, amounts: number, pot: bigint): bigint;
  multiply(left: bigint, right: bigint): bigint;
  divide(left: bigint, right: bigint): bigint;
  exponential(exponent: bigint): bigint;
  logistic(exponent: bigint): bigint;
  product(a: bigint, b: bigint): bigint;
  quotient(a: bigint, b: bigint): bigint;
  wideQuotient(a: bigint, b: bigint): bigint;
  portion(share: bigint, amount: bigint): bigint;
  fromU16(value: bigint): bigint;
  toU16(share: bigint): bigint;
}

/** The part of the engine that is used here: Node's types leave it out, and browsers' are not loaded. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

let compiled: object | undefined;

/** A new instance with its own memory. The module is compiled once, in about a millisecond, and reads nothing from disk. */
export function instantiateKernel(): KernelExports {
  compiled ??= new WebAssembly.Module(
    Uint8Array.from(atob(KERNEL_WASM_BASE64), (character) => character.charCodeAt(0)),
  );
  return new WebAssembly.Instance(compiled).exports as KernelExports;
}
