import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openDatabase } from '@subnetes/runtime/postgres';
import { temporaryFolder, waitFor } from '@subnetes/testkit/processes';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { durableServers } from './durable-servers.ts';
import { type LedgerProcess, startLedger } from './ledger-process.ts';
import { genesis } from './market.ts';
import { expectBooks, fund, type RetryingLoad, startLoad, untilMore } from './retrying-client.ts';

/** The disk of the ledger's database is full while clients pay without a pause, and has room again later. */
const servers = durableServers();

/** Answers what the ledger's callers wrote down, after the books were compared with it. */
async function outlive(
  ledger: LedgerProcess,
  disk: { readonly fill: () => Promise<unknown>; readonly free: () => Promise<unknown> },
): Promise<RetryingLoad> {
  const readiness = async (): Promise<number> => (await fetch(`${ledger.healthUrl}/readyz`)).status;
  await fund(ledger);
  const load = startLoad(() => [ledger], 4);
  await untilMore(load, 50);
  await disk.fill();
  await waitFor('the ledger to say that it takes nothing', async () => (await readiness()) === 503);
  const acknowledged = load.acknowledged.length;
  await expect(ledger.client.getNetwork({})).rejects.toMatchObject({ reason: 'UNAVAILABLE', retryAfterMs: 1000 });
  expect(load.acknowledged.length).toBe(acknowledged);
  await disk.free();
  await waitFor('the ledger to be ready again', async () => (await readiness()) === 200);
  await untilMore(load, 50);
  await load.stop();
  await expectBooks(ledger, load);
  return load;
}

/** Shows who runs the program a disk of its own, which something else fills and frees again when files beside it say so. */
function onDisk(place: string, said: string): readonly string[] {
  const asUser = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const until = (file: string): string => `while [ ! -e ${said}/${file} ] && kill -0 $$; do sleep 0.05; done`;
  const script = `mount -t tmpfs -o size=400m tmpfs ${place}
    (${until('fill')}; head -c 1000000000 /dev/zero > ${place}/filler; touch ${said}/filled; ${until('free')}; rm ${place}/filler) 2>/dev/null &
    exec "$@"`;
  return ['unshare', '--mount', ...asUser, '--', 'sh', '-c', script, 'sh'];
}

test('on PGlite: nothing is acknowledged while there is no room, nothing is lost, and it goes on by itself', async () => {
  await using folder = await temporaryFolder('full-disk');
  await using disk = await temporaryFolder('disk');
  const said = (file: string): string => path.join(folder.path, file);
  const options = { databaseUrl: `pglite:${path.join(disk.path, 'db')}`, natsUrl: servers.nats.url, genesis };
  await using ledger = await startLedger({ ...options, through: onDisk(disk.path, folder.path) });
  await outlive(ledger, {
    async fill() {
      await writeFile(said('fill'), '');
      await waitFor('the disk to be full', () => existsSync(said('filled')));
    },
    free: () => writeFile(said('free'), ''),
  });
  expect(ledger.child.exitCode).toBeNull();
});

test('on PostgreSQL that says so: likewise, and a ledger that starts then has all of it', async () => {
  const databaseUrl = await servers.postgres.createDatabase();
  await using admin = await openDatabase({ url: databaseUrl });
  await admin.script(`CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$`);
  const options = { databaseUrl, natsUrl: servers.nats.url, genesis };
  await using ledger = await startLedger(options);
  const load = await outlive(ledger, {
    fill: () => admin.script('CREATE TRIGGER no_room BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION no_room()'),
    free: () => admin.script('DROP TRIGGER no_room ON entries'),
  });
  expect(ledger.child.exitCode).toBeNull();
  await ledger.kill('SIGKILL');
  await using next = await startLedger(options);
  await expectBooks(next, load);
});
