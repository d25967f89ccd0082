import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fromBinary } from '@bufbuild/protobuf';
import type { Bus } from '@subnetes/bus/bus';
import { openNatsBus } from '@subnetes/bus/nats-bus';
import { ALL_EPOCHS_SCORED, epochDueSubject, ledgerMessageId } from '@subnetes/bus/subjects';
import { EpochScoredSchema } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import { migrate } from '@subnetes/runtime/migrate';
import { openDatabase } from '@subnetes/runtime/postgres';
import { sqlStore } from '@subnetes/scoring/adapters/sql-store';
import type { Store } from '@subnetes/scoring/application/ports';
import { startNats } from '@subnetes/testkit/nats';
import { startPostgres } from '@subnetes/testkit/postgres';
import { type ServerProcess, temporaryFolder, waitFor } from '@subnetes/testkit/processes';
import { commitAll, dueBytes, revealAll, type Size } from './scoring/market.ts';
import { bundleScoring, cpuSecondsOf, memoryOf, startReplica } from './scoring/replica.ts';

const SUBNETS = 64;
const SIZE: Size = { validators: 64, miners: 192 };
const IDLE_EPOCHS = 120;
const CHAINED_EPOCHS = 60;
const TAKEOVERS = 5;
const WAIT_MS = 300_000;
const NETWORK_ID = 'aa'.repeat(32);
const MIGRATIONS = fileURLToPath(new URL('../../services/scoring/migrations', import.meta.url));

const PARTS = ['burst', 'alone', 'takeovers'] as const;

export const SCORING_BENCH_HELP = `npm run bench -- scoring [--json] [--only PART,…]

Measures scoring as a process of its own, bundled as in its image, with the heap that the chart gives it (scoring.burstRoom), on
a PostgreSQL (fsync on) and a nats-server that it starts itself.

  --only PARTS  comma-separated: ${PARTS.join(', ')}; without burst one subnet is scored instead of ${SUBNETS} before the others`;

/**
 * Scoring as a process, on a PostgreSQL that syncs and a nats-server: all subnets due in one block, one subnet due alone,
 * memory after both, and how long an epoch waits when the leader is killed under it. The bench plays the ledger.
 */
export async function measureScoring(
  progress: (line: string) => void,
  args: readonly string[] = [],
): Promise<Record<string, unknown>> {
  const wants = partsOf(args);
  await using teardown = new AsyncDisposableStack();
  const nats = teardown.use(await startNats());
  const postgres = teardown.use(await startPostgres({ fsync: true }));
  const url = await postgres.createDatabase('scoring');
  const database = teardown.use(await openDatabase({ url }));
  await migrate(database, MIGRATIONS);
  const store = sqlStore(database);
  await store.bindNetwork(NETWORK_ID);
  const bus = teardown.use(await openNatsBus({ url: nats.url, name: 'ledger' }));
  const ledger = await playLedger(bus, teardown);
  const program = await bundleScoring(teardown.use(await temporaryFolder('scoring')).path);
  const start = (): Promise<ServerProcess> => startReplica(program, { database: url, nats: nats.url });
  const leader = teardown.use(await start());

  const netuids = Array.from({ length: wants('burst') ? SUBNETS : 1 }, (_, at) => at + 1);
  const burst = await measureBurst({ ledger, leader, store, netuids, progress });
  const afterBurst = await memoryOf(leader);
  const alone = wants('alone') ? await measureAlone(ledger, store, progress) : {};
  const [load = 0] = loadavg();
  const memory = await memoryOf(leader);
  const first = wants('alone') ? FIRST_IDLE_EPOCH + IDLE_EPOCHS : FIRST_CHAINED_EPOCH;
  const taken = { ledger, leader, teardown, progress, first, start };
  const takeovers = wants('takeovers') ? await measureTakeovers(taken) : {};
  return {
    subnets: netuids.length,
    ...SIZE,
    ...burst,
    ...alone,
    rssMb: memory.rssMb,
    rssAfterBurstMb: afterBurst.rssMb,
    rssPeakMb: memory.peakMb,
    ...takeovers,
    // Of the last minute, this bench included: where other work wants the processors too, milliseconds tell of that.
    loadAverage: round(load, 1),
  };
}

