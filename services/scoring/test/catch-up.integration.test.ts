import { waitFor } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlStore } from '#adapters/sql-store.ts';
import { playMarket, type PlayedMarket } from './played-market.ts';

const NETUIDS = [1, 2, 3];
const teardown = new AsyncDisposableStack();
let market: PlayedMarket;

beforeAll(async () => {
  market = await playMarket(teardown);
});
afterAll(() => teardown.disposeAsync());

/** Indexes as they were published, by subnet. */
const published = (netuid: number): number[] =>
  market.scored.filter((each) => each.netuid === netuid).map(({ index }) => Number(index));

async function epochs(): Promise<readonly unknown[]> {
  return market.database.query(
    'SELECT netuid, epoch_index, sequence, previous_sequence, inputs_sha256, outputs_sha256 FROM epochs ORDER BY sequence',
  );
}

test('after a downtime of several epochs every subnet is caught up with, in order', async () => {
  // Reordered and repeated, as a bus may; nobody is there to take them.
  for (const index of [2, 1, 3, 1, 4, 2]) for (const netuid of NETUIDS) await market.due(index, netuid);
  await market.startReplica();
  for (const netuid of NETUIDS) await market.untilScored(4, netuid);
  for (const netuid of NETUIDS) expect([...new Set(published(netuid))]).toEqual([1, 2, 3, 4]);
  const store = sqlStore(market.database);
  for (const netuid of NETUIDS) {
    const listed = await store.listEpochs(netuid, { before: undefined, limit: 10 });
    expect(listed.map(({ index }) => index)).toEqual([4, 3, 2, 1]);
    expect(await store.early(netuid, 2)).toBeUndefined();
  }
  const sequences = await market.database.query<{ sequence: bigint }>('SELECT sequence FROM epochs ORDER BY 1');
  expect(sequences.map(({ sequence }) => Number(sequence))).toEqual(Array.from({ length: 12 }, (_, at) => at + 1));
});

test('seals that come late, again or too early change nothing of what was scored', async () => {
  const before = await epochs();
  for (const index of [3, 1, 2, 1, 4]) for (const netuid of NETUIDS) await market.due(index, netuid);
  for (const netuid of NETUIDS) await market.due(6, netuid);
  for (const netuid of NETUIDS) await market.due(5, netuid);
  for (const netuid of NETUIDS) await market.untilScored(6, netuid);
  expect((await epochs()).slice(0, before.length)).toEqual(before);
  // The newest epoch told again is published again, as it was: its outputs may have been lost.
  await waitFor('the outbox to be empty', async () => {
    const waiting = await market.database.query('SELECT 1 FROM epochs WHERE NOT published');
    return waiting.length === 0;
  });
  for (const netuid of NETUIDS) expect([...new Set(published(netuid))]).toEqual([1, 2, 3, 4, 5, 6]);
});
