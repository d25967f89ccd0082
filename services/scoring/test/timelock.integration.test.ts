import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { type MetagraphNeuron, WeightsState } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { createLogger } from '@subnetes/telemetry/logger';
import { createMetrics } from '@subnetes/telemetry/metrics';
import { startBeacon, type TestBeacon } from '@subnetes/testkit/beacon';
import { startNats } from '@subnetes/testkit/nats';
import { startPostgres } from '@subnetes/testkit/postgres';
import { freePort, waitFor } from '@subnetes/testkit/processes';
import { roundAt } from '@subnetes/timelock/beacon';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beaconRounds } from '#adapters/beacon-rounds.ts';
import { dueMessage } from './ledger-messages.ts';
import { openTestLedger, prepareDatabase, type ScoringProcess, startScoring, type TestLedger } from './live-market.ts';
import { NETUID, neuron, NEURONS, registrationOf, VALIDATORS, weights } from './market.ts';
import { signatory } from './signing.ts';
import { lockedPayload, withinOf } from './timelocked.ts';

const teardown = new AsyncDisposableStack();
const silent = createLogger({ service: 'scoring', level: 'silent' });
afterAll(() => teardown.disposeAsync());

describe('rounds over HTTP', () => {
  const never = new AbortController().signal;
  let own: TestBeacon;
  beforeAll(async () => {
    own = teardown.use(await startBeacon({ genesisTimeS: 1_700_000_000 }));
  });

  const ask = async (urls: readonly string[], round: number, signal = never) => {
    const metrics = createMetrics({ service: 'scoring', version: 'test', processMetrics: false });
    const signature = await beaconRounds({ urls, metrics, log: silent, timeoutMs: 2000 }).signature(
      own.beacon,
      round,
      signal,
    );
    const counted = (await metrics.text()).matchAll(/beacon_requests_total\{result="([a-z]+)"\} ([0-9]+)/g);
    return { signature, results: Object.fromEntries([...counted].map(([, result, times]) => [result, Number(times)])) };
  };

  test('a round is believed by its signature alone', async () => {
    const { signature, results } = await ask([own.url], 7);
    expect(Buffer.from(signature ?? [])).toEqual(Buffer.from(own.sign(7)));
    expect(results).toEqual({ verified: 1 });
  });

  test('the chain may stand in the address', async () => {
    expect((await ask([`${own.url}/{chain}/`], 8)).signature).toBeDefined();
    expect(own.asked.at(-1)).toBe(`/${own.beacon.chainHash}/public/8`);
  });

  test('a round that is not out is absent', async () => {
    own.releaseUpTo(5);
    expect(await ask([own.url], 6)).toEqual({ signature: undefined, results: { absent: 1 } });
    own.releaseUpTo(undefined);
  });

  test.for([
    ['down', 'unreachable'],
    ['silent', 'unreachable'],
    ['redirect', 'unreachable'],
    ['forged', 'forged'],
    ['other-round', 'malformed'],
    ['garbage', 'malformed'],
    ['endless', 'malformed'],
  ] as const)('a server that is %s is passed over, and the next one is asked', async ([fault, result]) => {
    await using bad = await startBeacon({ secret: new Uint8Array(32).fill(7), genesisTimeS: 1_700_000_000 });
    bad.setFault(fault);
    const { signature, results } = await ask([bad.url, own.url], 9);
    expect(signature).toBeDefined();
    expect(results).toEqual({ [result]: 1, verified: 1 });
  });

  test('another beacon cannot pass for this one, and nobody is asked once time is up', async () => {
    await using other = await startBeacon({ genesisTimeS: 1_700_000_000 });
    expect(await ask([other.url], 9)).toEqual({ signature: undefined, results: { forged: 1 } });
    expect(
      (await ask([`http://127.0.0.1:${await freePort()}`, own.url], 9, AbortSignal.abort())).signature,
    ).toBeUndefined();
  });
});