function partsOf(args: readonly string[]): (part: (typeof PARTS)[number]) => boolean {
  const { values } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean' }, only: { type: 'string', default: PARTS.join(',') } },
  });
  const wanted = values.only.split(',');
  const unknown = wanted.find((part) => !PARTS.some((known) => known === part));
  if (unknown !== undefined) throw new Error(`--only: there is no part ${unknown}, only ${PARTS.join(', ')}`);
  return (part) => wanted.includes(part);
}

interface PlayedLedger {
  due(netuid: number, index: number): Promise<void>;
  scored(netuid: number, index: number): Promise<void>;
}

/** Seals epochs and sees them scored, as the ledger does. */
async function playLedger(bus: Bus, teardown: AsyncDisposableStack): Promise<PlayedLedger> {
  await bus.ensureStream('LEDGER');
  await bus.ensureStream('SCORING');
  const seen = new Set<string>();
  const waiting = new Map<string, () => void>();
  const stopped = new AbortController();
  const following = bus.consume({
    stream: 'SCORING',
    durable: 'ledger',
    subjects: [ALL_EPOCHS_SCORED],
    handle: async (messages) => {
      for (const { payload } of messages) {
        const { netuid, index } = fromBinary(EpochScoredSchema, payload);
        seen.add(`${netuid}/${index}`);
        waiting.get(`${netuid}/${index}`)?.();
      }
    },
    failed: (error) => {
      throw error;
    },
    signal: stopped.signal,
  });
  teardown.defer(async () => {
    stopped.abort();
    await following;
  });
  return {
    due: (netuid, index) =>
      bus.publish(epochDueSubject(netuid), dueBytes(netuid, index, SIZE), {
        messageId: ledgerMessageId(BigInt(100_000 * netuid + index)),
      }),
    scored: async (netuid, index) => {
      const key = `${netuid}/${index}`;
      if (seen.has(key)) return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      waiting.set(key, resolve);
      const late = setTimeout(() => reject(new Error(`epoch ${key} was not scored in ${WAIT_MS} ms`)), WAIT_MS);
      await promise;
      clearTimeout(late);
    },
  };
}

async function measureBurst(parts: {
  readonly ledger: PlayedLedger;
  readonly leader: ServerProcess;
  readonly store: Store;
  readonly netuids: readonly number[];
  readonly progress: (line: string) => void;
}) {
  const { ledger, store, netuids, progress } = parts;
  const all = async (
    index: number,
  ): Promise<{ readonly first: number; readonly last: number; readonly cpu: number }> => {
    const cpuBefore = await cpuSecondsOf(parts.leader);
    const started = performance.now();
    for (const netuid of netuids) await ledger.due(netuid, index);
    const told = performance.now();
    await Promise.all(netuids.map((netuid) => ledger.scored(netuid, index)));
    const ended = performance.now();
    progress(
      `epoch ${index} of ${netuids.length} subnets: ${((ended - told) / 1000).toFixed(2)} s after the last EpochDue`,
    );
    return {
      first: (ended - started) / 1000,
      last: (ended - told) / 1000,
      cpu: (await cpuSecondsOf(parts.leader)) - cpuBefore,
    };
  };
  await all(1);
  for (const netuid of netuids) await store.inSubnet(netuid, (each) => commitAll(each, netuid, 2, SIZE));
  await all(2);
  for (const netuid of netuids) await store.inSubnet(netuid, (each) => revealAll(each, netuid, 2, SIZE));
  const revealed = await all(3);
  const bonded = await all(4); // now the bonds of the epoch before are as dense as the weights
  const scoredAt = performance.now();
  await waitFor('all metagraphs to be shown', async () => (await store.nextToShow()) === undefined, WAIT_MS);
  return {
    allScoredSeconds: round(Math.max(revealed.last, bonded.last), 2),
    allScoredCpuSeconds: round(Math.max(revealed.cpu, bonded.cpu), 2),
    allScoredFromFirstSeconds: round(Math.max(revealed.first, bonded.first), 2),
    allShownAfterSeconds: round((performance.now() - scoredAt) / 1000, 2),
  };
}

