import type { Tile } from '@subnetes/transparency/tile';
import { HASH_BYTES } from '@subnetes/transparency/tree-hash';
import type { Sql as RuntimeSql } from '@subnetes/runtime/sql';
import { Fenced } from '#application/ports.ts';
import type { TreeGrowth, TreeStore } from '#application/tree-store.ts';
import { field, type JournalDatabase } from './sql.ts';
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
    grow: (growth) => database.transaction((sql) => grow(sql, growth)),
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

async function grow(sql: Sql, { previous, next, tiles }: TreeGrowth): Promise<void> {
  const moved = await sql.query(
    `UPDATE tree SET size = $1::bigint, root = $2 WHERE size = $3::bigint AND root = $4 RETURNING 'kept' AS fence`,
    [String(next.size), next.root, String(previous.size), previous.root],
  );
  if (moved.length !== 1) throw new Fenced('another ledger indexed the journal, or the tree is not where it was left');
  const stored = await sql.query(
    `INSERT INTO tree_tiles (level, tile_index, hashes)
     SELECT l::integer, i::bigint, decode(h, 'hex') FROM unnest($1::text[], $2::text[], $3::text[]) AS t (l, i, h)
     ON CONFLICT (level, tile_index) DO UPDATE SET hashes = tree_tiles.hashes || excluded.hashes
     RETURNING level::text AS level, tile_index::text AS tile_index, length(hashes)::text AS bytes`,
    [
      tiles.map(({ level }) => String(level)),
      tiles.map(({ index }) => String(index)),
      tiles.map(({ hashes }) => Buffer.from(hashes).toString('hex')),
    ],
  );
  const bytes = new Map(
    stored.map((row) => [`${field(row, 'level')}/${field(row, 'tile_index')}`, field(row, 'bytes')]),
  );
  for (const { level, index, offset, hashes } of tiles) {
    if (bytes.get(`${level}/${index}`) === String(offset * HASH_BYTES + hashes.length)) continue;
    throw new Fenced(`tile ${index} of level ${level} is not where the tree was left`);
  }
}
