import { sessionKeyOf } from '@subnetes/keys/session-key';
import { signStatement, type WitnessSignature } from '@subnetes/keys/witness';
import type { Database } from '@subnetes/runtime/sql';
import { makeSubmitWitness } from '#application/submit-witness.ts';
import type { WitnessStore } from '#application/witness-store.ts';
import { fromHex, toHex } from '#adapters/messages.ts';
import { sqlWitnesses } from '#adapters/sql-witnesses.ts';
import { statementOf } from '#adapters/witnessed-message.ts';
import { NETUID, NETWORK_ID } from './market.ts';

/** Keys of three witnesses; the third is none that scoring knows. */
export const WITNESSES = [1, 2, 3].map((seed) => sessionKeyOf(new Uint8Array(32).fill(seed)));
export const KNOWN_KEYS = WITNESSES.slice(0, 2).map(({ publicKey }) => toHex(publicKey));

/** Scoring's side of witnesses on a database. */
export function witnessing(database: Database) {
  const witnesses = sqlWitnesses(database);
  return {
    witnesses,
    submitWitness: makeSubmitWitness({
      store: witnesses,
      keys: new Set(KNOWN_KEYS),
      statementOf: statementOf(fromHex(NETWORK_ID)),
      hexOf: toHex,
    }),
  };
}

/** A right signature of an epoch that is stored, or of one for another network. */
export async function signatureBy(
  store: WitnessStore,
  witness: number,
  { index, networkId = NETWORK_ID }: { readonly index: number; readonly networkId?: string },
): Promise<WitnessSignature> {
  const scored = await store.scored(NETUID, index);
  const key = WITNESSES[witness];
  if (scored === undefined || key === undefined) throw new Error('there is no such epoch or witness');
  return signStatement(statementOf(fromHex(networkId))(scored), key);
}
