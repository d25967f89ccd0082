import { isOutage } from '@subnetes/proto/rpc-error';
import { openDatabase } from '@subnetes/runtime/postgres';
import { startNats, type TestNats } from '@subnetes/testkit/nats';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { waitFor } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlWitnesses } from '#adapters/sql-witnesses.ts';
import { dueMessage } from './ledger-messages.ts';
import { openTestLedger, prepareDatabase, type ScoringProcess, startScoring } from './live-market.ts';
import { NETUID, NEURONS } from './market.ts';
import { type Boundary, startSqlProxy } from './sql-proxy.ts';
import { KNOWN_KEYS, signatureBy } from './witnessing.ts';

/** Scoring is killed at each write of a witness's signature, and another one leads in its place. */

let postgres: TestPostgres;
let nats: TestNats;
beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres({ fsync: true }), startNats()]);
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await nats[Symbol.asyncDispose]();
});

const KEPT = 'INSERT INTO epoch_witnesses';
const TOLD = 'UPDATE epoch_witnesses';
const BOUNDARIES: readonly Boundary[] = [KEPT, TOLD].flatMap((statement) =>
  (['before', 'after'] as const).flatMap((when) => [
    { statement, when },
    { statement: 'COMMIT', when, within: statement },
  ]),
);

test('killed at any write, a signature is kept once, told by the next leader, and the outbox is empty in the end', async () => {
  const databaseUrl = await postgres.createDatabase();
  await prepareDatabase(databaseUrl);
  await using proxy = await startSqlProxy(databaseUrl);
  await using ledger = await openTestLedger(nats.url);
  await using database = await openDatabase({ url: databaseUrl });
  const witnesses = sqlWitnesses(database);
  const env = { WITNESS_KEYS: KNOWN_KEYS.join(',') };
  const start = (): Promise<ScoringProcess> => startScoring({ databaseUrl: proxy.url, natsUrl: nats.url, env });
  let scoring = await start();

  for (const [at, boundary] of BOUNDARIES.entries()) {
    const index = at + 1;
    await ledger.due(NETUID, dueMessage(index, NEURONS));
    await ledger.untilScored(NETUID, index);
    const witness = await signatureBy(witnesses, 0, { index });
    const request = { netuid: NETUID, index: BigInt(index), witness };
    const dying = scoring;
    proxy.arm(boundary, () => process.kill(dying.server.pid, 'SIGKILL'));
    const lost = await dying.client.submitWitness(request).then(
      () => 'acknowledged',
      (error: unknown) => (isOutage(error) ? 'lost' : 'refused'),
    );
    expect(await dying.server.exited).toBe('SIGKILL');
    await dying[Symbol.asyncDispose]();
    const isKept = boundary.statement === TOLD || boundary.within === TOLD;
    expect([boundary, lost]).toEqual([boundary, isKept ? 'acknowledged' : 'lost']);
    scoring = await start();
    // It is there if the transaction was committed, and only then.
    const repeatedCall = isKept || (boundary.statement === 'COMMIT' && boundary.when === 'after');
    expect(await scoring.client.submitWitness(request)).toMatchObject({ repeatedCall, witnesses: 1 });
    const told = await waitFor('the epoch to be told with its witness', () =>
      ledger.scored.find((each) => Number(each.index) === index && each.witnesses.length === 1),
    );
    expect(new Uint8Array(told.witnesses[0]!.signature)).toEqual(witness.signature);
    await waitFor('the outbox to be empty', async () => (await witnesses.unpublishedWitnessed(1)).length === 0);
  }
  await scoring[Symbol.asyncDispose]();
  for (const { index, witnesses: signatures } of ledger.scored) {
    expect([index, signatures.length <= 1]).toEqual([index, true]);
  }
});
