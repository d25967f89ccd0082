import { fromBinary } from '@bufbuild/protobuf';
import { MetagraphSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { migrate } from '@subnetes/runtime/migrate';
import type { Database } from '@subnetes/runtime/sql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sqlStore } from '#adapters/sql-store.ts';
import type { Store } from '#application/ports.ts';
import { makeShowEpochs } from '#application/show-epochs.ts';
import { epochDue, NETUID, playTo, weights } from './market.ts';
import { MIGRATIONS } from './store.contract.ts';

/** What is made of an epoch after it was published, on every database: run for each adapter with a fresh one a test. */
export function metagraphContract(name: string, open: () => Promise<Database>): void {
  describe(`${name}: metagraphs`, () => {
    let database: Database;
    let store: Store;

    beforeEach(async () => {
      database = await open();
      await migrate(database, MIGRATIONS);
      store = sqlStore(database);
    });
    afterEach(() => database[Symbol.asyncDispose]());

    test('a metagraph is made when somebody asks, kept, and the same however late it is made', async () => {
      const cases = await playTo(store, 4);
      expect(await store.metagraph(NETUID, 4)).toEqual({ index: 4, metagraph: undefined });
      const [made, again] = await Promise.all([cases.readMetagraph(NETUID, 4), cases.readMetagraph(NETUID, undefined)]);
      expect(again).toEqual(made);
      expect(await store.metagraph(NETUID, undefined)).toEqual({ index: 4, metagraph: made });
      for (const uid of [3, 4, 5]) {
        const report = { replayDay: '2010-03-01', miners: [] };
        expect(await cases.reveal(uid, weights(uid, 4, { report }))).toMatchObject({ repeated: false });
      }
      await cases.runEpoch(epochDue(5));
      await database.query('UPDATE epochs SET metagraph = NULL WHERE epoch_index = 4');
      expect(await cases.readMetagraph(NETUID, 4)).toEqual(made);
      expect(await cases.readMetagraph(NETUID, 9)).toBeUndefined();
    });

    test('the newest epoch of each subnet is shown once, and again when it is asked for again', async () => {
      const cases = await playTo(store, 2);
      await cases.runEpoch(epochDue(1, { netuid: 9 }));
      const shown: (readonly [number, bigint])[] = [];
      const showEpochs = makeShowEpochs({
        store,
        readMetagraph: cases.readMetagraph,
        publisher: { openBucket: () => Promise.resolve(), metagraph: () => Promise.resolve() },
        quiet: () => Promise.resolve(),
        shown: (netuid, metagraph) => shown.push([netuid, fromBinary(MetagraphSchema, metagraph).epochIndex]),
      });
      await showEpochs(AbortSignal.abort());
      expect(shown).toEqual([]);
      const { signal } = new AbortController();
      await showEpochs(signal);
      await showEpochs(signal);
      expect(shown).toEqual([
        [NETUID, 2n],
        [9, 1n],
      ]);
      expect((await store.metagraph(NETUID, 1))?.metagraph).toBeUndefined();
      await cases.runEpoch(epochDue(2));
      await showEpochs(signal);
      expect(shown.slice(2)).toEqual([[NETUID, 2n]]);
    });
  });
}
