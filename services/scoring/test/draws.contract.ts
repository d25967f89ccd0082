import { notToJudge } from '@subnetes/policy/interval-draw';
import type { Database } from '@subnetes/runtime/sql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { intervalOf } from '#adapters/grpc-weights.ts';
import { fromHex, toHex } from '#adapters/messages.ts';
import { makeReadDraw } from '#application/read-draw.ts';
import { sha256 } from '#adapters/sha256.ts';
import type { EpochDue } from '#domain/epoch-inputs.ts';
import type { ScoringPolicy } from '#domain/policy.ts';
import { exampleModule } from './function-samples.ts';
import { epochDue, NETUID, registrationOf, VALIDATORS } from './market.ts';
import { beacon, openWeightsMarket, row, TIMELOCK, type WeightsMarket } from './weights-market.ts';

/** Two thirds of the stake judge each miner: uids 3 and 4 all, uid 5 some. */
const rules = { judges: 2, coverageU16: 43_690 };
const DRAWN: ScoringPolicy = { ...TIMELOCK, countermeasures: { assignment: rules } };
const MINERS = [0, 1, 2];

/** An epoch whose seal has the judges of the next interval drawn by a round. */
const drawing = (index: number, round: number): EpochDue =>
  epochDue(index, { policy: DRAWN, draw: { round, beacon, rules, kappaU16: 32_767 } });

