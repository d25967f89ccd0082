import { fromBinary } from '@bufbuild/protobuf';
import { MetagraphSchema, WeightsState } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { migrate } from '@subnetes/runtime/migrate';
import type { Database } from '@subnetes/runtime/sql';
import { beaconKeyOf, type Beacon } from '@subnetes/timelock/beacon';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readPayload } from '#adapters/read-weights.ts';
import { sqlStore } from '#adapters/sql-store.ts';
import type { Submission } from '#application/accept-weights.ts';
import type { Store } from '#application/ports.ts';
import type { ScoringPolicy } from '#domain/policy.ts';
import type { WeightsReveal } from '#domain/reveal.ts';
import { epochDue, NETUID, neuron, NEURONS, POLICY, registrationOf, useCases, weights } from './market.ts';
import { MIGRATIONS } from './store.contract.ts';
import { keptEnvelope, lockedPayload, withinOf } from './timelocked.ts';

const GENESIS_S = 1_700_000_000;
const key = beaconKeyOf(new Uint8Array(32).fill(3));
const beacon: Beacon = { chainHash: 'ab'.repeat(32), publicKey: key.publicKey, genesisTimeS: GENESIS_S, periodS: 3 };
const OFF: ScoringPolicy = { ...POLICY, commitReveal: { type: 'Off' }, weightsRateLimitBlocks: 10 };
const TIMELOCK: ScoringPolicy = { ...POLICY, commitReveal: { type: 'Timelock', revealPeriodEpochs: 1, beacon } };

