import { fromBinary } from '@bufbuild/protobuf';
import { EpochScoredSchema } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import { MetagraphSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { Database } from '@subnetes/runtime/sql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EpochDue } from '#domain/epoch-inputs.ts';
import type { ScoringPolicy } from '#domain/policy.ts';
import { ROOT_NETUID } from '#domain/root-network.ts';
import { epochDue, neuron, POLICY, TEMPO } from './market.ts';
import { beacon, openWeightsMarket, row, type WeightsMarket } from './weights-market.ts';

const OPEN: ScoringPolicy = { ...POLICY, commitReveal: { type: 'Off' }, weightsRateLimitBlocks: 0 };
/** Members at 3, 4 and 5, with stakes 45 : 35 : 20; nobody sits at 0 to 2. */
const MEMBERS = [3, 4, 5].map((uid) => neuron(uid));
const SUBNETS = [
  { netuid: 1, startBlock: 1 },
  { netuid: 5, startBlock: 1 },
];

/** An epoch of the root network, which weighs the markets 1 and 5. */
function rootDue(index: number, policy: ScoringPolicy, change: Partial<EpochDue> = {}): EpochDue {
  const pots = { owner: 0n, miners: 0n, validators: 0n };
  return epochDue(index, { netuid: ROOT_NETUID, pots, neurons: MEMBERS, subnets: SUBNETS, policy, ...change });
}

/** Weights of the markets, on any database and in each of the three ways. */
export function rootContract(name: string, open: () => Promise<Database>): void {
  describe(`${name}: the root network`, () => {
    let database: Database;
    let market: WeightsMarket;
    let cases: WeightsMarket['cases'];

    beforeEach(async () => {
      database = await open();
      market = await openWeightsMarket(database);
      ({ cases } = market);
      for (const netuid of [1, 5]) await cases.runEpoch(epochDue(1, { netuid, sequence: netuid }));
    });
    afterEach(() => database[Symbol.asyncDispose]());

    const weigh = (uid: number, interval: number, values: number[], uids = [1, 5]) =>
      row(uid, interval, { netuid: ROOT_NETUID, uids, values });
    const stored = async (index: number) => (await market.store.epoch(ROOT_NETUID, index))!;
    const scored = async (index: number) => fromBinary(EpochScoredSchema, (await stored(index)).scored);
    const shares = async (index: number) =>
      (await scored(index)).shares.map(({ netuid, sharePpm }) => [netuid, sharePpm]);

    test('publishes shares by the majority, pays nobody, and does so once', async () => {
      await cases.runEpoch(rootDue(1, OPEN));
      expect(await shares(1)).toEqual([]);
      const outcomes = [
        await cases.set(3, weigh(3, 2, [70, 30])),
        await cases.set(4, weigh(4, 2, [7, 3])),
        await cases.set(5, weigh(5, 2, [1], [5])),
      ];
      expect(outcomes.map(({ kind }) => kind)).toEqual(['taken', 'taken', 'taken']);
      expect(await cases.runEpoch(rootDue(2, OPEN))).toMatchObject({ kind: 'scored' });
      expect(await shares(2)).toEqual([
        [1, 700_000],
        [5, 300_000],
      ]);
      const { neurons } = await scored(2);
      expect(neurons.map(({ uid, incentiveRao, dividendRao }) => [uid, incentiveRao, dividendRao])).toEqual(
        [3, 4, 5].map((uid) => [uid, '0', '0']),
      );
      const before = await stored(2);
      expect(await cases.runEpoch(rootDue(2, OPEN))).toMatchObject({ kind: 'repeated' });
      expect(await stored(2)).toEqual(before);
    });

    test('replays to the byte, explains its members, and its metagraph has no markets in it', async () => {
      await cases.runEpoch(rootDue(1, OPEN));
      for (const uid of [3, 4]) await cases.set(uid, weigh(uid, 2, [70, 30]));
      await cases.runEpoch(rootDue(2, OPEN));
      expect(await cases.replayEpoch(ROOT_NETUID, 2, undefined)).toMatchObject({
        equal: true,
        inputsIntact: true,
        kernelAgrees: true,
        differences: [],
      });
      expect(await cases.explainNeuron({ netuid: ROOT_NETUID, uid: 3, index: 2 })).toMatchObject({ kind: 'explained' });
      const { neurons } = fromBinary(MetagraphSchema, (await cases.readMetagraph(ROOT_NETUID, 2))!);
      expect(neurons.map(({ uid }) => uid)).toEqual([3, 4, 5]);
      expect(neurons[0]?.why).toMatch(/agree with the consensus on 2 of 2 subnets/);
      expect(JSON.parse((await stored(2)).inputsJson)).toMatchObject({ due: { netuid: 0, subnets: SUBNETS } });
    });

    test.for<[string, number[], number[]]>([
      ['UNKNOWN_NETUID', [1, 2], [1, 1]],
      ['UNKNOWN_NETUID', [0, 1], [1, 1]],
      ['UIDS_NOT_ASCENDING', [5, 1], [1, 1]],
      ['DUPLICATE_UID', [5, 5], [1, 1]],
      ['ZERO_WEIGHTS', [1, 5], [0, 0]],
    ])('refuses %s', async ([code, uids, values]) => {
      await cases.runEpoch(rootDue(1, OPEN));
      expect(await cases.set(3, weigh(3, 2, values, uids))).toMatchObject({ refusal: { code } });
    });

    test('a member may weigh the market whose number is its own uid', async () => {
      await cases.runEpoch(rootDue(1, OPEN));
      expect(await cases.set(5, weigh(5, 2, [1], [5]))).toMatchObject({ kind: 'taken' });
    });

    test('who has no permit from the epoch before is refused, as on any subnet', async () => {
      await cases.runEpoch(rootDue(1, OPEN, { neurons: [neuron(3), neuron(4, { stake: 0n })] }));
      expect(await cases.set(4, weigh(4, 2, [1, 1]))).toMatchObject({ refusal: { code: 'NO_PERMIT' } });
    });

    test('a market that is no longer sealed takes no weight with it, one that came later has none yet', async () => {
      await cases.runEpoch(rootDue(1, OPEN));
      for (const uid of [3, 4]) await cases.set(uid, weigh(uid, 2, [70, 30]));
      const without = [{ netuid: 1, startBlock: 1 }, { netuid: 6, startBlock: 2 * TEMPO }]; // prettier-ignore
      await cases.runEpoch(rootDue(2, OPEN, { subnets: without }));
      expect(await shares(2)).toEqual([
        [1, 1_000_000],
        [6, 0],
      ]);
    });

    test('salted weights count an interval after their commit', async () => {
      await cases.runEpoch(rootDue(1, POLICY));
      const rows = [3, 4].map((uid) => [uid, weigh(uid, 2, [1, 4])] as const);
      for (const [uid, own] of rows) expect(await cases.commit(uid, own)).toMatchObject({ kind: 'taken' });
      await cases.runEpoch(rootDue(2, POLICY));
      expect(await shares(2)).toEqual([]);
      for (const [uid, own] of rows) expect(await cases.reveal(uid, own)).toMatchObject({ kind: 'taken' });
      await cases.runEpoch(rootDue(3, POLICY));
      expect(await shares(3)).toEqual([
        [1, 200_000],
        [5, 800_000],
      ]);
    });

    test('time-locked weights open with their round, and an unknown market is found then', async () => {
      const timelock: ScoringPolicy = { ...POLICY, commitReveal: { type: 'Timelock', revealPeriodEpochs: 1, beacon } };
      market.at(100);
      await cases.runEpoch(rootDue(1, timelock));
      for (const uid of [3, 4]) await cases.submit(market.locked(uid, weigh(uid, 2, [1, 1]), 110));
      await cases.submit(market.locked(5, weigh(5, 2, [1], [9]), 110));
      await cases.runEpoch(rootDue(2, timelock));
      market.at(111);
      await cases.openTimelocks(ROOT_NETUID);
      await cases.runEpoch(rootDue(3, timelock));
      expect(await shares(3)).toEqual([
        [1, 500_000],
        [5, 500_000],
      ]);
      const { neurons } = fromBinary(MetagraphSchema, (await cases.readMetagraph(ROOT_NETUID, 3))!);
      expect(neurons[2]).toMatchObject({ uid: 5, weightsReason: 'UNKNOWN_NETUID' });
    });
  });
}
