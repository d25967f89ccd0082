import { WeightsState } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { Database } from '@subnetes/runtime/sql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ScoringPolicy } from '#domain/policy.ts';
import { epochDue, NETUID, neuron, NEURONS, POLICY, registrationOf, weights } from './market.ts';
import { OFF, openWeightsMarket, row, TIMELOCK, type WeightsMarket } from './weights-market.ts';

/** Every way in which weights come to count, on any database. */
export function weightsContract(name: string, open: () => Promise<Database>): void {
  describe(`${name}: weights`, () => {
    let database: Database;
    let market: WeightsMarket;
    let cases: WeightsMarket['cases'];
    const metagraph = (index: number) => market.metagraph(index);
    const inputs = (index: number) => market.inputs(index);

    beforeEach(async () => {
      database = await open();
      market = await openWeightsMarket(database);
      ({ cases } = market);
    });
    afterEach(() => database[Symbol.asyncDispose]());

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
        await market.store.observeBlock(31, 1999);
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

    describe('a neuron whose hotkey was swapped', () => {
      test('rates on by its new key under the same registration, with what the old one had set; the old one is out', async () => {
        await cases.runEpoch(epochDue(1, { policy: OFF }));
        for (const uid of [3, 4, 5]) expect(await cases.set(uid, row(uid, 2))).toMatchObject({ repeated: false });
        const { uid, coldkey, registrationId, stake } = neuron(3);
        const registration = {
          netuid: NETUID,
          uid,
          coldkey,
          registrationId,
          stake,
          hotkey: 'new',
          registeredAt: 1,
          ended: false,
        };
        await cases.followLedger({ kind: 'registration', sequence: 1500, block: 22, registration });
        await market.store.observeBlock(31, 1999);
        expect(await cases.set(3, row(3, 2))).toMatchObject({ refusal: { code: 'FOREIGN_REGISTRATION' } });
        const values = [1, 1, 2];
        expect(await cases.set(3, row(3, 2, { values }), { hotkey: 'new' })).toMatchObject({ kind: 'taken' });
        const neurons = NEURONS.map((each) => (each.uid === 3 ? { ...each, hotkey: 'new' } : each));
        await cases.runEpoch(epochDue(2, { policy: OFF, neurons }));
        expect((await inputs(2))[3]).toMatchObject({ weights: [[0, 1], [1, 1], [2, 2]] }); // prettier-ignore
        expect((await metagraph(2))[3]).toMatchObject({ hotkey: 'new', weightsState: WeightsState.SET });
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
        expect((await market.store.subnet(NETUID))?.policy.commitReveal).toEqual(next.commitReveal);
        expect(await cases.commit(3, row(3, 3))).toMatchObject({ refusal: { code: 'WRONG_COMMIT_REVEAL_TYPE' } });
        for (const uid of [3, 4, 5]) expect(await cases.reveal(uid, row(uid, 2))).toMatchObject({ kind: 'taken' });
        await cases.runEpoch(epochDue(3, { policy: next }));
        expect((await metagraph(3))[0]!.incentiveU16).toBe(32_767);
      });

      test('time-locked commits of before open under Salted, by the beacon that they named', async () => {
        await cases.runEpoch(epochDue(1, { policy: TIMELOCK }));
        await cases.submit(market.locked(3, row(3, 2), 100));
        await cases.runEpoch(epochDue(2, { policy: TIMELOCK, nextPolicy: POLICY }));
        market.at(100);
        expect((await cases.openTimelocks()).outcomes).toEqual([{ netuid: NETUID, code: '' }]);
        expect(await cases.submit(market.locked(4, row(4, 3), 200))).toMatchObject({
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
        await market.store.observeBlock(50, 2900);
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
