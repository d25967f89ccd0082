import { create, toBinary } from '@bufbuild/protobuf';
import { networkIdOf } from '@subnetes/keys/canonical-hash';
import { signEnvelope } from '@subnetes/keys/envelope';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { WalletOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { isOutage } from '@subnetes/proto/rpc-error';
import { startNats, type TestNats } from '@subnetes/testkit/nats';
import { type PostgresPair, startPostgresPair } from '@subnetes/testkit/postgres-pair';
import type { TestPostgres } from '@subnetes/testkit/postgres';
import { waitFor } from '@subnetes/testkit/processes';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type LedgerProcess, startLedger } from './ledger-process.ts';
import { desk, genesis } from './market.ts';
import { balanceOf, expectBooks, fund, FUNDS, send, SHOP, startLoad, untilMore } from './retrying-client.ts';
import { type SilentWire, startSilentWire } from './silent-wire.ts';

/** PostgreSQL itself dies while clients pay without a pause: a primary, and a stand-by that has each commit before it counts. */
let nats: TestNats;
beforeAll(async () => {
  nats = await startNats();
});
afterAll(async () => {
  await nats[Symbol.asyncDispose]();
});

const DATABASE = 'ledger';
const portOf = (server: TestPostgres): number => server.local().port;

/** A ledger that reaches its database by a name, which a fail-over lets lead elsewhere. */
async function startOver(wire: SilentWire, began: object = genesis): Promise<LedgerProcess> {
  const databaseUrl = `postgres://test@127.0.0.1:${wire.port}/${DATABASE}`;
  return startLedger({ databaseUrl, natsUrl: nats.url, genesis: began });
}

async function startPair(): Promise<PostgresPair> {
  const pair = await startPostgresPair();
  await pair.primary.createDatabase(DATABASE);
  return pair;
}

async function rowOf(server: TestPostgres, text: string): Promise<Record<string, unknown> | undefined> {
  const client = new pg.Client(server.url(DATABASE));
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows[0];
  } finally {
    await client.end();
  }
}

/** A ledger's writer stands in a commit there that no other server has. */
const untilCommitWaits = (server: TestPostgres): Promise<Record<string, unknown>> =>
  waitFor('a commit that waits for the stand-by', () =>
    rowOf(
      server,
      "SELECT 1 AS found FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = 'subnetes-ledger-writer'",
    ),
  );

/** As after a machine's failure: its last processes may need a moment to see that their server is gone. */
const comeBack = (server: TestPostgres): Promise<true> =>
  waitFor('the server to start again', () =>
    server.start().then(
      () => true as const,
      () => undefined,
    ),
  );

const outcomeOf = (ledger: LedgerProcess, ids: readonly string[]): Promise<string> =>
  send(ledger, ids).then(
    ({ results }) => (results.every(({ ok }) => ok) ? 'acknowledged' : 'refused'),
    (error: unknown) => (isOutage(error) ? 'no answer' : String(error)),
  );

test('a primary that crashes and comes back: the ledger goes on, with all that it acknowledged', async () => {
  await using pair = await startPair();
  await using wire = await startSilentWire(portOf(pair.primary));
  await using ledger = await startOver(wire);
  await fund(ledger);
  const load = startLoad(() => [ledger], 4);
  await untilMore(load, 50);
  await pair.primary.stop('SIGQUIT'); // what `pg_ctl stop -m immediate` sends
  await pair.primary.start();
  await untilMore(load, 50);
  await load.stop();
  await expectBooks(ledger, load);
  const misled = startLedger({ databaseUrl: pair.standby.url(DATABASE), natsUrl: nats.url, genesis });
  await expect(misled).rejects.toThrow(/OutageError[\s\S]*read-only transaction/);
});

