import type { Database } from '@subnetes/runtime/sql';
import type { FunctionStore } from '#application/incentive-functions.ts';
import { bytes, count } from './rows.ts';
import { sha256 as hashOf } from './sha256.ts';

/** Incentive functions on any PostgreSQL. */
export function sqlFunctions(database: Database): FunctionStore {
  return {
    module: async (sha256) => {
      const rows = await database.query('SELECT module FROM incentive_functions WHERE sha256 = $1', [sha256]);
      const module = rows.map((row) => bytes(row, 'module')).at(0);
      // What is not what it is called may have come from a damaged disk: it is no more there than if it were gone.
      return module !== undefined && hashOf(module) === sha256 ? module : undefined;
    },
    has: async (sha256) => {
      const rows = await database.query('SELECT 1 FROM incentive_functions WHERE sha256 = $1', [sha256]);
      return rows.length > 0;
    },
    publish: (netuid, module, quota) =>
      database.transaction(async (sql) => {
        // Two publications of a subnet must not both fit into what is left for one.
        await sql.query('SELECT pg_advisory_xact_lock($1, $2)', [PUBLICATIONS_LOCK, netuid]);
        // What is stored may be damaged: the same bytes put it right.
        const keep = `INSERT INTO incentive_functions (sha256, module) VALUES ($1, $2)
                      ON CONFLICT (sha256) DO UPDATE SET module = excluded.module`;
        const published = await sql.query(
          `SELECT coalesce(sum(bytes), 0)::text AS bytes, count(*)::text AS modules,
                  count(*) FILTER (WHERE sha256 = $2)::text AS same
           FROM incentive_function_publications WHERE netuid = $1`,
          [netuid, module.sha256],
        );
        const [row] = published;
        if (row === undefined) throw new Error('an aggregate gave no row');
        const before = count(row, 'bytes');
        if (count(row, 'same') > 0) {
          await sql.query(keep, [module.sha256, module.bytes]);
          return { kind: 'repeated', bytesPublished: before };
        }
        const after = before + module.bytes.length;
        if (after > quota.bytes || count(row, 'modules') >= quota.modules) {
          return { kind: 'over-quota', bytesPublished: before };
        }
        await sql.query(keep, [module.sha256, module.bytes]);
        await sql.query('INSERT INTO incentive_function_publications (netuid, sha256, bytes) VALUES ($1, $2, $3)', [
          netuid,
          module.sha256,
          module.bytes.length,
        ]);
        return { kind: 'published', bytesPublished: after };
      }),
  };
}

/** First key of the advisory lock of a subnet's publications; the second is its netuid. */
const PUBLICATIONS_LOCK = 7_305_814;
