import { migrate } from '@subnetes/runtime/migrate';
import type { Database } from '@subnetes/runtime/sql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Fenced, fencedDatabase, raiseTerm } from '#adapters/fenced-database.ts';
import { sqlStore } from '#adapters/sql-store.ts';
import type { Store } from '#application/ports.ts';
import { epochDue, NETUID, playTo, useCases, weights } from './market.ts';
import { MIGRATIONS } from './store.contract.ts';
import { beacon } from './weights-market.ts';

/** What a leader may and a standby learns, on every database: run for each adapter with a fresh one a test. */
export function leaderContract(name: string, open: () => Promise<Database>): void {
  describe(`${name}: leader and standby`, () => {
    let database: Database;
    let store: Store;

    beforeEach(async () => {
      database = await open();
      await migrate(database, MIGRATIONS);
      store = sqlStore(database);
    });
    afterEach(() => database[Symbol.asyncDispose]());

    test('what a leader of an earlier term writes is refused, and it is told that its turn is over', async () => {
      const passed: bigint[] = [];
      const leaderOf = (term: bigint): Store =>
        sqlStore(fencedDatabase(database, { term, passed: () => passed.push(term) }));
      const first = leaderOf(await raiseTerm(database));
      await first.observeBlock(7, 70);
      const second = leaderOf(await raiseTerm(database));
      const writes = [
        () => first.observeBlock(8, 80),
        () => useCases(first).runEpoch(epochDue(1)),
        () => first.markPublished([1]),
        () => first.keepEarly(NETUID, 5, Uint8Array.of(1)),
        () => first.dropEarly(NETUID, 5),
        () => first.keepRound(beacon, 9, Uint8Array.of(1)),
      ];
      for (const write of writes) await expect(write()).rejects.toThrow(Fenced);
      expect(passed).toEqual(writes.map(() => 1n));
      expect(await first.position()).toEqual({ block: 7, sequence: 70 });
      expect(await useCases(second).runEpoch(epochDue(1))).toMatchObject({ kind: 'scored' });
      expect(await useCases(store).commit(3, weights(3, 2))).toMatchObject({ repeated: false }); // weights need no leader
    });

    test('what was scored since is told by subnet', async () => {
      const { sequence } = await store.scoredSince(undefined);
      expect(sequence).toBe(0);
      await playTo(store, 2);
      await useCases(store).runEpoch(epochDue(1, { netuid: 9 }));
      const news = await store.scoredSince(1);
      expect(news).toMatchObject({ sequence: 3 });
      expect(news.netuids.toSorted((left, right) => left - right)).toEqual([NETUID, 9]);
      expect(await store.scoredSince(news.sequence)).toEqual({ sequence: 3, netuids: [] });
      expect(await store.scoredSince(undefined)).toEqual({ sequence: 3, netuids: [] });
    });
  });
}
