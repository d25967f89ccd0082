import type { Bus } from '@subnetes/bus/bus';
import type { Clock } from '@subnetes/runtime/clock';
import { OutageError } from '@subnetes/runtime/errors';
import type { Database } from '@subnetes/runtime/sql';
import type { Logger } from '@subnetes/telemetry/logger';
import type { Metrics } from '@subnetes/telemetry/metrics';
import { makeFollowLedger } from '#application/follow-ledger.ts';
import { makeOpenTimelocks } from '#application/open-timelocks.ts';
import { makePublishEpochs } from '#application/publish-epochs.ts';
import { makePublishWitnessed } from '#application/publish-witnessed.ts';
import { type EpochOutcome, makeRunEpoch } from '#application/run-epoch.ts';
import type { BeaconRounds, OpenLocks, Store } from '#application/ports.ts';
import type { Turn } from '#application/take-turns.ts';
import { consumeLedger } from './bus-intake.ts';
import { busPublisher, outboxRelay } from './bus-outbox.ts';
import { fencedDatabase } from './fenced-database.ts';
import { metagraphMessage } from './messages.ts';
import type { MetagraphFeed } from './metagraph-feed.ts';
import type { ScoringMetrics } from './metrics.ts';
import { newestMetagraphs } from './newest-metagraphs.ts';
import { sha256 } from './sha256.ts';
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
  readonly rounds: BeaconRounds;
  readonly openLocks: OpenLocks;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
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
      publisher,
      publishEpochs: async () => (await publishEpochs()) + (await publishWitnessed()),
      clock,
      log,
      metrics,
    });
    const timelocks = timelocksOf(store, parts);
    const scored = (outcome: EpochOutcome, seconds: number): void => {
      relay.wake();
      timelocks.wake();
      if (outcome.kind !== 'scored') return;
      told.epochScored(outcome.netuid, seconds);
      told.show(metagraphMessage(outcome.metagraph));
      parts.feed.announce(outcome.netuid);
    };
    const followLedger = makeFollowLedger({
      store,
      runEpoch: makeRunEpoch({ store, sha256, networkId: parts.networkId }),
      openBefore: (netuid) => timelocks.openBefore(netuid, signal),
    });
    log.info({ term: String(term) }, 'this scoring leads');
    told.lead();
    await Promise.all([
      relay.run(signal),
      timelocks.run(signal),
      consumeLedger({ bus, store, followLedger, scored, metrics, log }, signal),
      showNewest(store, parts), // beside the work: no epoch waits for it
    ]);
    log.info({ term: String(term) }, 'this scoring leads no more');
  };
}

function timelocksOf(store: Store, { rounds, openLocks, told, clock, log }: LeaderParts): TimelockRelay {
  const openTimelocks = makeOpenTimelocks({ store, rounds, openLocks, nowMs: () => clock.nowMs() });
  return timelockRelay({ openTimelocks, metrics: told, clock, log });
}

async function showNewest(store: Store, { told, log }: LeaderParts): Promise<void> {
  try {
    for await (const metagraph of newestMetagraphs(store)) told.show(metagraph);
  } catch (error) {
    if (!(error instanceof OutageError)) throw error;
    log.warn({ err: error }, 'the gauges of subnets stay empty until their next epochs');
  }
}
