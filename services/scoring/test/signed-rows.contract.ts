import type { Database } from '@subnetes/runtime/sql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sqlSignedRows } from '#adapters/sql-signed-rows.ts';
import type { Submission } from '#application/accept-weights.ts';
import { makeReadSignedRows, type SignedRow } from '#application/read-signed-rows.ts';
import { epochDue, NETUID, POLICY } from './market.ts';
import { OFF, openWeightsMarket, row, TIMELOCK, type WeightsMarket } from './weights-market.ts';

/** What stands with the rows of an epoch for those who verify signatures themselves, on any database. */
export function signedRowsContract(name: string, open: () => Promise<Database>): void {
  describe(`${name}: signed rows`, () => {
    let database: Database;
    let market: WeightsMarket;
    let cases: WeightsMarket['cases'];

    beforeEach(async () => {
      database = await open();
      market = await openWeightsMarket(database);
      ({ cases } = market);
    });
    afterEach(() => database[Symbol.asyncDispose]());

    const rowsOf = async (index: number): Promise<readonly SignedRow[]> => {
      const read = makeReadSignedRows({ store: market.store, signedRows: sqlSignedRows(database) });
      return Array.fromAsync((await read(NETUID, index))!);
    };
    /** The submission in an envelope of its own. */
    const inEnvelope = (submission: Submission, ...bytes: number[]): Submission => ({
      ...submission,
      signed: { ...submission.signed, envelope: Uint8Array.from(bytes) },
    });
    const originsOf = async (index: number): Promise<unknown> =>
      (JSON.parse((await market.store.epoch(NETUID, index))!.inputsJson) as { readonly reports: unknown }).reports;

    test('in the open: the envelope, between the seals of its interval, for as long as the row counts', async () => {
      const policy = OFF;
      await cases.runEpoch(epochDue(1, { policy }));
      await cases.submit(inEnvelope(cases.setOf(3, row(3, 2)), 3));
      await cases.submit(inEnvelope(cases.setOf(4, row(4, 2)), 4));
      await cases.runEpoch(epochDue(2, { policy }));
      await cases.runEpoch(epochDue(3, { policy }));
      const known = { mechanismId: 0, commit: undefined, roundSignature: undefined, missed: undefined };
      const between = { sealedBefore: 1000, sealedAfter: 2000 };
      expect(await rowsOf(3)).toEqual([
        { validatorUid: 3, ...known, weights: Uint8Array.of(3), ...between },
        { validatorUid: 4, ...known, weights: Uint8Array.of(4), ...between },
      ]);
      expect(await originsOf(3)).toEqual([
        { validatorUid: 3, mechanismId: 0, source: 'Open', interval: 2, sequence: '1' },
        { validatorUid: 4, mechanismId: 0, source: 'Open', interval: 2, sequence: '2' },
      ]);
      expect(await rowsOf(1)).toEqual([]);
    });

    test('salted: commit and reveal, and what was missed since', async () => {
      await cases.runEpoch(epochDue(1));
      await cases.submit(inEnvelope(cases.commitOf(3, row(3, 2)), 2));
      await cases.runEpoch(epochDue(2));
      await cases.submit(inEnvelope(cases.revealOf(3, row(3, 2)), 20));
      await cases.submit(inEnvelope(cases.commitOf(3, row(3, 3)), 3));
      await cases.runEpoch(epochDue(3));
      await cases.runEpoch(epochDue(4));
      const own = { weights: Uint8Array.of(20), commit: Uint8Array.of(2), sealedBefore: 1000, sealedAfter: 2000 };
      expect(await rowsOf(3)).toMatchObject([{ ...own, missed: undefined }]);
      expect(await rowsOf(4)).toMatchObject([{ ...own, missed: Uint8Array.of(3) }]);
    });

    test('time-locked: the commit and the round that opened it, under the sequence of the commit', async () => {
      const policy = TIMELOCK;
      await cases.runEpoch(epochDue(1, { policy }));
      const commit = market.locked(3, row(3, 2), 100);
      await cases.submit(commit);
      await cases.runEpoch(epochDue(2, { policy }));
      market.at(100);
      await cases.openTimelocks();
      await cases.runEpoch(epochDue(3, { policy }));
      const [shown] = await rowsOf(3);
      expect(shown).toMatchObject({ weights: undefined, commit: commit.signed.envelope, missed: undefined });
      expect(shown!.roundSignature).toHaveLength(48);
      expect(await originsOf(3)).toMatchObject([
        { source: 'Timelock', sequence: String(commit.signed.sender.sequence) },
      ]);
    });

    test('more rows than are read at once come in the order of the inputs', async () => {
      const mechanisms = Array.from({ length: 12 }, (_, id) => ({ id, emissionWeight: 1 }));
      const policy = { ...OFF, weightsRateLimitBlocks: 0, mechanisms };
      await cases.runEpoch(epochDue(1, { policy }));
      for (const uid of [5, 4, 3]) {
        for (const { id } of mechanisms) {
          const outcome = await cases.submit(inEnvelope(cases.setOf(uid, row(uid, 2, { mechanismId: id })), uid, id));
          expect(outcome).toMatchObject({ kind: 'taken' });
        }
      }
      await cases.runEpoch(epochDue(2, { policy }));
      const rows = await rowsOf(2);
      expect(rows.map(({ weights }) => [...weights!])).toEqual(
        [3, 4, 5].flatMap((uid) => mechanisms.map(({ id }) => [uid, id])),
      );
    });

    test('a row that was taken after the block of its seal, while scoring was behind, is of that block', async () => {
      await cases.runEpoch(epochDue(1, { policy: OFF }));
      await market.store.observeBlock(44, 2001);
      await cases.set(3, row(3, 2));
      await cases.runEpoch(epochDue(2, { policy: OFF, nextPolicy: POLICY })); // sealed at block 41
      expect((await market.inputs(2))[3]).toMatchObject({ lastUpdate: 41 });
      await cases.runEpoch(epochDue(3));
      expect((await market.inputs(3))[3]).toMatchObject({ lastUpdate: 41 });
    });
  });
}
