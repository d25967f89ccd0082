import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { WeightsState, type WeightsResult } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { isOutage } from '@subnetes/proto/rpc-error';
import { openDatabase } from '@subnetes/runtime/postgres';
import { startBeacon } from '@subnetes/testkit/beacon';
import { startNats, type TestNats } from '@subnetes/testkit/nats';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { waitFor } from '@subnetes/testkit/processes';
import { roundAt } from '@subnetes/timelock/beacon';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dueMessage } from './ledger-messages.ts';
import { openTestLedger, prepareDatabase, type ScoringProcess, startScoring } from './live-market.ts';
import { NETUID, neuron, NEURONS, registrationOf, VALIDATORS, weights } from './market.ts';
import { type Row, signatory } from './signing.ts';
import { around, type Boundary, committed, startSqlProxy } from './sql-proxy.ts';
import { lockedPayload, withinOf } from './timelocked.ts';

/** The service is killed where it hurts: at each write of a commit and of a reveal, and in the middle of a stream of calls. */

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
const neurons = NEURONS.map((each) => {
  const own = signatories[each.uid - 3];
  return neuron(each.uid, own === undefined ? {} : { hotkey: own.pair.address });
});
const [validator] = signatories;

const COMMITTED = committed('INSERT INTO envelope_sequences');
const COMMIT_WRITES = [...around('INSERT INTO commits', 'INSERT INTO envelope_sequences'), ...COMMITTED];
const REVEAL_WRITES = [
  ...around('INSERT INTO weight_rows', 'UPDATE commits', 'INSERT INTO rows_in_force', 'INSERT INTO envelope_sequences'),
  ...COMMITTED,
];

/** Nobody heard of it; it is there if the transaction was committed, and only then. */
const expected = ({ statement, when }: Boundary) => ({
  lost: 'lost',
  again: { ok: true, repeatedCall: statement === 'COMMIT' && when === 'after' },
});

test('killed at any write of a commit or a reveal, nothing is lost that was acknowledged and nothing is there twice', async () => {
  const databaseUrl = await postgres.createDatabase();
  await prepareDatabase(databaseUrl);
  await using proxy = await startSqlProxy(databaseUrl);
  await using ledger = await openTestLedger(nats.url);
  const start = (): Promise<ScoringProcess> => startScoring({ databaseUrl: proxy.url, natsUrl: nats.url });
  let scoring = await start();

  /** Sends until it is killed at the boundary, starts it again, and sends the very same once more. */
  const killedAt = async (boundary: Boundary, send: (on: ScoringProcess) => Promise<WeightsResult>) => {
    const dying = scoring;
    proxy.arm(boundary, () => process.kill(dying.server.pid, 'SIGKILL'));
    const lost = await send(dying).then(
      () => 'acknowledged',
      (error: unknown) => (isOutage(error) ? 'lost' : 'refused'),
    );
    expect(await dying.server.exited).toBe('SIGKILL');
    await dying[Symbol.asyncDispose]();
    scoring = await start();
    return { lost, again: await send(scoring) };
  };
  const sendCommit = (commit: SignedEnvelope) => async (on: ScoringProcess) =>
    (await on.client.commitWeights({ commits: [commit] })).results[0]!;
  const sendReveal = (reveal: SignedEnvelope) => async (on: ScoringProcess) =>
    (await on.client.revealWeights({ reveals: [reveal] })).results[0]!;

  await ledger.due(NETUID, dueMessage(1, neurons));
  await ledger.untilScored(NETUID, 1);
  for (const [at, boundary] of REVEAL_WRITES.entries()) {
    const interval = 2 * (at + 1);
    const target = { netuid: NETUID, interval };
    const row: Row = { uids: [0, 1, 2], values: [1 + at, 2, 3], salt: [at] };
    const commit = validator!.commit(target, row);
    // There are fewer boundaries of a commit than of a reveal: they come round again.
    const onCommit = COMMIT_WRITES[at % COMMIT_WRITES.length]!;
    expect([onCommit, await killedAt(onCommit, sendCommit(commit))]).toMatchObject([onCommit, expected(onCommit)]);
    await ledger.due(NETUID, dueMessage(interval, neurons));
    await ledger.untilScored(NETUID, interval);
    const outcome = await killedAt(boundary, sendReveal(validator!.reveal(target, row)));
    expect([boundary, outcome]).toMatchObject([boundary, expected(boundary)]);
    await ledger.due(NETUID, dueMessage(interval + 1, neurons));
    await ledger.untilScored(NETUID, interval + 1);
    const { neurons: told } = await scoring.client.getMetagraph({ netuid: NETUID });
    expect(told.find(({ uid }) => uid === 3)).toMatchObject({ weightsState: WeightsState.REVEALED });
  }
  await scoring[Symbol.asyncDispose]();

  await using database = await openDatabase({ url: databaseUrl });
  const counts = await database.query(
    `SELECT (SELECT count(*) FROM commits)::text AS commits, (SELECT count(*) FROM commits WHERE revealed)::text AS revealed,
       (SELECT count(*) FROM weight_rows)::text AS rows, (SELECT count(*) FROM rows_in_force)::text AS in_force`,
  );
  expect(counts[0]).toEqual({ commits: '10', revealed: '10', rows: '10', in_force: '1' });
});