/** The whole service, with threads, against a beacon that counts seconds. The tests follow each other. */
describe('a market with time-locked weights', () => {
  const signatories = new Map(
    VALIDATORS.map((uid) => [uid, signatory(new Uint8Array(32).fill(uid), registrationOf(uid))]),
  );
  const neurons = NEURONS.map((each) => {
    const own = signatories.get(each.uid as (typeof VALIDATORS)[number]);
    return neuron(each.uid, own === undefined ? {} : { hotkey: own.pair.address });
  });
  let own: TestBeacon;
  let ledger: TestLedger;
  let scoring: ScoringProcess;

  beforeAll(async () => {
    own = teardown.use(await startBeacon());
    const nats = teardown.use(await startNats());
    const postgres = teardown.use(await startPostgres());
    const databaseUrl = await postgres.createDatabase();
    await prepareDatabase(databaseUrl);
    ledger = teardown.use(await openTestLedger(nats.url));
    const env = { BEACON_URLS: own.url, VERIFY_THREADS: '2' };
    scoring = teardown.use(await startScoring({ databaseUrl, natsUrl: nats.url, env }));
  });

  const due = (index: number): Promise<void> => {
    const { chainHash, publicKey, genesisTimeS: genesisTime, periodS: periodSeconds } = own.beacon;
    const timelockBeacon = { chainHash, publicKey, genesisTime, periodSeconds };
    return ledger.due(NETUID, dueMessage(index, neurons, { commitReveal: 'Timelock', timelockBeacon }));
  };
  const validators = async (): Promise<readonly MetagraphNeuron[]> => {
    const { neurons: told } = await scoring.client.getMetagraph({ netuid: NETUID });
    return told.filter(({ uid }) => signatories.has(uid as (typeof VALIDATORS)[number]));
  };
  const commits = (interval: number, round: number) =>
    [...signatories].map(([uid, by]) => {
      const row = weights(uid, interval, { versionKey: 0n });
      const within = withinOf({ uid, hotkey: by.pair.address }, row);
      return by.sign(EnvelopeType.COMMIT, lockedPayload(row, { beacon: own.beacon, round, within }));
    });
  const opened = async (count: number): Promise<void> => {
    const wanted = new RegExp(`weights_reveals_total\\{subnet="1",result="accepted"\\} ${count}\\b`);
    await waitFor('commits to open', async () => wanted.test(await scoring.metrics()));
  };
  /** Of a second each: what is locked for a round that comes out before it is taken is refused. */
  const soon = (): number => roundAt(own.beacon, Date.now()) + 5;

  test('commits open by themselves, and count', async () => {
    await due(1);
    await ledger.untilScored(NETUID, 1);
    const interval = await scoring.client.getInterval({ netuid: NETUID });
    expect(interval).toMatchObject({ interval: 2n, commitReveal: 'Timelock' });
    const { results } = await scoring.client.commitWeights({ commits: commits(2, soon()) });
    expect(results.map(({ ok }) => ok)).toEqual([true, true, true]);
    await due(2);
    await opened(3);
    await due(3);
    expect((await ledger.untilScored(NETUID, 3)).neurons.map(({ incentiveU16 }) => incentiveU16)).toEqual([
      32_767, 21_844, 10_922, 0, 0, 0,
    ]);
    expect((await validators()).map(({ weightsState }) => weightsState)).toEqual([3, 3, 3]);
    expect(await scoring.client.replayEpoch({ netuid: NETUID, index: 3n })).toMatchObject({ equal: true });
  });

  test('many signatures at once are verified beside the event loop', async () => {
    const calls = Array.from({ length: 8 }, () => scoring.client.commitWeights({ commits: commits(9, soon()) }));
    const results = (await Promise.all(calls)).flatMap((call) => call.results);
    expect(results).toHaveLength(24);
    expect(new Set(results.map(({ reason }) => reason))).toEqual(new Set(['WRONG_INTERVAL']));
  });

  test('a beacon that is silent holds up no epoch: its commits are missed, with the reason', async () => {
    own.setFault('silent');
    await scoring.client.commitWeights({ commits: commits(4, soon()) });
    await due(4);
    await due(5);
    await ledger.untilScored(NETUID, 5);
    const after = await validators();
    expect(after.map(({ weightsState }) => weightsState)).toEqual(after.map(() => WeightsState.MISSED));
    expect(after.map(({ weightsReason }) => weightsReason)).toEqual(after.map(() => 'TIMELOCK_ROUND_UNKNOWN'));
    own.setFault(undefined);
  });

  test('when it is back the next commits open', async () => {
    await scoring.client.commitWeights({ commits: commits(6, soon()) });
    await due(6);
    await opened(6);
    await due(7);
    await ledger.untilScored(NETUID, 7);
    expect((await validators()).map(({ weightsState }) => weightsState)).toEqual([3, 3, 3]);
  });
});
