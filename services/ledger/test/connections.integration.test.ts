import { isOutage } from '@subnetes/proto/rpc-error';
import { startNats, type TestNats } from '@subnetes/testkit/nats';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { waitFor } from '@subnetes/testkit/processes';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLedger } from './ledger-process.ts';
import { genesis } from './market.ts';
import { balanceOf, fund, FUNDS, send, SHOP, startLoad } from './retrying-client.ts';

/** A server that has no connection left for the ledger. */
let postgres: TestPostgres;
let nats: TestNats;
beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres({ settings: ['max_connections=16'] }), startNats()]);
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await nats[Symbol.asyncDispose]();
});

/** Sessions of others, until the server refuses one more. */
class Crowd implements AsyncDisposable {
  readonly #url: string;
  readonly #sessions: pg.Client[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  async fill(): Promise<void> {
    for (;;) {
      const session = new pg.Client(this.#url);
      session.on('error', () => {}); // the server ends while they are there
      try {
        await session.connect();
      } catch (error) {
        if (error instanceof pg.DatabaseError && error.code === '53300') return;
        throw error;
      }
      this.#sessions.push(session);
    }
  }

  /** Ends the ledger's sessions; answers how many there were. */
  async pushOut(): Promise<number> {
    const ended = await this.#sessions[0]?.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'subnetes-ledger%'",
    );
    return ended?.rowCount ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#sessions.splice(0).map((session) => session.end()));
  }
}

test('with all connections taken nothing is acknowledged, the ledger says so and stays; with room it goes on', async () => {
  const databaseUrl = await postgres.createDatabase();
  await using ledger = await startLedger({ databaseUrl, natsUrl: nats.url, genesis });
  await fund(ledger);
  const load = startLoad(() => [ledger], 4);
  await waitFor('payments', () => load.acknowledged.length > 50);
  const readiness = async (): Promise<number> => (await fetch(`${ledger.healthUrl}/readyz`)).status;
  {
    await using crowd = new Crowd(databaseUrl);
    // The ledger dials again and again as well, so it may be quicker than the crowd a few times.
    await waitFor('the ledger to be without a session', async () => {
      await crowd.fill();
      return (await crowd.pushOut()) === 0;
    });
    await waitFor('the ledger to say that it is not ready', async () => (await readiness()) === 503);
    const outcome = await send(ledger, ['crowded/0']).then(
      () => 'acknowledged',
      (error: unknown) => (isOutage(error) ? 'no answer' : String(error)),
    );
    expect(outcome).toBe('no answer');
    await expect(ledger.client.getNetwork({})).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
  }
  await waitFor('the ledger to be ready again', async () => (await readiness()) === 200);
  const before = load.acknowledged.length;
  await waitFor('payments go on', () => load.acknowledged.length > before + 50);
  await load.stop();
  const [late] = (await send(ledger, ['crowded/0'])).results;
  expect(late).toMatchObject({ ok: true });
  const booked = BigInt(load.acknowledged.length + 1);
  expect([await balanceOf(ledger, 'network'), await balanceOf(ledger, SHOP)]).toEqual([booked, FUNDS - booked]);
  const audit = await ledger.client.audit({ verifyChain: true });
  expect(audit).toMatchObject({ differenceRao: '0', chainVerified: true, findings: [] });
});
