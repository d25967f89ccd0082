import type { Store } from '#application/ports.ts';
import type { Report } from '#domain/report.ts';
import type { Database } from '@subnetes/runtime/sql';
import { metagraphBytes } from './messages.ts';
import { bytes, count, text } from './rows.ts';

type MetagraphsPart = Pick<Store, 'metagraph' | 'keepMetagraph' | 'reports' | 'nextToShow' | 'markShown'>;

/** What is made of epochs after they were published. */
export function metagraphsPart(database: Database): MetagraphsPart {
  return {
    metagraph: async (netuid, index) => {
      const rows = await database.query(
        `SELECT epoch_index::text, metagraph FROM epochs
         WHERE netuid = $1 AND ($2::bigint IS NULL OR epoch_index = $2) ORDER BY epochs.epoch_index DESC LIMIT 1`,
        [netuid, index ?? null],
      );
      return rows
        .map((row) => ({
          index: count(row, 'epoch_index'),
          metagraph: row['metagraph'] === null ? undefined : bytes(row, 'metagraph'),
        }))
        .at(0);
    },
    keepMetagraph: async (netuid, index, metagraph) => {
      const made = metagraphBytes(metagraph);
      await database.transaction(async (sql) => {
        await sql.query(
          'UPDATE epochs SET metagraph = $3 WHERE netuid = $1 AND epoch_index = $2 AND metagraph IS NULL',
          [netuid, index, made],
        );
      });
      return made;
    },
    reports: async (netuid, wanted) => {
      if (wanted.length === 0) return [];
      const rows = await database.query(
        `SELECT r.registration_id, r.report
         FROM jsonb_to_recordset($2::jsonb) AS item ("registrationId" text, "mechanismId" integer, source text, interval bigint)
         JOIN weight_rows r ON r.registration_id = item."registrationId" AND r.mechanism_id = item."mechanismId"
           AND r.source = item.source AND r.interval_index = item.interval
         WHERE r.netuid = $1 ORDER BY r.registration_id, r.mechanism_id`,
        [netuid, JSON.stringify(wanted)],
      );
      return rows.map((row) => ({
        registrationId: text(row, 'registration_id'),
        report: JSON.parse(text(row, 'report')) as Report,
      }));
    },
    nextToShow: async () => {
      const rows = await database.query(
        `SELECT netuid::text, max(epoch_index)::text AS newest FROM epochs WHERE NOT shown
         GROUP BY epochs.netuid ORDER BY max(sequence) LIMIT 1`,
      );
      return rows.map((row) => ({ netuid: count(row, 'netuid'), index: count(row, 'newest') })).at(0);
    },
    markShown: (netuid, index) =>
      database.transaction(async (sql) => {
        await sql.query('UPDATE epochs SET shown = true WHERE netuid = $1 AND epoch_index <= $2 AND NOT shown', [
          netuid,
          index,
        ]);
      }),
  };
}
