import { beforeEach, expect, test } from 'vitest';
import { durableServers } from './durable-servers.ts';
import { eventually, type LedgerProcess, startLedger } from './ledger-process.ts';
import { genesis } from './market.ts';
import { balanceOf, expectBooks, fund, FUNDS, SHOP, startLoad, untilMore } from './retrying-client.ts';
import { startSilentWire } from './silent-wire.ts';

/** Several ledgers on one PostgreSQL, the writer of which dies, freezes or is cut off while clients pay without a pause. */
const servers = durableServers();
let databaseUrl: string;

beforeEach(async () => {
  databaseUrl = await servers.postgres.createDatabase();
});

const start = (url = databaseUrl): Promise<LedgerProcess> =>
  startLedger({ databaseUrl: url, natsUrl: servers.nats.url, genesis });

const untilWrites = (ledger: LedgerProcess): Promise<true> =>
  eventually(async () => ((await ledger.writes()) ? true : undefined), 'the ledger that stood by writes');

const readiness = async ({ healthUrl }: LedgerProcess): Promise<number> => (await fetch(`${healthUrl}/readyz`)).status;

test('one writes; the other is ready, and whoever calls it reaches the one that writes', async () => {
  await using first = await start();
  await using second = await start();
  expect(await Promise.all([first.writes(), second.writes()])).toEqual([true, false]);
  expect(await Promise.all([readiness(first), readiness(second)])).toEqual([200, 200]);
  await fund(second);
  expect(await balanceOf(first, SHOP)).toBe(FUNDS);
  const watched = second.client.watchSubnet({ netuid: 1 })[Symbol.asyncIterator]();
  expect((await watched.next()).value).toMatchObject({ snapshot: true });
  await watched.return?.();
});

test('killed under load: another one takes over, nothing is lost and nothing is booked twice', async () => {
  const ledgers = [await start(), await start(), await start()];
  await fund(ledgers[0]!);
  const load = startLoad(() => ledgers, 4);
  for (let round = 0; round < 2; round += 1) {
    await untilMore(load, 50);
    const victim = ledgers.shift()!;
    await victim.kill('SIGKILL');
    await victim[Symbol.asyncDispose]();
    const writer = await eventually(async () => {
      const writes = await Promise.all(ledgers.map((ledger) => ledger.writes()));
      return writes.includes(true) ? ledgers[writes.indexOf(true)] : undefined;
    }, 'another ledger writes');
    await untilMore(load, 50);
    expect((await Promise.all(ledgers.map((ledger) => ledger.writes()))).filter(Boolean)).toHaveLength(1);
    ledgers.splice(ledgers.indexOf(writer), 1);
    ledgers.unshift(writer);
  }
  await load.stop();
  await expectBooks(ledgers[0]!, load);
  await ledgers[0]![Symbol.asyncDispose]();
});

test('a writer that was stopped and comes back finds that it was replaced, writes nothing and ends itself', async () => {
  await using frozen = await start();
  await using other = await start();
  await fund(frozen);
  const load = startLoad(() => [frozen, other], 4);
  await untilMore(load, 50);
  frozen.child.kill('SIGSTOP');
  await untilWrites(other);
  await untilMore(load, 50);
  frozen.child.kill('SIGCONT');
  expect(await frozen.ended).toEqual({
    code: 70,
    why: expect.stringMatching(/another ledger took over|which this process did not write/),
  });
  await load.stop();
  await expectBooks(other, load);
});

test('a writer that is cut off from the database is replaced, and ends itself when the wire is whole again', async () => {
  await using wire = await startSilentWire(Number(new URL(databaseUrl).port));
  const url = new URL(databaseUrl);
  url.port = String(wire.port);
  await using cut = await start(url.href);
  await using other = await start();
  await fund(cut);
  const load = startLoad(() => [cut, other], 4);
  await untilMore(load, 50);
  wire.silence();
  await untilWrites(other);
  await untilMore(load, 50);
  wire.heal();
  expect(await cut.ended).toMatchObject({ code: 70 });
  await load.stop();
  await expectBooks(other, load);
});

test('SIGTERM hands over at once, and a ledger of another network is refused before it stands by', async () => {
  const first = await start();
  await using second = await start();
  await fund(first);
  const stranger = startLedger({ databaseUrl, natsUrl: servers.nats.url, genesis: { ...genesis, blockReward: '2' } });
  await expect(stranger).rejects.toThrow(/ended with 64[\s\S]*began as network/);
  await first.kill('SIGTERM');
  expect(first.child.exitCode).toBe(0);
  await first[Symbol.asyncDispose]();
  await untilWrites(second);
  expect(await balanceOf(second, SHOP)).toBe(FUNDS);
});

test('without a database none is ready; when it is back one writes', async () => {
  await using first = await start();
  await using second = await start();
  await servers.postgres.stop('SIGQUIT');
  for (const ledger of [first, second]) {
    await eventually(
      async () => ((await readiness(ledger)) === 503 ? true : undefined),
      'it says that it is not ready',
    );
  }
  await servers.postgres.start();
  // The one that wrote may be too late and end itself: then it is the other one.
  await eventually(async () => {
    const alive = [first, second].filter(({ child }) => child.exitCode === null);
    const states = await Promise.all(alive.map(async (ledger) => (await readiness(ledger)) === 200)).catch(() => [
      false,
    ]);
    return states.every(Boolean) ? true : undefined;
  }, 'all that live are ready again');
  const writing = await eventually(async () => {
    const alive = [first, second].filter(({ child }) => child.exitCode === null);
    const writers = await Promise.all(alive.map((ledger) => ledger.writes().catch(() => false)));
    return writers.includes(true) ? writers.filter(Boolean).length : undefined;
  }, 'one writes');
  expect(writing).toBe(1);
});
