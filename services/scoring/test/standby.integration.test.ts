import { waitFor } from '@subnetes/testkit/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SUBNET_LOCK } from '#adapters/sql-store.ts';
import { type HeldProxy, startHeldProxy } from './held-proxy.ts';
import { NETUID, VALIDATORS } from './market.ts';
import { playMarket, type PlayedMarket, type Replica } from './played-market.ts';
import { commitOf, revealOf } from './signed-weights.ts';

/**
 * Two processes of scoring on one PostgreSQL and one nats-server, the leader of which is killed or stopped at one point
 * after the other. Tests follow each other: each continues the market where the one before left it.
 */
const teardown = new AsyncDisposableStack();
let market: PlayedMarket;
let leader: Replica & { readonly bus: HeldProxy };
let standby: Replica & { readonly bus: HeldProxy };

async function startReplica(): Promise<Replica & { readonly bus: HeldProxy }> {
  const bus = teardown.use(await startHeldProxy(Number(new URL(market.natsUrl).port)));
  return { ...(await market.startReplica(`nats://127.0.0.1:${bus.port}`)), bus };
}

/** The standby leads; another one stands by. */
async function afterTakeOver(): Promise<void> {
  await waitFor('the standby to lead', () => standby.leads());
  leader = standby;
  standby = await startReplica();
}

/** Stops the leader's transaction of the next epoch at its first lock, until it is let go. */
async function heldSubnet(): Promise<{ readonly reached: Promise<unknown>; letGo(): Promise<void> }> {
  const locked = Promise.withResolvers<void>();
  const letGo = Promise.withResolvers<void>();
  const holding = market.database.transaction(async (sql) => {
    await sql.query('SELECT pg_advisory_xact_lock($1, $2)', [SUBNET_LOCK, NETUID]);
    locked.resolve();
    await letGo.promise;
  });
  await locked.promise;
  const isWaiting = async (): Promise<boolean> => {
    const waiting = await market.database.query(
      `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND classid = $1`,
      [SUBNET_LOCK],
    );
    return waiting.length > 0;
  };
  return {
    reached: waitFor('the epoch to wait for its subnet', isWaiting),
    letGo: async () => {
      letGo.resolve();
      await holding;
    },
  };
}

const incentives = (epoch: { readonly neurons: readonly { readonly incentiveU16: number }[] }): number[] =>
  epoch.neurons.map(({ incentiveU16 }) => incentiveU16);

beforeAll(async () => {
  market = await playMarket(teardown);
  leader = await startReplica();
  await waitFor('the first replica to lead', () => leader.leads());
  standby = await startReplica();
});
afterAll(() => teardown.disposeAsync());

test('one leads; the other is ready, reads, and takes weights', async () => {
  expect(await standby.leads()).toBe(false);
  await market.due(1);
  await market.untilScored(1);
  expect(await standby.rpc.getMetagraph({ netuid: NETUID })).toMatchObject({ epochIndex: 1n });
  const [first, ...others] = VALIDATORS;
  await leader.rpc.commitWeights({ commits: [commitOf(first, 2)] });
  for (const uid of others) await standby.rpc.commitWeights({ commits: [commitOf(uid, 2)] });
});

test('those who watch a standby see what the leader scores', async () => {
  const stop = new AbortController();
  const seen: bigint[] = [];
  const watching = (async () => {
    for await (const { epochIndex } of standby.rpc.watchMetagraph({ netuid: NETUID }, { signal: stop.signal })) {
      seen.push(epochIndex);
      if (epochIndex === 2n) return;
    }
  })();
  await waitFor('the first metagraph', () => seen.includes(1n));
  await market.due(2);
  await watching;
  expect(seen).toEqual([1n, 2n]);
});

test('killed within an epoch: the standby scores it, with every reveal that was taken', async () => {
  const { results } = await leader.rpc.revealWeights({ reveals: VALIDATORS.map((uid) => revealOf(uid, 2)) });
  expect(results.map(({ ok }) => ok)).toEqual([true, true, true]);
  const subnet = await heldSubnet();
  await market.due(3);
  await subnet.reached;
  await leader.process.stop('SIGKILL');
  await subnet.letGo();
  expect(incentives(await market.untilScored(3))).toEqual([32_767, 21_844, 10_922, 0, 0, 0]);
  await afterTakeOver();
});

test('killed between the commit of an epoch and its publication: the standby publishes that very epoch', async () => {
  leader.bus.hold();
  await market.due(4);
  const [stored] = await waitFor('the epoch to be stored', async () => {
    const rows = await market.database.query<{ outputs_sha256: string; published: boolean }>(
      'SELECT outputs_sha256, published FROM epochs WHERE netuid = $1 AND epoch_index = 4',
      [NETUID],
    );
    return rows.length > 0 && rows;
  });
  expect(stored?.published).toBe(false);
  expect(market.scored.some(({ index }) => index === 4n)).toBe(false);
  await leader.process.stop('SIGKILL');
  const published = await market.untilScored(4);
  expect(Buffer.from(published.outputsSha256).toString('hex')).toBe(stored?.outputs_sha256);
  await afterTakeOver();
});

test('killed right after it took a commit: the commit stands', async () => {
  for (const uid of VALIDATORS) await leader.rpc.commitWeights({ commits: [commitOf(uid, 5)] });
  await leader.process.stop('SIGKILL');
  await market.due(5);
  await market.untilScored(5);
  await afterTakeOver();
  const { results } = await standby.rpc.revealWeights({ reveals: VALIDATORS.map((uid) => revealOf(uid, 5)) });
  expect(results.map(({ ok }) => ok)).toEqual([true, true, true]);
});

test('a leader that goes silent within an epoch loses its lease, and stands by when it comes back', async () => {
  const silent = leader;
  const subnet = await heldSubnet();
  await market.due(6);
  await subnet.reached;
  process.kill(silent.process.pid, 'SIGSTOP');
  await subnet.letGo();
  await market.untilScored(6);
  await waitFor('the standby to lead', () => standby.leads());
  process.kill(silent.process.pid, 'SIGCONT');
  await waitFor('the one before to stand by', async () => !(await silent.leads()));
  await market.due(7);
  await market.untilScored(7);
  await standby.process.stop('SIGKILL');
  await market.due(8);
  await market.untilScored(8);
  expect(await silent.leads()).toBe(true);
  standby = await startReplica();
});

test('SIGTERM hands over without an epoch lost', async () => {
  await market.due(9);
  await leader.process.stop('SIGTERM');
  expect(await leader.process.exited).toBe(0);
  await market.due(10);
  await market.untilScored(10);
});

test('no epoch was scored twice, none is missing, and a standby replays them all', async () => {
  const rows = await market.database.query<{ sequence: string; epoch_index: string; sha: string }>(
    `SELECT sequence::text, epoch_index::text, outputs_sha256 AS sha FROM epochs ORDER BY epochs.sequence`,
  );
  expect(rows.map(({ epoch_index: index }) => Number(index))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(rows.map(({ sequence }) => Number(sequence))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const shas = new Map(rows.map(({ epoch_index: index, sha }) => [BigInt(index), sha]));
  for (const { index, outputsSha256 } of market.scored) {
    expect(Buffer.from(outputsSha256).toString('hex')).toBe(shas.get(index));
  }
  for (const index of shas.keys()) {
    expect(await standby.rpc.replayEpoch({ netuid: NETUID, index })).toMatchObject({ equal: true });
  }
});
