import { type EpochStatement, isWitnessedBy, type WitnessSignature } from '@subnetes/keys/witness';
import type { WitnessStore } from './witness-store.ts';

/** Why a signature is not taken. Stable: witnesses match on it. */
export type WitnessRefusal = 'UNKNOWN_WITNESS' | 'UNKNOWN_EPOCH' | 'BAD_SIGNATURE';

export type WitnessOutcome =
  | { readonly kind: 'taken'; readonly repeated: boolean; readonly witnesses: number }
  | { readonly kind: 'refused'; readonly reason: WitnessRefusal };

export type SubmitWitness = (netuid: number, index: number, witness: WitnessSignature) => Promise<WitnessOutcome>;

/** The statement about a serialised `EpochScored`. */
export type StatementOf = (scored: Uint8Array) => EpochStatement;

/**
 * Takes a witness's signature of what is stored of an epoch, once. Keys that do not count are turned away before anything is
 * read, so there are at most as many signatures of an epoch as keys.
 */
export function makeSubmitWitness(ports: {
  readonly store: WitnessStore;
  /** Hex. */
  readonly keys: ReadonlySet<string>;
  readonly statementOf: StatementOf;
  readonly hexOf: (bytes: Uint8Array) => string;
}): SubmitWitness {
  const { store, keys, statementOf, hexOf } = ports;
  return async (netuid, index, witness) => {
    if (!keys.has(hexOf(witness.publicKey))) return { kind: 'refused', reason: 'UNKNOWN_WITNESS' };
    const scored = await store.scored(netuid, index);
    if (scored === undefined) return { kind: 'refused', reason: 'UNKNOWN_EPOCH' };
    if (!isWitnessedBy(statementOf(scored), witness)) return { kind: 'refused', reason: 'BAD_SIGNATURE' };
    const isNew = await store.putWitness(netuid, index, witness);
    const all = await store.witnesses(netuid, index);
    return { kind: 'taken', repeated: !isNew, witnesses: all.length };
  };
}
