import { fileURLToPath } from 'node:url';
import { fromBinary } from '@bufbuild/protobuf';
import { EpochScoredSchema } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import { MetagraphSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { migrate } from '@subnetes/runtime/migrate';
import type { Database } from '@subnetes/runtime/sql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sqlStore } from '#adapters/sql-store.ts';
import type { Store } from '#application/ports.ts';
import { EarlierEpochMissing } from '#application/run-epoch.ts';
import type { StoredCommit } from '#domain/commit.ts';
import {
  epochDue,
  NETUID,
  NETWORK_ID,
  neuron,
  NEURONS,
  playTo,
  POLICY,
  registrationOf,
  useCases,
  weights,
} from './market.ts';

export const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));

const STORED_COMMIT: StoredCommit = {
  netuid: NETUID,
  mechanismId: 0,
  interval: 2,
  kind: 'Salted',
  hash: 'x',
  registrationId: registrationOf(3),
  block: 1,
  revealInterval: 3,
  revealed: false,
  opensAt: undefined,
  failure: undefined,
};

/** What scoring does must be the same on every database: run for each adapter with a fresh one a test. */
export function storeContract(name: string, open: () => Promise<Database>): void {
  describe(`${name}: the store`, () => {
    let database: Database;
    let store: Store;

    beforeEach(async () => {
      database = await open();
      await migrate(database, MIGRATIONS);
      store = sqlStore(database);
    });
    afterEach(() => database[Symbol.asyncDispose]());

    const scored = async (index: number) => fromBinary(EpochScoredSchema, (await store.epoch(NETUID, index))!.scored);
    const metagraph = async (index?: number) =>
      fromBinary(MetagraphSchema, (await useCases(store).readMetagraph(NETUID, index))!);

    test('a migration runs once, however often a service starts', async () => {
      await store.observeBlock(9, 9);
      await migrate(database, MIGRATIONS);
      expect(await store.position()).toEqual({ block: 9, sequence: 9 });
    });

    test('a store belongs to one network for ever', async () => {
      expect(await store.bindNetwork(NETWORK_ID)).toBe(true);
      expect(await store.bindNetwork(NETWORK_ID)).toBe(true);
      expect(await store.bindNetwork('cc'.repeat(32))).toBe(false);
      expect(await store.networkId()).toBe(NETWORK_ID);
    });

    test('the block never goes back', async () => {
      await store.observeBlock(7, 70);
      await store.observeBlock(5, 50);
      expect(await store.position()).toEqual({ block: 7, sequence: 70 });
    });

    test('the first epoch pays validators by stake and gives out the permits', async () => {
      await playTo(store, 1);
      const { neurons } = await scored(1);
      expect(neurons.map(({ incentiveRao }) => incentiveRao)).toEqual(['0', '0', '0', '0', '0', '0']);
      expect(neurons.map(({ validatorPermit }) => validatorPermit)).toEqual([false, false, false, true, true, true]);
      expect(neurons.map(({ dividendRao }) => Number(dividendRao) / 1e9)).toEqual(
        [0, 0, 0, 9, 7, 4].map((share) => expect.closeTo(share, 6)),
      );
    });

    test('miners earn from the third epoch on, by the weights of the second interval', async () => {
      const cases = await playTo(store, 2);
      expect((await metagraph(2)).neurons.map(({ incentiveU16 }) => incentiveU16)).toEqual([0, 0, 0, 0, 0, 0]);
      for (const uid of [3, 4, 5]) expect(await cases.reveal(uid, weights(uid, 2))).toMatchObject({ repeated: false });
      await cases.runEpoch(epochDue(3));
      const { neurons } = await scored(3);
      expect(neurons.map(({ incentiveU16 }) => incentiveU16)).toEqual([32767, 21844, 10922, 0, 0, 0]);
      const paid = neurons.reduce((sum, each) => sum + BigInt(each.incentiveRao) + BigInt(each.dividendRao), 0n);
      expect(paid).toBeLessThanOrEqual(20_000_000_000n);
      expect(paid).toBeGreaterThan(19_999_999_900n);
      expect((await metagraph(3)).validatorsRevealed).toBe(3);
      expect((await metagraph()).neurons[0]).toMatchObject({ whyReason: 'Earning', loss: 0.005, judged: 60 });
    });

    test('a repeated epoch changes nothing, one that came too early waits', async () => {
      const cases = await playTo(store, 3);
      const before = await store.epoch(NETUID, 3);
      expect(await cases.runEpoch(epochDue(3))).toMatchObject({ kind: 'repeated' });
      expect(await cases.runEpoch(epochDue(1))).toMatchObject({ kind: 'repeated' });
      expect(await store.epoch(NETUID, 3)).toEqual(before);
      await expect(cases.runEpoch(epochDue(5))).rejects.toThrow(EarlierEpochMissing);
      expect((await store.subnet(NETUID))?.interval).toBe(4);
    });

    test('what is committed after the seal belongs to the next interval', async () => {
      const cases = await playTo(store, 1);
      const early = weights(3, 2);
      await cases.runEpoch(epochDue(2));
      expect(await cases.commit(3, early)).toMatchObject({ refusal: { code: 'WRONG_INTERVAL' } });
      expect(await cases.commit(3, weights(3, 3))).toMatchObject({ repeated: false, revealInterval: 4 });
    });

    test('a commit that could not be written changes nothing', async () => {
      const cases = await playTo(store, 1);
      const failing = store.inSubnet(NETUID, async (transaction) => {
        const evidence = { sequence: 1n, envelope: Uint8Array.of() };
        await transaction.putBatch({ commits: [{ commit: STORED_COMMIT, evidence }], rows: [], sequences: [] });
        throw new Error('power cut');
      });
      await expect(failing).rejects.toThrow('power cut');
      expect(await cases.commit(3, weights(3, 2))).toMatchObject({ repeated: false });
    });

    test('two commits at once: one is taken', async () => {
      const cases = await playTo(store, 1);
      const outcomes = await Promise.all([
        cases.commit(3, weights(3, 2)),
        cases.commit(3, weights(3, 2, { values: [1, 2, 3] })),
      ]);
      expect(outcomes.filter(({ kind }) => kind === 'taken')).toHaveLength(1);
      expect(outcomes.find(({ kind }) => kind === 'refused')).toMatchObject({ refusal: { code: 'COMMIT_EXISTS' } });
    });

    test('a missed reveal is named, and the older weights stay in force', async () => {
      const cases = await playTo(store, 3);
      for (const uid of [4, 5]) await cases.reveal(uid, weights(uid, 3));
      await cases.runEpoch(epochDue(4));
      const after = await metagraph(4);
      expect(after.neurons[3]).toMatchObject({ weightsState: 4, whyReason: 'NoWeights' });
      expect(after.neurons[0]!.incentiveU16).toBe(32_767);
      expect(after.validatorsRevealed).toBe(2);
    });

    test('a uid that is used again inherits neither weights nor bonds nor a permit', async () => {
      const cases = await playTo(store, 3);
      const newcomer = neuron(0, { registrationId: registrationOf(0, 1), hotkey: 'someone else', registeredAt: 75 });
      const lateValidator = neuron(5, { registrationId: registrationOf(5, 1), registeredAt: 75 });
      const neurons = [newcomer, ...NEURONS.slice(1, 5), lateValidator];
      await cases.runEpoch(epochDue(4, { neurons }));
      const { mechanisms } = JSON.parse((await store.epoch(NETUID, 4))!.inputsJson) as {
        mechanisms: { epoch: { neurons: { weights: number[][]; bonds: number[][]; permit: boolean }[] } }[];
      };
      const inputs = mechanisms[0]!.epoch.neurons;
      expect(inputs[3]).toMatchObject({
        weights: [
          [1, 43_690],
          [2, 21_845],
        ],
        permit: true,
      });
      expect(inputs[3]!.bonds.map(([uid]) => uid)).toEqual([1, 2]);
      expect(inputs[5]).toMatchObject({ weights: [], bonds: [], permit: false });
      expect((await scored(4)).neurons[0]!.incentiveRao).toBe('0');
    });

    test('a uid without a neuron is a slot that nobody can rate', async () => {
      const cases = await playTo(store, 3);
      await cases.runEpoch(epochDue(4, { neurons: NEURONS.filter(({ uid }) => uid !== 1) }));
      const { neurons } = await scored(4);
      expect(neurons.map(({ uid }) => uid)).toEqual([0, 2, 3, 4, 5]);
      expect(neurons[0]!.incentiveU16 + neurons[1]!.incentiveU16).toBeGreaterThanOrEqual(65_533);
    });

    test('a subnet without neurons has epochs all the same, and pays nobody', async () => {
      const cases = useCases(store);
      expect(await cases.runEpoch(epochDue(1, { neurons: [] }))).toMatchObject({ kind: 'scored' });
      const { unattributed } = JSON.parse((await store.epoch(NETUID, 1))!.outputsJson) as { unattributed: string };
      expect(unattributed).toBe('20000000000');
      expect((await scored(1)).neurons).toEqual([]);
    });

    test('older news of the ledger changes nothing', async () => {
      const cases = await playTo(store, 1);
      const registration = { ...neuron(3), netuid: NETUID, ended: false };
      await cases.followLedger({
        kind: 'registration',
        sequence: 3000,
        block: 22,
        registration: { ...registration, ended: true },
      });
      await cases.followLedger({ kind: 'registration', sequence: 2000, block: 22, registration });
      await cases.followLedger({
        kind: 'subnet',
        sequence: 500,
        block: 3,
        netuid: NETUID,
        startBlock: 99,
        policy: { ...POLICY, version: 0 },
      });
      expect(await cases.commit(3, weights(3, 2))).toMatchObject({ refusal: { code: 'REGISTRATION_ENDED' } });
      expect(await store.subnet(NETUID)).toMatchObject({ startBlock: 1, policy: { version: 1 } });
    });

    test('the outbox keeps the order and forgets what was published', async () => {
      const cases = await playTo(store, 3);
      const waiting = await store.unpublished(2);
      expect(waiting.map(({ index, sequence, previousSequence }) => [index, sequence, previousSequence])).toEqual([
        [1, 1, 0],
        [2, 2, 1],
      ]);
      await store.markPublished([1]);
      expect((await store.unpublished(10)).map(({ index }) => index)).toEqual([2, 3]);
      await store.markPublished([2, 3]);
      await cases.runEpoch(epochDue(2));
      expect(await store.unpublished(10)).toEqual([]);
      await cases.runEpoch(epochDue(3)); // the newest epoch told again: its outputs may have been lost
      expect((await store.unpublished(10)).map(({ index }) => index)).toEqual([3]);
    });

    test('an early epoch is kept until its predecessor has been scored', async () => {
      await store.keepEarly(NETUID, 5, Uint8Array.of(1));
      await store.keepEarly(NETUID, 5, Uint8Array.of(2));
      expect(await store.early(NETUID, 5)).toEqual(Uint8Array.of(1));
      expect(await store.early(2, 5)).toBeUndefined();
      await store.dropEarly(NETUID, 5);
      expect(await store.early(NETUID, 5)).toBeUndefined();
    });

    test('epochs are listed newest first, a page at a time', async () => {
      await playTo(store, 4);
      const first = await store.listEpochs(NETUID, { before: undefined, limit: 3 });
      expect(first.map(({ index }) => index)).toEqual([4, 3, 2]);
      expect(first.map(({ incentivesAboveZero }) => incentivesAboveZero)).toEqual([true, true, false]);
      expect(first[0]).toMatchObject({ pot: 23_600_000_000n, yumaVersion: 3, revealed: 3 });
      expect((await store.listEpochs(NETUID, { before: 2, limit: 3 })).map(({ index }) => index)).toEqual([1]);
    });

    test('an epoch replays to what is stored, and a changed input is found', async () => {
      const cases = await playTo(store, 3);
      expect(await cases.replayEpoch(NETUID, undefined)).toMatchObject({ index: 3, equal: true });
      expect(await cases.replayEpoch(NETUID, 1)).toMatchObject({ index: 1, equal: true });
      expect(await cases.replayEpoch(NETUID, 9)).toBeUndefined();
      await database.query(
        `UPDATE epochs SET inputs_json = replace(inputs_json, '43690', '43691') WHERE epoch_index = 3`,
      );
      expect(await cases.replayEpoch(NETUID, 3)).toMatchObject({ equal: false });
    });

    test('an explanation names every validator and the next better miner', async () => {
      const cases = await playTo(store, 3);
      const outcome = await cases.explainNeuron({ netuid: NETUID, uid: 1, index: undefined });
      expect(outcome).toMatchObject({
        kind: 'explained',
        explanation: { consensus: '0.333333333', nextBetter: { uid: 0, distance: '0.166666666' } },
      });
      const { given } = outcome.kind === 'explained' ? outcome.explanation : { given: [] };
      expect(given.map(({ validatorUid, gave }) => [validatorUid, gave])).toEqual(
        [3, 4, 5].map((uid) => [uid, '0.333333333']),
      );
      expect(await cases.explainNeuron({ netuid: NETUID, uid: 77, index: 3 })).toEqual({ kind: 'no-neuron', index: 3 });
      expect(await cases.explainNeuron({ netuid: 2, uid: 0, index: undefined })).toEqual({ kind: 'no-epoch' });
    });

    test('mechanisms have weights of their own and share the pot to the rao', async () => {
      const policy = {
        ...POLICY,
        mechanisms: [
          { id: 0, emissionWeight: 2 },
          { id: 4, emissionWeight: 1 },
        ],
      };
      const cases = useCases(store);
      await cases.runEpoch(epochDue(1, { policy }));
      expect(await store.position()).toEqual({ block: 21, sequence: 1000 }); // the seal tells the block too
      const onFourth = { mechanismId: 4, uids: [2], values: [65_535] };
      for (const uid of [3, 4, 5]) {
        await cases.commit(uid, weights(uid, 2));
        await cases.commit(uid, weights(uid, 2, onFourth));
      }
      await cases.runEpoch(epochDue(2, { policy }));
      for (const uid of [3, 4, 5]) {
        expect(await cases.reveal(uid, weights(uid, 2))).toMatchObject({ repeated: false });
        expect(await cases.reveal(uid, weights(uid, 2, onFourth))).toMatchObject({ repeated: false });
      }
      await cases.runEpoch(epochDue(3, { policy }));
      const rao = (await scored(3)).neurons.map(({ incentiveRao }) => Number(incentiveRao) / 1e9);
      expect(rao.slice(0, 3)).toEqual([10 / 3, 20 / 9, 10 / 9 + 10 / 3].map((share) => expect.closeTo(share, 5)));
    });
  });
}
