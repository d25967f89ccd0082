import type { JournalStore } from '#application/ports.ts';
import { arrayText, field, type JournalDatabase } from './sql.ts';

/** One step down the index for each key: `key = ANY(…)` is planned as a way through the whole table while that is small. */
const FIND_CLAIMS = `SELECT claims.key, sequence::text AS sequence, content_sha256 FROM unnest($1::text[]) AS wanted (key),
  LATERAL (SELECT * FROM claims WHERE claims.key = wanted.key OFFSET 0) AS claims`;

/** The idempotency keys of all ranges, also of those that were archived. */
export function sqlClaims({ lookups, reader }: JournalDatabase): Pick<JournalStore, 'findClaims' | 'readClaimKeys'> {
  return {
    async findClaims(keys) {
      const rows = await lookups.query(FIND_CLAIMS, [arrayText(keys)]);
      return new Map(
        rows.map((row) => [
          field(row, 'key'),
          { sequence: Number(field(row, 'sequence')), contentSha256: field(row, 'content_sha256') },
        ]),
      );
    },
    async readClaimKeys(after, limit) {
      const text = 'SELECT key FROM claims WHERE key > $1::text ORDER BY key LIMIT $2::bigint';
      const rows = await reader.query(text, [after, String(limit)]);
      return rows.map((row) => field(row, 'key'));
    },
  };
}