test('a primary that dies for good under load: its stand-by is promoted and has all that was acknowledged, once', async () => {
  await using pair = await startPair();
  await using wire = await startSilentWire(portOf(pair.primary));
  await using first = await startOver(wire);
  await using second = await startOver(wire);
  await fund(first);
  const load = startLoad(() => [first, second].filter(({ child }) => child.exitCode === null), 4);
  await untilMore(load, 50);
  await pair.primary.stop('SIGKILL');
  // The name may lead to it before it writes.
  wire.leadTo(portOf(pair.standby));
  await pair.standby.promote();
  await untilMore(load, 50);
  await load.stop();
  // Whichever got the lock of the new server first. One that wrote before and was too late ends itself.
  const writer = await eventually(async () => {
    const alive = [first, second].filter(({ child }) => child.exitCode === null);
    const writes = await Promise.all(alive.map((ledger) => ledger.writes().catch(() => false)));
    return writes.filter(Boolean).length === 1 ? alive[writes.indexOf(true)] : undefined;
  }, 'one of the two writes');
  expect(await rowOf(pair.standby, 'SELECT pg_is_in_recovery() AS follows')).toEqual({ follows: false });
  await expectBooks(writer, load);
});

test('an old primary that comes back, and a writer that still believes in it, acknowledge nothing', async () => {
  await using pair = await startPair();
  await using oldWay = await startSilentWire(portOf(pair.primary));
  await using newWay = await startSilentWire(portOf(pair.primary));
  await using old = await startOver(oldWay);
  await using other = await startOver(newWay);
  await fund(old);
  const load = startLoad(() => [old, other], 4);
  await untilMore(load, 50);
  await pair.primary.stop('SIGKILL');
  await pair.standby.promote();
  newWay.leadTo(portOf(pair.standby));
  await waitFor('the other ledger to write', () => other.writes());
  await comeBack(pair.primary);
  await untilCommitWaits(pair.primary);
  const before = await rowOf(pair.primary, 'SELECT epoch::text AS epoch FROM writer');
  expect(await outcomeOf(old, ['old/0', 'old/1'])).toBe('no answer');
  await untilMore(load, 50);
  // Two servers, each of which took commits of its own; only the promoted one has a second writer's epoch.
  const now = await rowOf(pair.standby, 'SELECT epoch::text AS epoch FROM writer');
  expect([before, now]).toEqual([{ epoch: '1' }, { epoch: '2' }]);
  oldWay.leadTo(portOf(pair.standby));
  expect(await old.ended).toEqual({
    code: 70,
    why: expect.stringMatching(/another ledger took over|which this process did not write/),
  });
  await load.stop();
  await expectBooks(other, load);
});

test('what a lone primary stored is not acknowledged, not after its restart either: it may be the only one to know', async () => {
  await using pair = await startPair();
  await using wire = await startSilentWire(portOf(pair.primary));
  // No block comes between: the one commit that waits is the payment's.
  const slow = { ...genesis, blockTimeMs: 600_000 };
  await using ledger = await startOver(wire, slow);
  const order = { case: 'transfer', value: { to: SHOP, amountRao: String(FUNDS) } } as const;
  const payload = toBinary(WalletOrderSchema, create(WalletOrderSchema, { order }));
  const signed = { networkId: networkIdOf(slow), sequence: 1n, expiresAtBlock: 100n, payload };
  await ledger.client.submitOrder({ order: signEnvelope({ ...signed, type: EnvelopeType.WALLET_ORDER }, desk) });
  await waitFor('the tree to be where it stays for a block', async () => {
    const tree = await rowOf(pair.primary, 'SELECT size > 0 AS begun FROM tree');
    return tree?.['begun'] === true;
  });
  await pair.standby.stop();
  const ids = ['lone/0', 'lone/1'];
  expect(await outcomeOf(ledger, ids)).toBe('no answer');
  await untilCommitWaits(pair.primary);
  await pair.primary.stop('SIGQUIT');
  await comeBack(pair.primary);
  await untilCommitWaits(pair.primary);
  const stored = "SELECT count(*)::text AS n FROM claims WHERE key LIKE '%lone/%'";
  expect(await rowOf(pair.primary, stored)).toEqual({ n: '2' });
  expect(await outcomeOf(ledger, ids)).toBe('no answer');

  await pair.primary.stop('SIGKILL');
  await pair.standby.start();
  await pair.standby.promote();
  expect(await rowOf(pair.standby, stored)).toEqual({ n: '0' });
  wire.leadTo(portOf(pair.standby));
  await eventually(
    async () => ((await outcomeOf(ledger, ids)) === 'acknowledged' ? true : undefined),
    'the payment is done',
  );
  expect(await balanceOf(ledger, SHOP)).toBe(FUNDS - 2n);
  const audit = await ledger.client.audit({ verifyChain: true });
  expect(audit).toMatchObject({ differenceRao: '0', chainVerified: true, findings: [] });
});
