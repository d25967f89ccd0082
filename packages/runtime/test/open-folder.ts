import { fromUnknown } from '../src/errors.ts';
import { openDatabase } from '../src/postgres.ts';

/** Opens the PGlite folder of its argument, counts how often that was done and closes it, or tells what refused it. */
const tell = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
try {
  await using database = await openDatabase({ url: `pglite:${process.argv[2] ?? ''}` });
  await database.script('CREATE TABLE IF NOT EXISTS openings (at timestamptz)');
  await database.query('INSERT INTO openings VALUES (now())');
  tell({ opened: (await database.query('SELECT count(*)::text AS n FROM openings'))[0]?.['n'] });
} catch (error) {
  tell({ refused: `${fromUnknown(error).name}: ${fromUnknown(error).message}` });
}
