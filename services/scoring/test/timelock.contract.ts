import { WeightsState } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { Database } from '@subnetes/runtime/sql';
import { beaconKeyOf } from '@subnetes/timelock/beacon';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EvidenceReplay } from '#application/replay-evidence.ts';
import { fromHex } from '#adapters/messages.ts';
import { epochDue, NETUID, registrationOf } from './market.ts';
import { lockedPayload, withinOf } from './timelocked.ts';
import { beacon, openWeightsMarket, row, TIMELOCK, type WeightsMarket } from './weights-market.ts';

/** Time-locked weights on any database. */
export function timelockContract(name: string, open: () => Promise<Database>): void {
  describe(`${name}: time-locked weights`, () => {
    let database: Database;
    let market: WeightsMarket;
    let cases: WeightsMarket['cases'];
    const metagraph = (index: number) => market.metagraph(index);

    beforeEach(async () => {
      database = await open();
      market = await openWeightsMarket(database);
      ({ cases } = market);
    });
    afterEach(() => database[Symbol.asyncDispose]());

    test('commits open by themselves in their interval, once their round is out', async () => {
      await cases.runEpoch(epochDue(1, { policy: TIMELOCK }));
      const commits = [3, 4, 5].map((uid) => market.locked(uid, row(uid, 2), 100));
      expect((await cases.acceptWeights(commits)).map(({ kind }) => kind)).toEqual(['taken', 'taken', 'taken']);
      expect(await cases.submit(commits[0]!)).toMatchObject({ repeated: true });
      market.at(100);
      expect((await cases.openTimelocks()).outcomes).toEqual([]); // not before the interval of the reveal
      await cases.runEpoch(epochDue(2, { policy: TIMELOCK }));
      market.at(99);
      market.clock.newestRound = 100;
      expect(await cases.openTimelocks()).toMatchObject({ outcomes: [], waitMs: 3000 }); // nor before the round's time
      market.at(100);
      expect(await cases.openTimelocks()).toEqual({
        outcomes: [3, 4, 5].map(() => ({ netuid: NETUID, code: '' })),
        waitMs: undefined,
      });
      expect((await cases.openTimelocks()).outcomes).toEqual([]);
      expect(market.clock.asked).toBe(1);
      await cases.runEpoch(epochDue(3, { policy: TIMELOCK }));
      const after = await metagraph(3);
      expect(after.map(({ incentiveU16 }) => incentiveU16)).toEqual([32767, 21844, 10922, 0, 0, 0]);
      expect(after[3]).toMatchObject({ weightsState: WeightsState.REVEALED, lastUpdateBlock: 21n });
      expect(await cases.replayEpoch(NETUID, 3)).toMatchObject({ equal: true });
    });

    test('what was locked is evidence once it opens', async () => {
      await market.store.keepFaultTerms({
        conditions: [{ type: 'Unavailable', epochs: 1, atLeast: 5 }],
        unbondingBlocks: 100,
      });
      await cases.runEpoch(epochDue(1, { policy: TIMELOCK }));
      const miners = [{ uid: 0, registrationId: fromHex(registrationOf(0)), answers: 9, invalid: 7, unanswered: 7 }];
      for (const uid of [3, 4]) {
        const within = withinOf({ uid }, row(uid, 2), { report: { miners } });
        await cases.submit(market.lockedBytes(uid, lockedPayload(row(uid, 2), { beacon, round: 100, within })));
      }
      await cases.runEpoch(epochDue(2, { policy: TIMELOCK }));
      expect(await market.store.waitingEvidence(9)).toEqual([]);
      market.at(100);
      await cases.openTimelocks();
      await cases.runEpoch(epochDue(3, { policy: TIMELOCK }));
      expect(await market.store.waitingEvidence(9)).toMatchObject([
        { registrationId: registrationOf(0), fromEpoch: 3, toEpoch: 3, measured: 7 },
      ]);
      const { evidence } = (await cases.replayEpoch(NETUID, 3)) as { evidence: readonly EvidenceReplay[] };
      expect(evidence.map((each) => each.storedSha256 === each.recomputedSha256)).toEqual([true]);
    });

    test('a reveal by hand, and a commit of another kind, are refused', async () => {
      await cases.runEpoch(epochDue(1, { policy: TIMELOCK }));
      await cases.submit(market.locked(3, row(3, 2), 100));
      expect(await cases.commit(4, row(4, 2))).toMatchObject({ refusal: { code: 'WRONG_COMMIT_REVEAL_TYPE' } });
      await cases.runEpoch(epochDue(2, { policy: TIMELOCK }));
      expect(await cases.reveal(3, row(3, 2))).toMatchObject({ refusal: { code: 'REVEALED_BY_BEACON' } });
    });

    test('what does not open, or holds what no reveal may, is missed with its code and stops nothing', async () => {
      await cases.runEpoch(epochDue(1, { policy: TIMELOCK }));
      const copied = withinOf({ uid: 4 }, row(4, 2));
      const payload = lockedPayload(row(3, 2), { beacon, round: 100, within: copied });
      await cases.submit(market.lockedBytes(3, payload));
      await cases.submit(market.locked(4, row(4, 2, { uids: [0, 1, 4] }), 100));
      const garbage = lockedPayload(row(5, 2), { beacon, round: 100, within: Uint8Array.of(1, 2, 3) });
      await cases.submit(market.lockedBytes(5, garbage));
      await cases.runEpoch(epochDue(2, { policy: TIMELOCK }));
      market.at(100);
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
      expect(await cases.submit(market.lockedBytes(3, payload))).toMatchObject({ kind: 'taken' });
      await cases.runEpoch(epochDue(2, { policy: TIMELOCK }));
      market.at(100);
      expect((await cases.openTimelocks()).outcomes).toEqual([{ netuid: NETUID, code: 'TIMELOCK_DECRYPT_FAILED' }]);
    });

    test('a silent beacon holds up no epoch: what it opens in time counts, the rest is missed', async () => {
      await cases.runEpoch(epochDue(1, { policy: TIMELOCK }));
      await cases.acceptWeights([market.locked(3, row(3, 2), 100), market.locked(4, row(4, 2), 101)]);
      await cases.runEpoch(epochDue(2, { policy: TIMELOCK }));
      market.at(101, false);
      market.clock.newestRound = 0;
      expect(await cases.openTimelocks()).toEqual({ outcomes: [], waitMs: 1000 });
      market.clock.newestRound = 100; // it comes back, one round short
      // The seal itself gives the beacon a last chance.
      await cases.followLedger({ kind: 'epoch-due', due: epochDue(3, { policy: TIMELOCK }) });
      const after = await metagraph(3);
      expect(after[3]!.weightsState).toBe(WeightsState.REVEALED);
      expect(after[4]).toMatchObject({ weightsState: WeightsState.MISSED, weightsReason: 'TIMELOCK_ROUND_UNKNOWN' });
      market.clock.newestRound = 101;
      expect(await cases.openTimelocks()).toEqual({ outcomes: [], waitMs: undefined }); // too late is too late
      expect((await market.inputs(3))[4]!.weights).toEqual([]);
    });

    test('two processes that open the same commit write it once', async () => {
      await cases.runEpoch(epochDue(1, { policy: TIMELOCK }));
      await cases.submit(market.locked(3, row(3, 2), 100));
      await cases.runEpoch(epochDue(2, { policy: TIMELOCK }));
      market.at(100);
      const passes = await Promise.all([cases.openTimelocks(), cases.openTimelocks()]);
      expect(passes.flatMap(({ outcomes }) => outcomes)).toEqual([{ netuid: NETUID, code: '' }]);
    });
  });
}