/** Every way in which weights come to count, on any database. */
export function weightsContract(name: string, open: () => Promise<Database>): void {
  describe(`${name}: weights`, () => {
    let database: Database;
    let store: Store;
    let nowMs: number;
    /** Newest round that the beacon gives out. */
    let newestRound: number;
    let asked: number;
    let cases: ReturnType<typeof useCases>;

    beforeEach(async () => {
      database = await open();
      await migrate(database, MIGRATIONS);
      store = sqlStore(database);
      nowMs = GENESIS_S * 1000;
      newestRound = 0;
      asked = 0;
      const rounds = {
        isConfigured: true,
        signature: async (_beacon: Beacon, round: number) => {
          asked += 1;
          return round <= newestRound ? key.sign(round) : undefined;
        },
      };
      cases = useCases(store, { rounds, nowMs: () => nowMs });
    });
    afterEach(() => database[Symbol.asyncDispose]());

    /** The clock at a round; the beacon has it unless told otherwise. */
    const at = (round: number, hasIt = true): void => {
      nowMs = (GENESIS_S + 3 * (round - 1)) * 1000;
      if (hasIt) newestRound = round;
    };
    const metagraph = async (index: number) => {
      const epoch = await store.epoch(NETUID, index);
      return fromBinary(MetagraphSchema, epoch!.metagraph).neurons;
    };
    const inputs = async (index: number) => {
      const { mechanisms } = JSON.parse((await store.epoch(NETUID, index))!.inputsJson) as {
        mechanisms: { epoch: { neurons: { weights: number[][]; lastUpdate: number; oldestCommit: null }[] } }[];
      };
      return mechanisms[0]!.epoch.neurons;
    };
    const locked = (uid: number, row: WeightsReveal, round: number, change: object = {}): Submission => {
      const payload = lockedPayload(row, { beacon, round, within: withinOf({ uid }, row, change) });
      const opened = readPayload('commit', payload, { ...cases.signed(uid), envelope: keptEnvelope(payload) });
      if ('refusal' in opened) throw new Error(opened.refusal.message);
      return opened.submission;
    };
    const row = (uid: number, interval: number, change: Partial<WeightsReveal> = {}) =>
      weights(uid, interval, { report: { miners: [], replayDay: '' }, ...change });

    describe('a batch', () => {
      test('answers each item in order, and a bad one touches no other', async () => {
        await cases.runEpoch(epochDue(1));
        const again = cases.commitOf(4, row(4, 2));
        const outcomes = await cases.acceptWeights([
          cases.commitOf(3, row(3, 2)),
          cases.commitOf(0, row(0, 2)),
          again,
          cases.commitOf(5, row(5, 3)),
          again,
          cases.commitOf(4, row(4, 2, { values: [1, 2, 3] })),
          cases.commitOf(5, row(5, 2), { sequence: 0n }),
          cases.commitOf(5, row(5, 2)),
        ]);
        expect(outcomes).toMatchObject([
          { kind: 'taken', repeated: false, interval: 2, revealInterval: 3, block: 21 },
          { refusal: { code: 'NO_PERMIT' } },
          { kind: 'taken', repeated: false },
          { refusal: { code: 'WRONG_INTERVAL' } },
          { kind: 'taken', repeated: true },
          { refusal: { code: 'COMMIT_EXISTS' } },
          { refusal: { code: 'ENVELOPE_REPLAYED' } },
          { kind: 'taken', repeated: false },
        ]);
        await cases.runEpoch(epochDue(2));
        const reveals = [3, 4, 5].map((uid) => cases.revealOf(uid, row(uid, 2)));
        const bad = cases.revealOf(3, row(3, 2, { values: [9, 9, 9] }));
        expect((await cases.acceptWeights([bad, ...reveals, reveals[0]!])).map(({ kind }) => kind)).toEqual([
          'refused',
          ...Array.from({ length: 4 }, () => 'taken'),
        ]);
        await cases.runEpoch(epochDue(3));
        expect((await metagraph(3)).filter(({ weightsState }) => weightsState === WeightsState.REVEALED)).toHaveLength(
          3,
        );
      });

      test('of several subnets is one transaction each, and many calls at once are few', async () => {
        for (const netuid of [1, 2]) await cases.runEpoch(epochDue(1, { netuid }));
        const submissions = [1, 2].flatMap((netuid) =>
          [3, 4, 5].map((uid) => cases.commitOf(uid, row(uid, 2, { netuid }))),
        );
        const calls = await Promise.all(submissions.map((each) => cases.acceptWeights([each])));
        expect(calls.flat().map(({ kind }) => kind)).toEqual(Array.from({ length: 6 }, () => 'taken'));
        const { rows } = { rows: await database.query('SELECT count(DISTINCT xmin::text)::text AS n FROM commits') };
        expect(rows[0]!['n']).toBe('2');
      });

      test('an unknown subnet, whatever its number, is refused and holds up nobody', async () => {
        await cases.runEpoch(epochDue(1));
        const outcomes = await cases.acceptWeights([
          cases.commitOf(3, row(3, 2, { netuid: 65_535 - 4096 })),
          cases.commitOf(3, row(3, 2)),
        ]);
        expect(outcomes).toMatchObject([{ refusal: { code: 'UNKNOWN_SUBNET' } }, { kind: 'taken' }]);
      });
    });

    describe('in the open', () => {
      test('weights count at the next seal, and the newest of an interval alone', async () => {
        await cases.runEpoch(epochDue(1, { policy: OFF }));
        for (const uid of [3, 4, 5])
          expect(await cases.set(uid, row(uid, 2))).toMatchObject({ repeated: false, block: 21 });
        expect(await cases.set(3, row(3, 2))).toMatchObject({ refusal: { code: 'TOO_FREQUENT', retryAtBlock: 31 } });
        await store.observeBlock(31, 1999);
        const newer = cases.setOf(3, row(3, 2, { values: [1, 1, 2] }));
        expect(await cases.submit(newer)).toMatchObject({ kind: 'taken', repeated: false });
        expect(await cases.submit(newer)).toMatchObject({ kind: 'taken', repeated: true, block: 31 });
        expect(await cases.commit(4, row(4, 2))).toMatchObject({ refusal: { code: 'WRONG_COMMIT_REVEAL_TYPE' } });
        await cases.runEpoch(epochDue(2, { policy: OFF }));
        expect((await inputs(2))[3]).toMatchObject({ lastUpdate: 31, weights: [[0, 1], [1, 1], [2, 2]] }); // prettier-ignore
        const after = await metagraph(2);
        expect(after[0]!.incentiveU16).toBeGreaterThan(0);
        expect(after.slice(3).map(({ weightsState }) => weightsState)).toEqual(
          Array.from({ length: 3 }, () => WeightsState.SET),
        );
        // Nothing new in the next interval: the row stays in force, and is no silence.
        await cases.runEpoch(epochDue(3, { policy: OFF }));
        expect((await metagraph(3))[3]).toMatchObject({ weightsState: WeightsState.SET, lastUpdateBlock: 31n });
      });
    });

    describe('time-locked', () => {
      test('commits open by themselves in their interval, once their round is out', async () => {
        await cases.runEpoch(epochDue(1, { policy: TIMELOCK }));
        const commits = [3, 4, 5].map((uid) => locked(uid, row(uid, 2), 100));
        expect((await cases.acceptWeights(commits)).map(({ kind }) => kind)).toEqual(['taken', 'taken', 'taken']);
        expect(await cases.submit(commits[0]!)).toMatchObject({ repeated: true });
        at(100);
        expect((await cases.openTimelocks()).outcomes).toEqual([]); // not before the interval of the reveal
        await cases.runEpoch(epochDue(2, { policy: TIMELOCK }));
        at(99);
        newestRound = 100;
        expect(await cases.openTimelocks()).toMatchObject({ outcomes: [], waitMs: 3000 }); // nor before the round's time
        at(100);
        expect(await cases.openTimelocks()).toEqual({
          outcomes: [3, 4, 5].map(() => ({ netuid: NETUID, code: '' })),
          waitMs: undefined,
        });
        expect((await cases.openTimelocks()).outcomes).toEqual([]);
        expect(asked).toBe(1);
        await cases.runEpoch(epochDue(3, { policy: TIMELOCK }));
        const after = await metagraph(3);
        expect(after.map(({ incentiveU16 }) => incentiveU16)).toEqual([32767, 21844, 10922, 0, 0, 0]);
        expect(after[3]).toMatchObject({ weightsState: WeightsState.REVEALED, lastUpdateBlock: 21n });
        expect(await cases.replayEpoch(NETUID, 3)).toMatchObject({ equal: true });
      });

      test('a reveal by hand, and a commit of another kind, are refused', async () => {
        await cases.runEpoch(epochDue(1, { policy: TIMELOCK }));
        await cases.submit(locked(3, row(3, 2), 100));
        expect(await cases.commit(4, row(4, 2))).toMatchObject({ refusal: { code: 'WRONG_COMMIT_REVEAL_TYPE' } });
        await cases.runEpoch(epochDue(2, { policy: TIMELOCK }));
        expect(await cases.reveal(3, row(3, 2))).toMatchObject({ refusal: { code: 'REVEALED_BY_BEACON' } });
      });

      test('what does not open, or holds what no reveal may, is missed with its code and stops nothing', async () => {
        await cases.runEpoch(epochDue(1, { policy: TIMELOCK }));
        const copied = withinOf({ uid: 4 }, row(4, 2));
        const payload = lockedPayload(row(3, 2), { beacon, round: 100, within: copied });
        const thief = readPayload('commit', payload, { ...cases.signed(3), envelope: keptEnvelope(payload) });
        await cases.submit((thief as { submission: Submission }).submission);
        await cases.submit(locked(4, row(4, 2, { uids: [0, 1, 4] }), 100));
        const garbage = lockedPayload(row(5, 2), { beacon, round: 100, within: Uint8Array.of(1, 2, 3) });
        const opened = readPayload('commit', garbage, { ...cases.signed(5), envelope: keptEnvelope(garbage) });
        await cases.submit((opened as { submission: Submission }).submission);
        await cases.runEpoch(epochDue(2, { policy: TIMELOCK }));
        at(100);
        const { outcomes } = await cases.openTimelocks();
        expect(outcomes.map(({ code }) => code).toSorted()).toEqual([
          'SELF_WEIGHT',
          'TIMELOCK_MISMATCH',
          'TIMELOCK_PAYLOAD_MALFORMED',
        ]);
        expect((await cases.openTimelocks()).outcomes).toEqual([]);
        await cases.runEpoch(epochDue(3, { policy: TIMELOCK }));
        expect(
          (await metagraph(3)).slice(3).map(({ weightsState, weightsReason }) => [weightsState, weightsReason]),
        ).toEqual([
          [WeightsState.MISSED, 'TIMELOCK_MISMATCH'],
          [WeightsState.MISSED, 'SELF_WEIGHT'],
          [WeightsState.MISSED, 'TIMELOCK_PAYLOAD_MALFORMED'],
        ]);
      });

      test('bytes that were locked with another key do not open', async () => {
        await cases.runEpoch(epochDue(1, { policy: TIMELOCK }));
        const other = { ...beacon, publicKey: beaconKeyOf(new Uint8Array(32).fill(4)).publicKey };
        const payload = lockedPayload(row(3, 2), {
          beacon: other,
          round: 100,
          within: withinOf({ uid: 3 }, row(3, 2)),
        });
        const opened = readPayload('commit', payload, { ...cases.signed(3), envelope: keptEnvelope(payload) });
        expect(await cases.submit((opened as { submission: Submission }).submission)).toMatchObject({ kind: 'taken' });
        await cases.runEpoch(epochDue(2, { policy: TIMELOCK }));
        at(100);
        expect((await cases.openTimelocks()).outcomes).toEqual([{ netuid: NETUID, code: 'TIMELOCK_DECRYPT_FAILED' }]);
      });

      test('a silent beacon holds up no epoch: what it opens in time counts, the rest is missed', async () => {
        await cases.runEpoch(epochDue(1, { policy: TIMELOCK }));
        await cases.acceptWeights([locked(3, row(3, 2), 100), locked(4, row(4, 2), 101)]);
        await cases.runEpoch(epochDue(2, { policy: TIMELOCK }));
        at(101, false);
        newestRound = 0;
        expect(await cases.openTimelocks()).toEqual({ outcomes: [], waitMs: 1000 });
        newestRound = 100; // it comes back, one round short
        // The seal itself gives the beacon a last chance.
        await cases.followLedger({ kind: 'epoch-due', due: epochDue(3, { policy: TIMELOCK }) });
        const after = await metagraph(3);
        expect(after[3]!.weightsState).toBe(WeightsState.REVEALED);
        expect(after[4]).toMatchObject({ weightsState: WeightsState.MISSED, weightsReason: 'TIMELOCK_ROUND_UNKNOWN' });
        newestRound = 101;
        expect(await cases.openTimelocks()).toEqual({ outcomes: [], waitMs: undefined }); // too late is too late
        expect((await inputs(3))[4]!.weights).toEqual([]);
      });

      test('two processes that open the same commit write it once', async () => {
        await cases.runEpoch(epochDue(1, { policy: TIMELOCK }));
        await cases.submit(locked(3, row(3, 2), 100));
        await cases.runEpoch(epochDue(2, { policy: TIMELOCK }));
        at(100);
        const passes = await Promise.all([cases.openTimelocks(), cases.openTimelocks()]);
        expect(passes.flatMap(({ outcomes }) => outcomes)).toEqual([{ netuid: NETUID, code: '' }]);
      });
    });

    describe('another policy takes force with a seal', () => {
      test.for([
        ['Off', OFF],
        ['Timelock', TIMELOCK],
      ] as const)('salted commits of before are revealed under %s, new ones refused', async ([, next]) => {
        await cases.runEpoch(epochDue(1));
        for (const uid of [3, 4, 5]) await cases.commit(uid, row(uid, 2));
        await cases.runEpoch(epochDue(2, { nextPolicy: next }));
        expect((await store.subnet(NETUID))?.policy.commitReveal).toEqual(next.commitReveal);
        expect(await cases.commit(3, row(3, 3))).toMatchObject({ refusal: { code: 'WRONG_COMMIT_REVEAL_TYPE' } });
        for (const uid of [3, 4, 5]) expect(await cases.reveal(uid, row(uid, 2))).toMatchObject({ kind: 'taken' });
        await cases.runEpoch(epochDue(3, { policy: next }));
        expect((await metagraph(3))[0]!.incentiveU16).toBe(32_767);
      });

      test('time-locked commits of before open under Salted, by the beacon that they named', async () => {
        await cases.runEpoch(epochDue(1, { policy: TIMELOCK }));
        await cases.submit(locked(3, row(3, 2), 100));
        await cases.runEpoch(epochDue(2, { policy: TIMELOCK, nextPolicy: POLICY }));
        at(100);
        expect((await cases.openTimelocks()).outcomes).toEqual([{ netuid: NETUID, code: '' }]);
        expect(await cases.submit(locked(4, row(4, 3), 200))).toMatchObject({
          refusal: { code: 'WRONG_COMMIT_REVEAL_TYPE' },
        });
        expect(await cases.commit(4, row(4, 3))).toMatchObject({ kind: 'taken' });
      });

      test('a reveal of an older commit does not take the place of a newer row in the open', async () => {
        await cases.runEpoch(epochDue(1));
        await cases.commit(3, row(3, 2));
        await cases.runEpoch(epochDue(2, { nextPolicy: { ...OFF, weightsRateLimitBlocks: 0 } }));
        expect(await cases.set(3, row(3, 3, { values: [1, 1, 1] }))).toMatchObject({ kind: 'taken', block: 41 });
        expect(await cases.reveal(3, row(3, 2))).toMatchObject({ kind: 'taken' });
        await cases.runEpoch(epochDue(3, { policy: OFF }));
        expect((await inputs(3))[3]).toMatchObject({ lastUpdate: 41, weights: [[0, 1], [1, 1], [2, 1]] }); // prettier-ignore
      });
    });

    describe('a missed reveal', () => {
      const playMissed = async (policy: ScoringPolicy): Promise<void> => {
        await cases.runEpoch(epochDue(1, { policy }));
        await cases.commit(3, row(3, 2));
        await cases.runEpoch(epochDue(2, { policy }));
        await cases.reveal(3, row(3, 2));
        await cases.commit(3, row(3, 3));
        await cases.runEpoch(epochDue(3, { policy }));
        await cases.runEpoch(epochDue(4, { policy })); // the commit of interval 3 was never revealed
      };

      test('keeps the row before under Keep, and moves no last update', async () => {
        await playMissed(POLICY);
        expect((await inputs(4))[3]).toMatchObject({ lastUpdate: 21, oldestCommit: null });
        expect((await inputs(4))[3]!.weights).toHaveLength(3);
        expect((await metagraph(4))[3]).toMatchObject({ weightsReason: 'NOT_REVEALED', lastUpdateBlock: 21n });
      });

      test('empties the row under Zero until the next one', async () => {
        const zero: ScoringPolicy = { ...POLICY, missedReveal: 'Zero' };
        await playMissed(zero);
        expect((await inputs(4))[3]).toMatchObject({ lastUpdate: 21, weights: [] });
        expect((await metagraph(4))[3]!.why).toMatch(/its row is empty/);
        await cases.runEpoch(epochDue(5, { policy: zero }));
        expect((await inputs(5))[3]!.weights).toEqual([]); // and stays so
        await cases.commit(3, row(3, 6));
        await cases.runEpoch(epochDue(6, { policy: zero }));
        await cases.reveal(3, row(3, 6));
        await cases.runEpoch(epochDue(7, { policy: zero }));
        expect((await inputs(7))[3]).toMatchObject({ lastUpdate: 101 });
        expect((await inputs(7))[3]!.weights).toHaveLength(3);
      });

      test('lets no older row count for a miner that came after it, whatever was committed since', async () => {
        await cases.runEpoch(epochDue(1));
        await cases.commit(3, row(3, 2));
        await cases.runEpoch(epochDue(2));
        await cases.reveal(3, row(3, 2));
        const newcomer = neuron(0, { registrationId: registrationOf(0, 1), registeredAt: 45 });
        const neurons = [newcomer, ...NEURONS.slice(1)];
        await store.observeBlock(50, 2900);
        await cases.commit(3, row(3, 3)); // would be newer than the registration, were it the last update
        await cases.runEpoch(epochDue(3, { neurons }));
        const own = (await inputs(3))[3]!;
        expect(own.lastUpdate).toBe(21);
        expect(own.weights.map(([uid]) => uid)).toEqual([1, 2]);
      });
    });

    test('odd text in a report is kept as it is', async () => {
      await cases.runEpoch(epochDue(1, { policy: OFF }));
      const odd = 'a\u0000b\\u0000 "é😀';
      const report = { replayDay: '', miners: [{ ...MINER, invalidReason: odd }] };
      expect(await cases.set(3, weights(3, 2, { report }))).toMatchObject({ kind: 'taken' });
      await cases.runEpoch(epochDue(2, { policy: OFF }));
      expect((await metagraph(2))[0]!.invalidReason).toBe(odd);
    });
  });
}

const MINER = {
  uid: 0,
  registrationId: registrationOf(0),
  loss: 0,
  judged: 1,
  answers: 1,
  invalid: 1,
  copy: false,
  copyOfUid: 0,
  similarityPpm: 0,
};
