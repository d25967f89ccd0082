import type { Tile } from '@subnetes/transparency/tile';
import { HASH_BYTES } from '@subnetes/transparency/tree-hash';
import type { Sql as RuntimeSql } from '@subnetes/runtime/sql';
import { Fenced } from '#application/ports.ts';
import type { TreeGrowth, TreeStore } from '#application/tree-store.ts';
import { arrayText, field, isNullRefused, type JournalDatabase } from './sql.ts';
import { assertKept } from './sql-archive.ts';

type Sql = Pick<RuntimeSql, 'query'>;

/** The tree on PostgreSQL's SQL, in the journal's database and by its writer. Bytes travel as hex, which no driver renames. */
export function sqlTree(database: JournalDatabase): TreeStore {
  const { reader } = database;
  return {
    async readPosition() {
      const rows = await reader.query('SELECT size::text AS size, root FROM tree');
      return { size: Number(field(rows[0], 'size')), root: field(rows[0], 'root') };
    },
    async readEntryHashes({ afterSequence, limit }) {
      const rows = await reader.query(
        'SELECT sequence::text AS sequence, hash FROM entries WHERE sequence > $1::bigint ORDER BY entries.sequence LIMIT $2',
        [String(afterSequence), limit],
      );
      if (rows.length === 0 || field(rows[0], 'sequence') !== String(afterSequence + 1)) {
        await assertKept(reader, afterSequence);
      }
      return rows.map((row) => ({ sequence: Number(field(row, 'sequence')), hash: field(row, 'hash') }));
    },
    grow: (growth) => grow(database, growth),
    readTile: (tile) => readTile(reader, tile),
    async readCheckpoint() {
      const rows = await reader.query(
        `SELECT checkpoint_size::text AS size, checkpoint FROM tree WHERE checkpoint IS NOT NULL`,
      );
      const row = rows[0];
      return row === undefined ? undefined : { size: Number(field(row, 'size')), note: field(row, 'checkpoint') };
    },
    writeCheckpoint: ({ size, note }, previousSize) =>
      database.transaction(async (sql) => {
        const rows = await sql.query(
          `UPDATE tree SET checkpoint_size = $1::bigint, checkpoint = $2
           WHERE checkpoint_size IS NOT DISTINCT FROM $3::bigint RETURNING 'kept' AS fence`,
          [String(size), note, previousSize === undefined ? null : String(previousSize)],
        );
        if (rows.length !== 1) throw new Fenced('another ledger signed a checkpoint');
      }),
  };
}

/** The first hashes of a tile; undefined when it has fewer. */
export async function readTile(sql: Sql, { level, index, width }: Tile): Promise<Uint8Array | undefined> {
  const rows = await sql.query(
    `SELECT encode(substr(hashes, 1, $3::integer), 'hex') AS hashes FROM tree_tiles
     WHERE level = $1::integer AND tile_index = $2::bigint AND length(hashes) >= $3::integer`,
    [String(level), String(index), String(width * HASH_BYTES)],
  );
  return rows.length === 0 ? undefined : Buffer.from(field(rows[0], 'hashes'), 'hex');
}

/**
 * At once, like a batch, which therefore hardly waits for it: nothing is asked between the steps. Each sets what may not be NULL to
 * NULL where the tree, or a tile, is not where the caller left it.
 */
async function grow(database: JournalDatabase, { previous, next, tiles }: TreeGrowth): Promise<void> {
  const columns = [
    tiles.map(({ level }) => String(level)),
    tiles.map(({ index }) => String(index)),
    tiles.map(({ offset }) => String(offset * HASH_BYTES)),
    tiles.map(({ hashes }) => Buffer.from(hashes).toString('hex')),
  ];
  try {
    await database.runSteps([
      {
        kind: 'statement',
        name: 'tree',
        text: `UPDATE tree SET root = $2, size = CASE WHEN size = $3::bigint AND root = $4 THEN $1::bigint END WHERE only_row`,
        values: [String(next.size), next.root, String(previous.size), previous.root],
      },
      { kind: 'statement', name: 'tree-tiles', text: GROW_TILES, values: columns.map(arrayText) },
    ]);
  } catch (error) {
    if (!isNullRefused(error)) throw error;
    throw new Fenced('another ledger indexed the journal, or the tree is not where it was left', { cause: error });
  }
}

/** Bytes that a tile has before stand in an index expression of their own, so that each row is found by its key. */
const GROW_TILES = `
  INSERT INTO tree_tiles (level, tile_index, hashes)
  SELECT l::integer, i::bigint, CASE WHEN b::integer =
           coalesce((SELECT length(hashes) FROM tree_tiles WHERE level = l::integer AND tile_index = i::bigint), 0)
         THEN decode(h, 'hex') END
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS t (l, i, b, h)
  ON CONFLICT (level, tile_index) DO UPDATE SET hashes = tree_tiles.hashes || excluded.hashes`;