/** Judges that are drawn by a round that is sealed, on any database. */
export function drawsContract(name: string, open: () => Promise<Database>): void {
  describe(`${name}: judges that are drawn`, () => {
    let database: Database;
    let market: WeightsMarket;

    beforeEach(async () => {
      database = await open();
      market = await openWeightsMarket(database);
    });
    afterEach(() => database[Symbol.asyncDispose]());

    const openedOf = async (index: number): Promise<unknown> => {
      const epoch = await market.store.epoch(NETUID, index);
      return (JSON.parse(epoch?.inputsJson ?? '{}') as { opened?: unknown }).opened;
    };
    const submitAll = (interval: number, rowOf = (uid: number) => row(uid, interval)) =>
      market.cases.acceptWeights(VALIDATORS.map((uid) => market.locked(uid, rowOf(uid), 50 * interval)));
    const excluded = async (interval: number) => {
      const [draw] = await makeReadDraw(market)(NETUID, interval);
      if (draw === undefined) return undefined;
      return VALIDATORS.map((uid) => notToJudge(draw.assignment, registrationOf(uid)));
    };

    test('a draw is told once its round is out, and what a row says of others does not count', async () => {
      const { cases } = market;
      await cases.runEpoch(drawing(1, 11));
      market.at(10);
      expect(await cases.openTimelocks()).toMatchObject({ waitMs: 3000 });
      expect(await excluded(2)).toBeUndefined();
      market.at(11);
      expect(await cases.openTimelocks()).toMatchObject({ waitMs: undefined });
      const drawn = await excluded(2);
      const [, , others = []] = drawn ?? [];
      const parts = { store: market.store, networkId: new Uint8Array(32), readDraw: makeReadDraw(market) };
      const told = await intervalOf(parts, { netuid: NETUID, registrationId: fromHex(registrationOf(5)) });
      expect(told).toMatchObject({ interval: 2n, draws: [{ mechanismId: 0, round: 11n }] });
      expect(told.draws.map(({ notToJudge: ids }) => ids.map(toHex))).toEqual([others]);
      expect(await intervalOf(parts, { netuid: NETUID, registrationId: new Uint8Array() })).toMatchObject({
        draws: [],
      });
      expect([others.length > 0, others.length < MINERS.length]).toEqual([true, true]);
      const values = MINERS.map((uid) =>
        others.includes(registrationOf(uid)) ? 1 : ([65_535, 43_690, 21_845][uid] ?? 0),
      );
      await submitAll(2, (uid) => row(uid, 2, uid === 5 ? { values } : {}));
      await cases.runEpoch(drawing(2, 60));
      market.at(100);
      await cases.openTimelocks();
      await cases.runEpoch(drawing(3, 110));
      expect(await openedOf(3)).toMatchObject({ interval: 2, signature: expect.stringMatching(/^[0-9a-f]{96}$/) });
      const shares = (await market.metagraph(3)).slice(0, 3).map(({ incentiveU16 }) => incentiveU16);
      for (const [at, share] of [32_767, 21_844, 10_922].entries()) {
        expect(Math.abs((shares[at] ?? 0) - share)).toBeLessThan(10);
      }
      expect(await cases.replayEpoch(NETUID, 3)).toMatchObject({ equal: true });
    });

    test('a row of another interval does not count: it says nothing of who was drawn since', async () => {
      const { cases } = market;
      await cases.runEpoch(drawing(1, 10));
      market.at(10);
      await submitAll(2);
      await cases.runEpoch(drawing(2, 60));
      market.at(100);
      await cases.openTimelocks();
      await cases.acceptWeights([3, 4].map((uid) => market.locked(uid, row(uid, 3), 150)));
      await cases.runEpoch(drawing(3, 110));
      market.at(150);
      await cases.openTimelocks();
      await cases.runEpoch(drawing(4, 160));
      const rowsOf = async (index: number) => (await market.inputs(index)).map(({ weights }) => weights.length);
      expect([await rowsOf(3), await rowsOf(4)]).toEqual([
        [0, 0, 0, 3, 3, 3],
        [0, 0, 0, 3, 3, 0],
      ]);
      expect(await cases.replayEpoch(NETUID, 4)).toMatchObject({ equal: true });
    });

    test('while the round is not to be had everybody judges everybody, and rows stay in force', async () => {
      const { cases } = market;
      await cases.runEpoch(drawing(1, 10));
      await submitAll(2);
      await cases.runEpoch(drawing(2, 10_000));
      market.at(100, false);
      expect(await cases.openTimelocks()).toMatchObject({ outcomes: [], waitMs: 1000 });
      market.clock.newestRound = 100;
      await cases.openTimelocks();
      await cases.runEpoch(drawing(3, 10_000));
      await cases.runEpoch(drawing(4, 10_000)); // whose interval had a round that nobody has yet
      expect(await openedOf(4)).toBeUndefined();
      expect((await market.inputs(4)).map(({ weights }) => weights.length)).toEqual([0, 0, 0, 3, 3, 3]);
      expect(await cases.replayEpoch(NETUID, 4)).toMatchObject({ equal: true });
    });

    test('an incentive function of the same policy divides what drawn judges gave, and each keeps its state', async () => {
      const { cases } = market;
      const module = exampleModule('smoothing');
      const incentiveFunction = { sha256: sha256(module), fuel: 20_000_000 };
      const policy = { ...DRAWN, countermeasures: { assignment: rules, incentiveFunction } };
      const divided = (index: number, round: number) => cases.runEpoch({ ...drawing(index, round), policy });
      await cases.functions.publish(NETUID, { ...incentiveFunction, bytes: module }, { bytes: 10_000, modules: 1 });
      await divided(1, 10);
      market.at(10);
      await submitAll(2);
      for (const [index, round] of [
        [2, 60],
        [3, 110],
        [4, 160],
      ] as const) {
        await divided(index, round);
        market.at(50 * index);
        await cases.openTimelocks();
        await submitAll(index + 1);
      }
      for (const index of [3, 4]) {
        const epoch = await market.store.epoch(NETUID, index);
        const { mechanisms } = JSON.parse(epoch?.outputsJson ?? '{}') as {
          mechanisms: { policy: { adjustments: { step: string }[]; incentiveFunction: object; state: object } }[];
        };
        expect(mechanisms[0]?.policy.adjustments.map(({ step }) => step)).toEqual([
          'consensus',
          'assignment',
          'incentive-function',
        ]);
        expect(mechanisms[0]?.policy.incentiveFunction).toMatchObject({ refusal: null });
        expect(mechanisms[0]?.policy.state).toMatchObject({
          incentiveFunction: { sha256: incentiveFunction.sha256 },
          draws: expect.arrayContaining([expect.objectContaining({ interval: index + 1 })]),
        });
        expect(await openedOf(index)).toMatchObject({ interval: index - 1 });
        expect(await cases.replayEpoch(NETUID, index)).toMatchObject({ equal: true, kernelAgrees: true });
      }
    });

    test('an epoch without the rule is stored as if there were none to choose from', async () => {
      await market.cases.runEpoch(epochDue(1, { policy: TIMELOCK }));
      const epoch = await market.store.epoch(NETUID, 1);
      expect(epoch?.inputsJson).not.toMatch(/"(draw|opened|state)"/);
      expect(await market.store.awaitedRounds()).toEqual([]);
    });
  });
}
