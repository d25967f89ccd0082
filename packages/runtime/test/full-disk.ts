import { rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { fromUnknown } from '../src/errors.ts';
import { openDatabase } from '../src/postgres.ts';

/**
 * Commits into the PGlite folder of its first argument until one is refused; tells how many it was told of, what refused the
 * next one and whether reads go on. Then it makes room by removing the file of its second argument, and tries again.
 */
const [, , place = '', ballast = ''] = process.argv;
const tell = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const database = await openDatabase({ url: `pglite:${place}` });
await database.script('CREATE TABLE commits (n int8 PRIMARY KEY, filling text)');
let acknowledged = 0;

async function commit(): Promise<string> {
  try {
    await database.transaction(async (sql) => {
      await sql.query('INSERT INTO commits VALUES ($1, $2)', [acknowledged, randomBytes(200_000).toString('hex')]);
    });
    acknowledged += 1;
    return 'committed';
  } catch (error) {
    return `${fromUnknown(error).name}: ${fromUnknown(error).message}`;
  }
}

const count = async () => (await database.query('SELECT count(*)::text AS n FROM commits'))[0]?.['n'];

let outcome = 'committed';
while (outcome === 'committed') outcome = await commit();
tell({ refused: outcome, acknowledged, stored: await count() });
await rm(ballast);
tell({ afterwards: await commit(), acknowledged, stored: await count() });
await database[Symbol.asyncDispose]();
