import type { WeightsResult } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { isOutage } from '@subnetes/proto/rpc-error';
import { openDatabase } from '@subnetes/runtime/postgres';
import { startNats, type TestNats } from '@subnetes/testkit/nats';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { waitFor } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dueMessage } from './ledger-messages.ts';
import { openTestLedger, prepareDatabase, type ScoringProcess, startScoring } from './live-market.ts';
import { NETUID, neuron, NEURONS, registrationOf, VALIDATORS } from './market.ts';
import { type Row, signatory } from './signing.ts';
import { around, type Boundary, committed, startSqlProxy } from './sql-proxy.ts';

/** The service is killed at each write of a call with several items, of weights in the open, and of an epoch. */

let postgres: TestPostgres;
let nats: TestNats;
beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres({ fsync: true }), startNats()]);
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await nats[Symbol.asyncDispose]();
});

const signatories = VALIDATORS.map((uid) => signatory(new Uint8Array(32).fill(uid), registrationOf(uid)));
const [revealing, committing, silent] = signatories;
const neurons = NEURONS.map((each) => {
  const own = signatories[each.uid - 3];
  return neuron(each.uid, own === undefined ? {} : { hotkey: own.pair.address });
});
const rowOf = (at: number): Row => ({ uids: [0, 1, 2], values: [1 + at, 2, 3], salt: [at] });

/** A market on a bus of its own, whose scoring is killed and started again. */
async function openMarket(teardown: AsyncDisposableStack) {
  const databaseUrl = await postgres.createDatabase();
  await prepareDatabase(databaseUrl);
  const proxy = teardown.use(await startSqlProxy(databaseUrl));
  const bus = teardown.use(await startNats());
  const ledger = teardown.use(await openTestLedger(bus.url));
  const database = teardown.use(await openDatabase({ url: databaseUrl }));
  const start = (): Promise<ScoringProcess> => startScoring({ databaseUrl: proxy.url, natsUrl: bus.url });
  let scoring = await start();
  teardown.defer(() => scoring[Symbol.asyncDispose]());
  return {
    ledger,
    database,
    scoring: () => scoring,
    /** Does what leads to the boundary, lets scoring be killed there, and starts it again. */
    killedAt: async <Value>(boundary: Boundary, act: (on: ScoringProcess) => Promise<Value>): Promise<Value> => {
      const dying = scoring;
      proxy.arm(boundary, () => process.kill(dying.server.pid, 'SIGKILL'));
      const done = act(dying);
      expect(await dying.server.exited).toBe('SIGKILL');
      await dying[Symbol.asyncDispose]();
      scoring = await start();
      return done;
    },
  };
}

const outcomeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'acknowledged',
    (error: unknown) => (isOutage(error) ? 'lost' : 'refused'),
  );
const isThere = ({ statement, when }: Boundary): boolean => statement === 'COMMIT' && when === 'after';
const all = (results: readonly WeightsResult[], repeatedCall: boolean): void =>
  expect(results.map((each) => [each.ok, each.repeatedCall])).toEqual(results.map(() => [true, repeatedCall]));

const SET_WRITES = [
  ...around('INSERT INTO weight_rows', 'INSERT INTO rows_in_force', 'INSERT INTO envelope_sequences'),
  ...committed('INSERT INTO envelope_sequences'),
];

test('killed at any write of a call in the open, all of its items are there or none is', async () => {
  await using teardown = new AsyncDisposableStack();
  const market = await openMarket(teardown);
  const due = async (index: number): Promise<void> => {
    await market.ledger.due(NETUID, dueMessage(index, neurons, { commitReveal: 'Off', weightsRateLimitBlocks: 0 }));
    await market.ledger.untilScored(NETUID, index);
  };
  await due(1);
  for (const [at, boundary] of SET_WRITES.entries()) {
    const sets = signatories.map((each) => each.set({ netuid: NETUID }, rowOf(at)));
    const lost = await market.killedAt(boundary, (on) => outcomeOf(on.client.setWeights({ sets })));
    expect([boundary, lost]).toEqual([boundary, 'lost']);
    all((await market.scoring().client.setWeights({ sets })).results, isThere(boundary));
    await due(at + 2);
    const rows = await market.database.query<{ weights: string }>(
      `SELECT DISTINCT r.weights FROM rows_in_force f
       JOIN weight_rows r USING (netuid, registration_id, mechanism_id, interval_index, source)`,
    );
    expect(rows).toEqual([
      { weights: JSON.stringify(rowOf(at).uids.map((uid, place) => [uid, rowOf(at).values[place]])) },
    ]);
  }
});

const BATCH_WRITES = [
  ...around('INSERT INTO commits', 'INSERT INTO envelope_sequences'),
  ...committed('INSERT INTO envelope_sequences'),
];

