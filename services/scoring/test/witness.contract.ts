import { fromBinary } from '@bufbuild/protobuf';
import { countWitnesses } from '@subnetes/keys/witness';
import { EpochScoredSchema } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import { migrate } from '@subnetes/runtime/migrate';
import type { Database } from '@subnetes/runtime/sql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Fenced, fencedDatabase, raiseTerm } from '#adapters/fenced-database.ts';
import { fromHex, toHex } from '#adapters/messages.ts';
import { sqlStore } from '#adapters/sql-store.ts';
import { sqlWitnesses } from '#adapters/sql-witnesses.ts';
import { statementOf, witnessedBytes } from '#adapters/witnessed-message.ts';
import { makePublishWitnessed } from '#application/publish-witnessed.ts';
import type { WitnessedEpoch } from '#application/witness-store.ts';
import { epochDue, NETUID, NETWORK_ID, playTo, useCases } from './market.ts';
import { MIGRATIONS } from './store.contract.ts';
import { KNOWN_KEYS, signatureBy, WITNESSES, witnessing } from './witnessing.ts';

/** What becomes of witnesses' signatures, on every database: run for each adapter with a fresh one a test. */
export function witnessContract(name: string, open: () => Promise<Database>): void {
  describe(`${name}: witnesses`, () => {
    let database: Database;
    let parts: ReturnType<typeof witnessing>;

    beforeEach(async () => {
      database = await open();
      await migrate(database, MIGRATIONS);
      await playTo(sqlStore(database), 3);
      parts = witnessing(database);
    });
    afterEach(() => database[Symbol.asyncDispose]());

    const submit = async (witness: number, index = 3) =>
      parts.submitWitness(NETUID, index, await signatureBy(parts.witnesses, witness, { index }));

    /** Publishes into a list; `during` is what happens while the first message is on its way. */
    const publish = async (during: () => Promise<unknown> = async () => {}): Promise<WitnessedEpoch[]> => {
      const told: WitnessedEpoch[] = [];
      const tell = async (epoch: WitnessedEpoch): Promise<void> => {
        told.push(epoch);
        if (told.length === 1) await during();
      };
      await makePublishWitnessed({ store: parts.witnesses, tell })();
      return told;
    };

    test('a right signature is taken once, however often it comes', async () => {
      expect(await submit(0)).toEqual({ kind: 'taken', repeated: false, witnesses: 1 });
      expect(await submit(0)).toEqual({ kind: 'taken', repeated: true, witnesses: 1 });
      expect(await submit(1)).toEqual({ kind: 'taken', repeated: false, witnesses: 2 });
      expect((await parts.witnesses.witnesses(NETUID, 3)).map(({ publicKey }) => toHex(publicKey)).toSorted()).toEqual(
        KNOWN_KEYS.toSorted(),
      );
      expect(await parts.witnesses.witnesses(NETUID, 2)).toEqual([]);
    });

    test('what is refused leaves nothing behind', async () => {
      const { submitWitness, witnesses } = parts;
      const right = await signatureBy(witnesses, 0, { index: 3 });
      const refusal = (reason: string) => ({ kind: 'refused', reason });
      expect(await submit(2)).toEqual(refusal('UNKNOWN_WITNESS'));
      expect(await submitWitness(NETUID, 4, right)).toEqual(refusal('UNKNOWN_EPOCH'));
      expect(await submitWitness(9, 3, right)).toEqual(refusal('UNKNOWN_EPOCH'));
      expect(await submitWitness(NETUID, 2, right)).toEqual(refusal('BAD_SIGNATURE'));
      const foreign = await signatureBy(witnesses, 0, { index: 3, networkId: 'cc'.repeat(32) });
      expect(await submitWitness(NETUID, 3, foreign)).toEqual(refusal('BAD_SIGNATURE'));
      const stolen = { ...right, publicKey: WITNESSES[1]!.publicKey };
      expect(await submitWitness(NETUID, 3, stolen)).toEqual(refusal('BAD_SIGNATURE'));
      expect(await submitWitness(NETUID, 3, { ...right, signature: new Uint8Array() })).toEqual(
        refusal('BAD_SIGNATURE'),
      );
      expect(await witnesses.witnesses(NETUID, 3)).toEqual([]);
      expect(await publish()).toEqual([]);
    });

    test('an epoch is told again with each signature that came, and only then', async () => {
      await submit(0);
      expect(await publish()).toMatchObject([{ netuid: NETUID, index: 3, sequence: 3, previousSequence: 2 }]);
      expect(await publish()).toEqual([]);
      await submit(1);
      const [told] = await publish();
      const { witnesses, ...message } = fromBinary(EpochScoredSchema, witnessedBytes(told!));
      const statement = statementOf(fromHex(NETWORK_ID))(told!.scored);
      expect(countWitnesses(statement, witnesses, KNOWN_KEYS)).toHaveLength(2);
      expect(message).toMatchObject({ netuid: NETUID, index: 3n, dueSequence: 3000n });
    });

    test('a witness that signs again has the epoch told again: the bus may have forgotten it', async () => {
      await submit(0);
      await publish();
      await submit(0);
      expect((await publish()).map(({ witnesses }) => witnesses.length)).toEqual([1]);
      expect(await publish()).toEqual([]);
    });

    test('a signature that comes while the epoch is being told is told as well', async () => {
      await submit(0);
      const told = await publish(() => submit(1));
      expect(told.map(({ witnesses }) => witnesses.length)).toEqual([1]);
      expect((await publish()).map(({ witnesses }) => witnesses.length)).toEqual([2]);
    });

    test('what was told and not marked is told again: an outage in between changes nothing', async () => {
      await submit(0);
      await expect(publish(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
      expect(await publish()).toHaveLength(1);
    });

    test('an epoch that is asked for again comes with its witnesses', async () => {
      await submit(0);
      await publish();
      await useCases(sqlStore(database)).runEpoch(epochDue(3));
      expect(await publish()).toMatchObject([{ index: 3 }]);
    });

    test('signatures need no leader; taking them out of the outbox does', async () => {
      const first = fencedDatabase(database, { term: await raiseTerm(database), passed: () => {} });
      await submit(0);
      const waiting = await sqlWitnesses(first).unpublishedWitnessed(10);
      await raiseTerm(database);
      await expect(sqlWitnesses(first).markWitnessesPublished(waiting)).rejects.toThrow(Fenced);
      expect(await publish()).toHaveLength(1);
    });
  });
}
