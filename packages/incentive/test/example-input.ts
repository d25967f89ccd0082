import { sha256 as noble } from '@noble/hashes/sha2.js';
import type { IncentiveInput } from '#input-layout.ts';
import { type IncentiveFunction, prepareFunction } from '#prepare-function.ts';
import { type IncentiveOutcome, type RunResult } from '#run-function.ts';
import { EXAMPLE_FUNCTIONS_BASE64 } from '#gen/example-functions.ts';

export const sha256 = (bytes: Uint8Array): Uint8Array => noble(bytes);
export const ONE = 1n << 32n;

export type ExampleName = keyof typeof EXAMPLE_FUNCTIONS_BASE64;
export const EXAMPLE_NAMES: readonly ExampleName[] = ['identity', 'winner-takes-most', 'smoothing'];

export function exampleBytes(name: ExampleName): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(EXAMPLE_FUNCTIONS_BASE64[name]), (character) => character.charCodeAt(0));
}

/** A network whose incentives are given; every uid registered at block 1, none vacant. */
export function inputOf(incentive: readonly bigint[], changes: Partial<IncentiveInput> = {}): IncentiveInput {
  const all = <Value>(value: Value): Value[] => incentive.map(() => value);
  return {
    epoch: 7,
    block: 140,
    lastEpochBlock: 120,
    tempo: 20,
    kappaU16: 32_767,
    ownerUid: null,
    incentive,
    consensus: incentive,
    rank: incentive,
    trust: all(ONE),
    validatorTrust: all(0n),
    stake: all(0n),
    registeredAt: all(1),
    isVacant: all(false),
    isActive: all(true),
    hasPermit: all(false),
    state: new Uint8Array(0),
    ...changes,
  };
}

/** The function of a module that has to pass; throws with the refusal otherwise. */
export function functionOf(bytes: Uint8Array): IncentiveFunction {
  const prepared = prepareFunction(bytes, sha256);
  if ('refusal' in prepared) throw new Error(JSON.stringify(prepared.refusal));
  return prepared.function;
}

/** The outcome of a run that has to succeed; throws with the refusal otherwise. */
export function outcomeOf(result: RunResult): IncentiveOutcome {
  if ('refusal' in result) throw new Error(JSON.stringify(result.refusal));
  return result;
}

/** The code that a run has to end with; undefined for an outcome. */
export function codeOf(result: RunResult): string | undefined {
  return 'refusal' in result ? result.refusal.code : undefined;
}

/** Numbers from 0 (incl.) to 2^32 (excl.), the same for the same seed: xorshift32. */
export function seededNumbers(seed: number): () => number {
  let state = (seed >>> 0) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
