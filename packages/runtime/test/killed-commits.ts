import { openDatabase } from '../src/postgres.ts';

/**
 * Opens the PGlite folder of its first argument, compares it with what was acknowledged before (second argument: the last
 * number), and goes on committing numbers, each of which it prints once it is told of. It ends with 3 where something is
 * missing or half there.
 */
const [, , place = '', acknowledged = '0'] = process.argv;
const database = await openDatabase({ url: `pglite:${place}` });
await database.script(
  `CREATE TABLE IF NOT EXISTS commits (n int8 PRIMARY KEY, filling text);
   CREATE TABLE IF NOT EXISTS counted (only_row boolean PRIMARY KEY DEFAULT true, n int8 NOT NULL);
   INSERT INTO counted (n) VALUES (0) ON CONFLICT DO NOTHING`,
);
const [found] = await database.query(
  'SELECT coalesce(max(n), 0) AS last, count(*) AS rows, (SELECT n FROM counted) AS counted FROM commits',
);
const last = found?.['last'] as bigint;
if (last < BigInt(acknowledged) || found?.['rows'] !== last || found['counted'] !== last) {
  process.stdout.write(`broken: ${acknowledged} were acknowledged, ${JSON.stringify(found, (_, v) => String(v))}\n`);
  process.exit(3);
}
process.stdout.write(`opened ${last}\n`);
for (let n = last + 1n; ; n += 1n) {
  await database.transaction(async (sql) => {
    await sql.query('INSERT INTO commits VALUES ($1, $2)', [n, 'x'.repeat(Number(n % 400n))]);
    await sql.query('UPDATE counted SET n = n + 1');
    if (n % 50n === 0n) await sql.query('DELETE FROM commits WHERE n < 0');
  });
  process.stdout.write(`committed ${n}\n`);
  if (n % 30n === 0n) await database.script('CHECKPOINT');
}
