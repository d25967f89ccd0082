import { OutageError } from '@subnetes/runtime/errors';
import type { Sql } from '@subnetes/runtime/sql';
import type { Incidents } from '#application/incidents.ts';
import { StoreUnavailable } from '#application/ports.ts';
import { field } from './sql.ts';

/** Incidents in the ledger's own database, where the ledger looks at each of its audits. */
export function sqlIncidents(database: Pick<Sql, 'query'>): Incidents {
  const query = async (text: string, values: readonly unknown[] = []) => {
    try {
      return await database.query(text, values);
    } catch (error) {
      throw error instanceof OutageError ? new StoreUnavailable(error.message, { cause: error }) : error;
    }
  };
  return {
    async countOpen() {
      const rows = await query('SELECT count(*)::text AS open FROM audit_incidents WHERE cleared_at IS NULL');
      return Number(field(rows[0], 'open'));
    },
    async report(findings) {
      await query(
        `INSERT INTO audit_incidents (check_name, sequence, message)
         SELECT DISTINCT ON (c) c, s::bigint, m FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS t (c, s, m, n)
         ORDER BY c, n ON CONFLICT (check_name) WHERE cleared_at IS NULL DO NOTHING`,
        [
          findings.map(({ check }) => check),
          findings.map(({ sequence }) => String(sequence)),
          findings.map(({ message }) => message),
        ],
      );
    },
    async clear(check, because) {
      const rows = await query(
        `UPDATE audit_incidents SET cleared_at = now(), cleared_because = $2
         WHERE cleared_at IS NULL AND ($1::text IS NULL OR check_name = $1) RETURNING 'cleared' AS done`,
        [check ?? null, because],
      );
      return rows.length;
    },
  };
}
