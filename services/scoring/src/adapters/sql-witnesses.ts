import type { WitnessSignature } from '@subnetes/keys/witness';
import type { Database } from '@subnetes/runtime/sql';
import type { WitnessedEpoch, WitnessStore } from '#application/witness-store.ts';
import { fromHex, toHex } from './messages.ts';
import { readOutgoing } from './outgoing-row.ts';
import { bytes, count, text } from './rows.ts';

/** Signatures of witnesses on any PostgreSQL. Every change is a transaction, so that a leader's can be fenced. */
export function sqlWitnesses(database: Database): WitnessStore {
  return {
    scored: async (netuid, index) => {
      const rows = await database.query('SELECT scored FROM epochs WHERE netuid = $1 AND epoch_index = $2', [
        netuid,
        index,
      ]);
      return rows.map((row) => bytes(row, 'scored')).at(0);
    },
    witnesses: async (netuid, index) =>
      (await witnessesOf(database, [{ netuid, index }])).map(({ witness }) => witness),
    putWitness: (netuid, index, { publicKey, signature }) =>
      database.transaction(async (sql) => {
        const rows = await sql.query(
          `INSERT INTO epoch_witnesses (netuid, epoch_index, public_key, signature, published)
           VALUES ($1, $2, $3, $4, false) ON CONFLICT DO NOTHING RETURNING epoch_index`,
          [netuid, index, toHex(publicKey), signature],
        );
        if (rows.length > 0) return true;
        await sql.query(
          'UPDATE epoch_witnesses SET published = false WHERE netuid = $1 AND epoch_index = $2 AND public_key = $3',
          [netuid, index, toHex(publicKey)],
        );
        return false;
      }),
    unpublishedWitnessed: (limit) => unpublished(database, limit),
    markWitnessesPublished: (epochs) =>
      database.transaction(async (sql) => {
        const keys = epochs.flatMap(({ netuid, index, witnesses }) =>
          witnesses.map(({ publicKey }) => ({ netuid, index, key: toHex(publicKey) })),
        );
        await sql.query(
          `UPDATE epoch_witnesses SET published = true
           FROM unnest($1::int4[], $2::int8[], $3::text[]) AS t (netuid, epoch_index, public_key)
           WHERE epoch_witnesses.netuid = t.netuid AND epoch_witnesses.epoch_index = t.epoch_index
             AND epoch_witnesses.public_key = t.public_key`,
          [keys.map(({ netuid }) => netuid), keys.map(({ index }) => index), keys.map(({ key }) => key)],
        );
      }),
  };
}

async function unpublished(database: Database, limit: number): Promise<WitnessedEpoch[]> {
  const rows = await database.query(
    `SELECT e.netuid::text, e.epoch_index::text, e.sequence::text, e.previous_sequence::text, e.scored
     FROM (SELECT DISTINCT netuid, epoch_index FROM epoch_witnesses WHERE NOT published) w
     JOIN epochs e ON e.netuid = w.netuid AND e.epoch_index = w.epoch_index
     ORDER BY e.sequence LIMIT $1`,
    [limit],
  );
  if (rows.length === 0) return [];
  const epochs = rows.map(readOutgoing);
  const signed = await witnessesOf(database, epochs);
  return epochs.map((epoch) => ({
    ...epoch,
    witnesses: signed
      .filter(({ netuid, index }) => netuid === epoch.netuid && index === epoch.index)
      .map(({ witness }) => witness),
  }));
}

interface Signed {
  readonly netuid: number;
  readonly index: number;
  readonly witness: WitnessSignature;
}

/** By key within an epoch. */
async function witnessesOf(
  database: Database,
  epochs: readonly { readonly netuid: number; readonly index: number }[],
): Promise<Signed[]> {
  const rows = await database.query(
    `SELECT w.netuid::text, w.epoch_index::text, w.public_key, w.signature FROM epoch_witnesses w
     JOIN unnest($1::int4[], $2::int8[]) AS t (netuid, epoch_index)
       ON w.netuid = t.netuid AND w.epoch_index = t.epoch_index
     ORDER BY w.public_key`,
    [epochs.map(({ netuid }) => netuid), epochs.map(({ index }) => index)],
  );
  return rows.map((row) => ({
    netuid: count(row, 'netuid'),
    index: count(row, 'epoch_index'),
    witness: { publicKey: fromHex(text(row, 'public_key')), signature: bytes(row, 'signature') },
  }));
}
