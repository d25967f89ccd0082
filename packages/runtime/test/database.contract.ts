import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MigrationError, migrate } from '../src/migrate.ts';
import type { Database } from '../src/sql.ts';

/** What every back end of the Sql port does. */
export function databaseContract(name: string, open: () => Promise<Database>): void {
  describe(`a database: ${name}`, () => {
    let database: Database;
    let folder: string;
    beforeAll(async () => {
      database = await open();
      folder = await mkdtemp(join(tmpdir(), 'subnetes-migrations-'));
      await writeFile(
        join(folder, '0001_first.sql'),
        'CREATE TABLE money (id int8 PRIMARY KEY, amount NUMERIC(39,0) NOT NULL, proof bytea, at timestamptz); CREATE INDEX ON money (amount);',
      );
    });
    afterAll(async () => {
      await database[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    });

    test('migrates once, also when two start together', async () => {
      const ran = await Promise.all([migrate(database, folder), migrate(database, folder)]);
      expect(ran.flat()).toEqual([1]);
      await writeFile(join(folder, '0002_second.sql'), 'ALTER TABLE money ADD COLUMN note text;');
      expect(await migrate(database, folder)).toEqual([2]);
      expect(await migrate(database, folder)).toEqual([]);
    });

    test('a migration that fails leaves nothing behind', async () => {
      await writeFile(join(folder, '0003_third.sql'), 'CREATE TABLE half (id int); SELECT 1/0;');
      await expect(migrate(database, folder)).rejects.toThrow(/division by zero/);
      expect(await database.query("SELECT to_regclass('half')::text AS half")).toEqual([{ half: null }]);
      await rm(join(folder, '0003_third.sql'));
    });

    test('refuses a file that was edited after it ran', async () => {
      await writeFile(join(folder, '0002_second.sql'), 'ALTER TABLE money ADD COLUMN other text;');
      await expect(migrate(database, folder)).rejects.toThrow(MigrationError);
    });

    test('money, counts and bytes come back as they went', async () => {
      const amount = 10n ** 39n - 1n;
      const at = new Date('2026-01-02T03:04:05.678Z');
      const proof = new Uint8Array([0, 255, 1]);
      await database.query('INSERT INTO money VALUES ($1, $2, $3, $4)', [2n ** 63n - 1n, amount, proof, at]);
      const [row] = await database.query('SELECT id, amount, proof, at, count(*) OVER () AS n FROM money');
      expect(row).toMatchObject({ id: 2n ** 63n - 1n, amount, at, n: 1n });
      expect(new Uint8Array(row?.['proof'] as Uint8Array)).toEqual(proof);
      const sums = await database.query('SELECT sum(amount) AS total, sum(id) AS ids FROM money');
      expect(sums).toEqual([{ total: amount, ids: 2n ** 63n - 1n }]);
    });

    test('rows are copied, alone and in a transaction that is taken back', async () => {
      await database.script('CREATE TABLE copied (id int8 PRIMARY KEY, note text)');
      await database.copy('copied (id, note)', '1\ta \\\\ b\n2\t\\N\n');
      const abandoned = database.transaction(async (sql) => {
        await sql.copy('copied (id, note)', '3\tx\n');
        throw new Error('no');
      });
      await expect(abandoned).rejects.toThrow('no');
      await expect(database.copy('copied (id, note)', '4\tx\n1\ttwice\n')).rejects.toMatchObject({ code: '23505' });
      expect(await database.query('SELECT * FROM copied ORDER BY id')).toEqual([
        { id: 1n, note: String.raw`a \ b` },
        { id: 2n, note: null },
      ]);
    });

    test('arrays of bigint go in as parameters', async () => {
      const rows = await database.query('SELECT unnest($1::numeric[]) AS a', [[1n, 10n ** 30n]]);
      expect(rows).toEqual([{ a: 1n }, { a: 10n ** 30n }]);
    });

    test('a transaction commits whole or not at all', async () => {
      const failing = database.transaction(async (sql) => {
        await sql.query("INSERT INTO money (id, amount, note) VALUES (1, 1, 'lost')");
        throw new Error('changed my mind');
      });
      await expect(failing).rejects.toThrow('changed my mind');
      expect(await database.query('SELECT 1 AS one FROM money WHERE id = 1')).toEqual([]);
      const id = await database.transaction(async (sql) => {
        const [row] = await sql.query<{ id: bigint }>('INSERT INTO money (id, amount) VALUES (1, 1) RETURNING id');
        return row?.id;
      });
      expect(id).toBe(1n);
    });

    test('a broken rule is an answer of the database with its SQLSTATE, not an outage', async () => {
      const again = database.query('INSERT INTO money (id, amount) VALUES (1, 1)');
      await expect(again).rejects.toMatchObject({ code: '23505' });
    });
  });
}