test('killed at any write of a call of commits, all of its items are there or none is', async () => {
  await using teardown = new AsyncDisposableStack();
  const market = await openMarket(teardown);
  await market.ledger.due(NETUID, dueMessage(1, neurons));
  await market.ledger.untilScored(NETUID, 1);
  for (const [at, boundary] of BATCH_WRITES.entries()) {
    const target = { netuid: NETUID, interval: at + 2 };
    const commits = signatories.map((each) => each.commit(target, rowOf(at)));
    const lost = await market.killedAt(boundary, (on) => outcomeOf(on.client.commitWeights({ commits })));
    expect([boundary, lost]).toEqual([boundary, 'lost']);
    all((await market.scoring().client.commitWeights({ commits })).results, isThere(boundary));
    await market.ledger.due(NETUID, dueMessage(at + 2, neurons));
    await market.ledger.untilScored(NETUID, at + 2);
    const reveals = signatories.map((each) => each.reveal(target, rowOf(at)));
    all((await market.scoring().client.revealWeights({ reveals })).results, false);
  }
});

const EPOCH_WRITES = [
  ...around(
    'INSERT INTO subnets',
    'INSERT INTO registrations',
    'SET emptied = true',
    'INSERT INTO epochs',
    'INSERT INTO permits',
    'UPDATE subnets SET interval_index',
    'UPDATE ledger_position',
  ),
  ...committed('INSERT INTO epochs'),
  ...around('UPDATE epochs SET published', 'UPDATE epochs SET metagraph', 'UPDATE epochs SET shown'),
];

test('killed at any write of an epoch, it is scored once, with every commit and reveal that was acknowledged', async () => {
  await using teardown = new AsyncDisposableStack();
  const market = await openMarket(teardown);
  const due = (index: number): Promise<void> =>
    market.ledger.due(NETUID, dueMessage(index, neurons, { missedReveal: 'Zero' }));
  const commit = async (by: typeof revealing, interval: number): Promise<void> => {
    const commits = [by!.commit({ netuid: NETUID, interval }, rowOf(interval))];
    all((await market.scoring().client.commitWeights({ commits })).results, false);
  };
  const reveal = async (by: typeof revealing, interval: number): Promise<void> => {
    const reveals = [by!.reveal({ netuid: NETUID, interval }, rowOf(interval))];
    all((await market.scoring().client.revealWeights({ reveals })).results, false);
  };
  const scored = async (index: number): Promise<void> => void (await market.ledger.untilScored(NETUID, index));
  await due(1);
  await scored(1);
  let interval = 2;
  for (const boundary of EPOCH_WRITES) {
    // In the first of two intervals two commit; in the second one of them reveals, and another one commits.
    await commit(revealing, interval);
    await commit(silent, interval);
    await due(interval);
    await scored(interval);
    await reveal(revealing, interval);
    await commit(committing, interval + 1);
    const index = interval + 1;
    await market.killedAt(boundary, () => due(index));
    await scored(index);
    await due(index + 1);
    await scored(index + 1);
    const { inputsJson } = await market
      .scoring()
      .client.getEpoch({ netuid: NETUID, index: BigInt(index), withoutMetagraph: true });
    const { reports } = JSON.parse(inputsJson) as {
      readonly reports: readonly { validatorUid: number; interval: number }[];
    };
    expect([boundary, reports.find(({ validatorUid }) => validatorUid === 3)]).toMatchObject([boundary, { interval }]);
    const standing = await market.database.query(
      'SELECT interval_index::text AS at, revealed FROM commits WHERE interval_index >= $1 ORDER BY registration_id, interval_index',
      [interval],
    );
    expect([boundary, standing]).toEqual([
      boundary,
      [
        { at: String(interval), revealed: true },
        { at: String(interval + 1), revealed: false },
        { at: String(interval), revealed: false },
      ],
    ]);
    interval += 3;
  }
  const epochs = await market.database.query<{ index: string; sequence: string }>(
    'SELECT epoch_index::text AS index, sequence::text FROM epochs ORDER BY epochs.sequence',
  );
  expect(epochs.map(({ index, sequence }) => index === sequence)).toEqual(epochs.map(() => true));
  expect(epochs).toHaveLength(interval - 1);
  await waitFor('the outbox to be empty', async () => {
    const waiting = await market.database.query('SELECT 1 FROM epochs WHERE NOT published');
    return waiting.length === 0;
  });
  const hashes = new Map<bigint, Set<string>>();
  for (const { index, outputsSha256 } of market.ledger.scored) {
    hashes.set(index, (hashes.get(index) ?? new Set()).add(Buffer.from(outputsSha256).toString('hex')));
  }
  for (const [index, told] of hashes) expect([index, told.size]).toEqual([index, 1]);
});