const OPENING_WRITES = [
  ...around('INSERT INTO beacon_rounds', 'INSERT INTO weight_rows', 'UPDATE commits', 'INSERT INTO rows_in_force'),
  ...committed('INSERT INTO beacon_rounds'),
  ...committed('INSERT INTO weight_rows'),
];

test('killed at any write of an opening, time-locked weights open after all, once', async () => {
  const databaseUrl = await postgres.createDatabase();
  await prepareDatabase(databaseUrl);
  await using proxy = await startSqlProxy(databaseUrl);
  await using bus = await startNats();
  await using ledger = await openTestLedger(bus.url);
  await using own = await startBeacon();
  const { chainHash, publicKey, genesisTimeS: genesisTime, periodS: periodSeconds } = own.beacon;
  const policy = { commitReveal: 'Timelock', timelockBeacon: { chainHash, publicKey, genesisTime, periodSeconds } };
  const due = async (index: number): Promise<void> => {
    await ledger.due(NETUID, dueMessage(index, neurons, policy));
    await ledger.untilScored(NETUID, index);
  };
  const start = () => startScoring({ databaseUrl: proxy.url, natsUrl: bus.url, env: { BEACON_URLS: own.url } });
  let scoring = await start();
  await due(1);
  for (const [at, boundary] of OPENING_WRITES.entries()) {
    const interval = 2 * (at + 1);
    const row = weights(3, interval, { versionKey: 0n });
    const within = withinOf({ uid: 3, hotkey: validator!.pair.address }, row);
    own.setFault('down'); // until the proxy is ready for it
    const round = roundAt(own.beacon, Date.now()) + 4;
    const commit = validator!.sign(EnvelopeType.COMMIT, lockedPayload(row, { beacon: own.beacon, round, within }));
    expect((await scoring.client.commitWeights({ commits: [commit] })).results[0]).toMatchObject({ ok: true });
    await due(interval);
    const dying = scoring;
    proxy.arm(boundary, () => process.kill(dying.server.pid, 'SIGKILL'));
    own.setFault(undefined);
    expect(await dying.server.exited).toBe('SIGKILL');
    await dying[Symbol.asyncDispose]();
    scoring = await start();
    await due(interval + 1);
    const { neurons: told } = await scoring.client.getMetagraph({ netuid: NETUID });
    expect([boundary, told.find(({ uid }) => uid === 3)?.weightsState]).toEqual([boundary, WeightsState.REVEALED]);
  }
  await scoring[Symbol.asyncDispose]();
  await using database = await openDatabase({ url: databaseUrl });
  const [counts] = await database.query('SELECT count(*)::text AS rows FROM weight_rows');
  expect(counts).toEqual({ rows: String(OPENING_WRITES.length) });
});

test('killed in a stream of calls it forgets none that it acknowledged', async () => {
  const databaseUrl = await postgres.createDatabase();
  await prepareDatabase(databaseUrl);
  await using bus = await startNats();
  await using ledger = await openTestLedger(bus.url);
  const options = { databaseUrl, natsUrl: bus.url };
  const row = { uids: [0, 1, 2], values: [3, 2, 1] };
  const newest = new Map<number, SignedEnvelope>();
  for (let round = 0; round < 4; round += 1) {
    await using scoring = await startScoring(options);
    if (round === 0) {
      await ledger.due(NETUID, dueMessage(1, neurons, { commitReveal: 'Off', weightsRateLimitBlocks: 0 }));
      await ledger.untilScored(NETUID, 1);
    }
    // What was acknowledged before the kill is known, or a later one of the same validator is.
    for (const [at, envelope] of newest) {
      const { results } = await scoring.client.setWeights({ sets: [envelope] });
      const isKnown = results[0]!.repeatedCall || results[0]!.reason === 'ENVELOPE_REPLAYED';
      expect([round, at, isKnown, results[0]!.reason]).toEqual([round, at, true, results[0]!.reason]);
    }
    let acknowledged = 0;
    const drive = async (at: number): Promise<void> => {
      for (;;) {
        const envelope = signatories[at]!.set({ netuid: NETUID }, row);
        try {
          const { results } = await scoring.client.setWeights({ sets: [envelope] });
          expect(results[0]).toMatchObject({ ok: true, repeatedCall: false });
        } catch (error) {
          if (!isOutage(error)) throw error;
          return;
        }
        newest.set(at, envelope);
        acknowledged += 1;
      }
    };
    const driven = signatories.map((_, at) => drive(at));
    await waitFor('calls to be acknowledged', () => acknowledged > 20 * (round + 1));
    await scoring.server.stop('SIGKILL');
    await Promise.all(driven);
  }
});