const FIRST_CHAINED_EPOCH = 5;
const FIRST_IDLE_EPOCH = FIRST_CHAINED_EPOCH + CHAINED_EPOCHS;

async function measureAlone(ledger: PlayedLedger, store: Store, progress: (line: string) => void) {
  progress(
    `one subnet alone: ${CHAINED_EPOCHS} epochs in a chain, then ${IDLE_EPOCHS} each of which finds nothing to do`,
  );
  return { ...(await measureChained(ledger)), ...(await measureIdle(ledger, store)) };
}

/** Each epoch is due as soon as the one before was scored: metagraphs are made meanwhile. */
async function measureChained(ledger: PlayedLedger) {
  const tookMs = await epochsMs(ledger, { first: FIRST_CHAINED_EPOCH, count: CHAINED_EPOCHS });
  return { chainedEpochs: CHAINED_EPOCHS, chainedP50Ms: quantile(tookMs, 0.5), chainedP99Ms: quantile(tookMs, 0.99) };
}

/** Each epoch is due when all before it is done and shown, as it is in a market whose tempo is longer than a second. */
async function measureIdle(ledger: PlayedLedger, store: Store) {
  const before = (): Promise<unknown> =>
    waitFor('the metagraph to be shown', async () => (await store.nextToShow()) === undefined, WAIT_MS);
  const tookMs = await epochsMs(ledger, { first: FIRST_IDLE_EPOCH, count: IDLE_EPOCHS, before });
  const [idleP50Ms, idleP99Ms, idleMaxMs] = [0.5, 0.99, 1].map((share) => quantile(tookMs, share));
  return { idleEpochs: IDLE_EPOCHS, idleP50Ms, idleP99Ms, idleMaxMs };
}

/** From `EpochDue` to `EpochScored` of epochs of the first subnet, one after the other. */
async function epochsMs(
  ledger: PlayedLedger,
  epochs: { readonly first: number; readonly count: number; readonly before?: () => Promise<unknown> },
): Promise<readonly number[]> {
  const tookMs: number[] = [];
  for (let index = epochs.first; index < epochs.first + epochs.count; index += 1) {
    await epochs.before?.();
    const started = performance.now();
    await ledger.due(1, index);
    await ledger.scored(1, index);
    tookMs.push(performance.now() - started);
  }
  return tookMs;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0, 1);
}

/** From kill -9 of the leader, right after an epoch became due, to that epoch scored by the standby. */
async function measureTakeovers(parts: {
  readonly ledger: PlayedLedger;
  readonly leader: ServerProcess;
  readonly teardown: AsyncDisposableStack;
  readonly progress: (line: string) => void;
  /** The epoch that is next. */
  readonly first: number;
  readonly start: () => Promise<ServerProcess>;
}) {
  parts.progress(`${TAKEOVERS} leaders killed under an epoch`);
  const seconds: number[] = [];
  let { leader } = parts;
  for (let at = 0; at < TAKEOVERS; at += 1) {
    const standby = parts.teardown.use(await parts.start());
    const index = parts.first + at;
    await parts.ledger.due(1, index);
    const started = performance.now();
    await leader.stop('SIGKILL');
    await parts.ledger.scored(1, index);
    seconds.push(round((performance.now() - started) / 1000, 2));
    leader = standby;
  }
  return { takeoverSecondsMax: Math.max(...seconds), takeoverSeconds: seconds };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
