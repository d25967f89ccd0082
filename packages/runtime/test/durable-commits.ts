import { openDatabase } from '../src/postgres.ts';

/** Commits 50 times into the PGlite folder of its argument and prints how many, then waits to be killed; with `once` behind the folder it ends. */
const database = await openDatabase({ url: `pglite:${process.argv[2] ?? ''}` });
await database.query('CREATE TABLE commits (n int4)');
for (let n = 0; n < 50; n += 1) await database.query('INSERT INTO commits VALUES ($1)', [n]);
process.stdout.write('committed 50\n');
if (process.argv[3] === 'once') process.exit(0);
setInterval(() => {}, 1000);
