import type { Bus } from '@subnetes/bus/bus';
import type { Clock } from '@subnetes/runtime/clock';
import { OutageError } from '@subnetes/runtime/errors';
import type { Database } from '@subnetes/runtime/sql';
import type { Logger } from '@subnetes/telemetry/logger';
import type { Metrics } from '@subnetes/telemetry/metrics';
import { fromBinary } from '@bufbuild/protobuf';
import { MetagraphSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { makeFollowLedger } from '#application/follow-ledger.ts';
import { makeOpenTimelocks } from '#application/open-timelocks.ts';
import { makePublishEpochs } from '#application/publish-epochs.ts';
import { makePublishWitnessed } from '#application/publish-witnessed.ts';
import type { ReadMetagraph } from '#application/read-metagraph.ts';
import { type EpochOutcome, makeRunEpoch } from '#application/run-epoch.ts';
import type { BeaconRounds, OpenLocks, Store } from '#application/ports.ts';
import { makeShowEpochs } from '#application/show-epochs.ts';
import { makeSubmitEvidence, type SlashReports } from '#application/submit-evidence.ts';
import type { Turn } from '#application/take-turns.ts';
import { consumeLedger } from './bus-intake.ts';
import { busPublisher, type OutboxRelay, outboxRelay } from './bus-outbox.ts';
import { functionThread } from './function-thread.ts';
import { type EvidenceRelay, evidenceRelay } from './evidence-relay.ts';
import { fencedDatabase } from './fenced-database.ts';
import { type InfluenceWork, influenceWork } from './influence-work.ts';
import type { MetagraphFeed } from './metagraph-feed.ts';
import type { ScoringMetrics } from './metrics.ts';
import { newestMetagraphs } from './newest-metagraphs.ts';
import type { Precedence } from './precedence.ts';
import { sha256 } from './sha256.ts';
import { sqlFunctions } from './sql-functions.ts';
import { sqlStore } from './sql-store.ts';
import { sqlWitnesses } from './sql-witnesses.ts';
import { type TimelockRelay, timelockRelay } from './timelock-relay.ts';
import { tellWitnessed } from './witnessed-message.ts';

export interface LeaderParts {
  readonly database: Database;
  readonly bus: Bus;
  /** Hex. */
  readonly networkId: string;
  readonly feed: MetagraphFeed;
  readonly told: ScoringMetrics;
  readonly readMetagraph: ReadMetagraph;
  readonly order: Precedence;
  readonly rounds: BeaconRounds;
  readonly slashes: SlashReports;
  readonly openLocks: OpenLocks;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** What worker threads run: this service's own entry. */
  readonly program: string;
}

/** What the leader alone does: follow the ledger, open what is locked, score, publish, and show the subnets in its metrics. */
export function leaderWork(parts: LeaderParts): (turn: Turn) => Promise<void> {
  const { bus, metrics, log, clock, told } = parts;
  return async ({ term, signal, end }) => {
    const database = fencedDatabase(parts.database, { term, passed: end });
    const store = sqlStore(database);
    const publisher = busPublisher({ bus, metrics });
    const publishEpochs = makePublishEpochs({ store, publisher });
    const publishWitnessed = makePublishWitnessed({
      store: sqlWitnesses(database),
      tell: tellWitnessed({ bus, metrics }),
    });
    const relay = outboxRelay({
      open: () => publisher.open(),
      publish: async () => (await publishEpochs()) + (await publishWitnessed()),
      what: 'epochs',
      clock,
      log,
      metrics,
    });
    const shows = showRelay(parts, { store, publisher });
    const timelocks = timelocksOf(store, parts);
    const evidence = evidenceOf(store, parts);
    await using influence = influenceWork({
      store,
      quiet: () => parts.order.quiet(signal),
      giveWay: () => parts.order.giveWay(),
      clock,
      show: (netuid, found) => told.showInfluence(netuid, found),
      log,
    });
    await using runner = functionThread(parts);
    const scored = (outcome: EpochOutcome, seconds: number): void => {
      relay.wake();
      shows.wake();
      timelocks.wake();
      if (outcome.kind !== 'scored') return;
      told.epochScored(outcome.netuid, seconds);
      evidence.wake();
      influence.look(outcome.netuid, outcome.index);
    };
    const followLedger = makeFollowLedger({
      store,
      runEpoch: makeRunEpoch({ ...parts, store, functions: sqlFunctions(database), runner, sha256 }),
      openBefore: (netuid) => timelocks.openBefore(netuid, signal),
    });
    log.info({ term: String(term) }, 'this scoring leads');
    told.lead();
    await Promise.all([
      relay.run(signal),
      shows.run(signal),
      timelocks.run(signal),
      evidence.run(signal),
      consumeLedger({ bus, store, followLedger, scored, precedence: parts.order, metrics, log }, signal),
      showNewest(store, influence, parts), // beside the work: no epoch waits for it
    ]);
    log.info({ term: String(term) }, 'this scoring leads no more');
  };
}

/** Shows epochs once none is being scored: what is shown decides nothing, and takes longer than what does. */
function showRelay(
  { readMetagraph, order, feed, told, clock, log, metrics }: LeaderParts,
  turn: {
    readonly store: Store;
    readonly publisher: ReturnType<typeof busPublisher>;
  },
): OutboxRelay {
  const { store, publisher } = turn;
  const showEpochs = makeShowEpochs({
    store,
    publisher,
    readMetagraph,
    quiet: (signal) => order.quiet(signal),
    shown: (netuid, metagraph) => {
      told.show(fromBinary(MetagraphSchema, metagraph));
      feed.announce(netuid);
    },
  });
  return outboxRelay({
    open: () => publisher.openBucket(),
    publish: showEpochs,
    what: 'metagraphs',
    clock,
    log,
    metrics,
  });
}

function timelocksOf(store: Store, { rounds, openLocks, order, told, clock, log }: LeaderParts): TimelockRelay {
  const openTimelocks = makeOpenTimelocks({ store, rounds, openLocks, nowMs: () => clock.nowMs() });
  return timelockRelay({ openTimelocks, quiet: (signal) => order.quiet(signal), metrics: told, clock, log });
}

function evidenceOf(store: Store, { slashes, told, clock, log }: LeaderParts): EvidenceRelay {
  const submitEvidence = makeSubmitEvidence({
    store,
    ledger: slashes,
    told: ({ type, netuid, hotkey, sha256 }, outcome) => {
      if (outcome.kind !== 'waiting') told.evidence(netuid, type, outcome.kind);
      log.warn({ type, netuid, hotkey, sha256, outcome }, 'the ledger was told of evidence');
    },
  });
  return evidenceRelay({ submitEvidence, clock, log });
}

async function showNewest(store: Store, influence: InfluenceWork, { told, log }: LeaderParts): Promise<void> {
  try {
    for await (const metagraph of newestMetagraphs(store)) {
      told.show(metagraph);
      influence.look(metagraph.netuid, Number(metagraph.epochIndex));
    }
  } catch (error) {
    if (!(error instanceof OutageError)) throw error;
    log.warn({ err: error }, 'the gauges of subnets stay empty until their next epochs');
  }
}
