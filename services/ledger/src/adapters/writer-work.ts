import { openNatsBus } from '@subnetes/bus/nats-bus';
import { systemClock } from '@subnetes/runtime/clock';
import type { Logger } from '@subnetes/telemetry/logger';
import type { Metrics } from '@subnetes/telemetry/metrics';
import type { AccountHistory } from '#application/account-history.ts';
import { type Auditor, runAudits } from '#application/audit.ts';
import { followCheckpoints, makeCosign } from '#application/cosign-checkpoint.ts';
import { runBlockClock } from '#application/block-clock.ts';
import type { EpochBalances } from '#application/epoch-balances.ts';
import { followJournal } from '#application/follow-journal.ts';
import { holdLease } from '#application/hold-lease.ts';
import type { JournalTree } from '#application/journal-tree.ts';
import type { Incidents } from '#application/incidents.ts';
import { keepRoom } from '#application/keep-room.ts';
import { keepSettled } from '#application/keep-settled.ts';
import { makePayEpoch } from '#application/pay-epoch.ts';
import { recordPaidEpochs } from '#application/record-paid-epochs.ts';
import type { JournalStore } from '#application/ports.ts';
import type { Sequencer } from '#application/sequencer.ts';
import type { SignatureLane } from '#application/signature-lane.ts';
import type { WriterSeat } from '#application/stand-by.ts';
import { learnTakenKeys } from '#application/taken-keys.ts';
import type { UnwitnessedEpochs } from '#application/unwitnessed-epochs.ts';
import { watchClock } from '#application/watch-clock.ts';
import type { LedgerConfig } from '#config.ts';
import { runBusWork, sleep } from './bus-work.ts';
import { checkpointWitness, type WitnessAddress } from './checkpoint-witnesses.ts';
import type { LedgerMetrics } from './metrics.ts';

/** The parts of a ledger that writes. */
export interface Running {
  readonly seat: WriterSeat;
  readonly history: AccountHistory;
  readonly balances: EpochBalances;
  readonly lane: SignatureLane;
  readonly sequencer: Sequencer;
  readonly store: JournalStore;
  readonly databaseMs: () => Promise<number>;
  readonly auditor: Auditor;
  readonly incidents: Pick<Incidents, 'report'>;
  readonly tree: JournalTree;
  readonly networkId: Uint8Array;
  readonly unwitnessed: UnwitnessedEpochs;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly told: LedgerMetrics;
  readonly signal: AbortSignal;
}

/** All that the ledger that writes does beside answering calls, until the signal ends it. */
export function doWork(running: Running, config: LedgerConfig, firstMs: number): Promise<unknown> {
  const { store, sequencer, signal } = running;
  // What looks for news once a block keeps pace with blocks, which a proposal can make slower or faster.
  let paceMs = firstMs;
  const perBlock: PerBlock = { everyMs: () => paceMs };
  return Promise.all([
    holdLease({
      store,
      signal,
      readCommitted: () => sequencer.read((ledger) => ledger.journal.head),
      lastStored: () => sequencer.lastStored,
      sleep: (ms, until) => sleep(systemClock, ms, until),
    }),
    makeBlocks(running, firstMs, (ms) => {
      paceMs = ms;
    }),
    learnKeys(running),
    keepRoomForEntries(running),
    settleBalances(running),
    watchClocks(running),
    audit(running, config.auditIntervalMs),
    follow(running, perBlock, config.checkpointBlocks),
    cosign(running, perBlock, config.checkpointWitnesses),
    recordBalances(running, perBlock),
    workWithBus(running, config),
  ]);
}

/** How long to wait between two looks. */
interface PerBlock {
  readonly everyMs: () => number;
}

function makeBlocks(
  { sequencer, told, signal }: Running,
  blockTimeMs: number,
  onPace: (blockTimeMs: number) => void,
): Promise<void> {
  return runBlockClock({
    sequencer,
    signal,
    blockTimeMs,
    time: {
      monotonicMs: () => systemClock.monotonicMs(),
      unixMs: () => systemClock.nowMs(),
      sleep: (ms, until) => sleep(systemClock, ms, until),
    },
    onBlock: (block) => {
      onPace(block.blockTimeMs);
      told.onBlock(block, systemClock.nowMs());
    },
  });
}

/** Between two reads: ten million keys are learnt within a minute or two, and callers hardly notice. */
const LEARNING_PAUSE_MS = 5;
const LEARNING_RETRY_MS = 1000;

function learnKeys({ store, sequencer, log, signal }: Running): Promise<void> {
  return learnTakenKeys({
    store,
    taken: sequencer.taken,
    signal,
    pause: (afterFailure) => sleep(systemClock, afterFailure ? LEARNING_RETRY_MS : LEARNING_PAUSE_MS, signal),
    onLearnt: (keys) => log.info({ keys }, 'all idempotency keys are known: new ones are not looked up any more'),
  });
}

function keepRoomForEntries({ store, sequencer, log, signal }: Running): Promise<void> {
  return keepRoom({
    store,
    sequencer,
    signal,
    sleep: (ms, until) => sleep(systemClock, ms, until),
    onFailure: (error) => log.warn({ err: error }, 'the journal’s next range could not be made yet'),
  });
}

function settleBalances({ store, sequencer, log, signal }: Running): Promise<void> {
  return keepSettled({
    store,
    sequencer,
    signal,
    sleep: (ms, until) => sleep(systemClock, ms, until),
    monotonicMs: () => systemClock.monotonicMs(),
    onFailure: (error) =>
      log.warn({ err: error }, 'balances could not be settled yet: a start would read more entries'),
  });
}

function watchClocks({ databaseMs, told, log, signal }: Running): Promise<void> {
  return watchClock({
    time: { databaseMs, monotonicMs: () => systemClock.monotonicMs(), unixMs: () => systemClock.nowMs() },
    sleep: (ms, until) => sleep(systemClock, ms, until),
    signal,
    onJump(jumpedMs) {
      told.onClockJump(jumpedMs);
      log.warn({ jumpedMs }, 'wall time jumped: times of blocks are off, nothing is decided by them');
    },
    onOffset: (aheadMs) => told.onClockOffset(aheadMs),
  });
}

function audit({ auditor, log, told, signal }: Running, everyMs: number): Promise<void> {
  return runAudits({
    auditor,
    signal,
    everyMs,
    sleep: (ms, until) => sleep(systemClock, ms, until),
    onResult: (result) => {
      told.onAudit(result, systemClock.nowMs());
      if (result.broken.length > 0) log.error({ broken: result.broken }, 'the books are in doubt: payouts are stopped');
    },
    onFailure: (error) => log.warn({ err: error }, 'the audit could not read the database'),
  });
}

function follow(
  { tree, sequencer, log, signal }: Running,
  { everyMs }: PerBlock,
  checkpointBlocks: number,
): Promise<void> {
  return followJournal({
    everyMs,
    checkpointBlocks,
    tree,
    signal,
    readBlock: () => sequencer.read((ledger) => ledger.block),
    sleep: (ms, until) => sleep(systemClock, ms, until),
    onSigned: (entries) => log.debug({ entries }, 'checkpoint signed'),
    onFailure: (error) => log.warn({ err: error }, 'the tree of the journal could not be followed; it is tried again'),
  });
}

function cosign(
  { tree, incidents, log, metrics, signal }: Running,
  { everyMs }: PerBlock,
  addresses: readonly WitnessAddress[],
) {
  if (addresses.length === 0) return undefined;
  return followCheckpoints({
    cosign: makeCosign({
      tree,
      witnesses: addresses.map(checkpointWitness),
      told: (witness, outcome, message) => {
        metrics.inc('subnetes_ledger_checkpoint_witness_total', { witness, outcome });
        if (outcome !== 'signed')
          log.warn({ witness, outcome, reason: message }, 'a checkpoint goes without a witness');
      },
      onContradiction: ({ size }, message) => incidents.report([{ check: 'tree', sequence: size, message }]),
    }),
    everyMs,
    signal,
    sleep: (ms, until) => sleep(systemClock, ms, until),
    onFailure: (error) =>
      log.warn({ err: error }, 'signatures of witnesses could not be kept; the next checkpoint has new ones'),
  });
}

function recordBalances({ sequencer, balances, log, signal }: Running, { everyMs }: PerBlock): Promise<void> {
  return recordPaidEpochs({
    sequencer,
    balances,
    everyMs,
    signal,
    sleep: (ms, until) => sleep(systemClock, ms, until),
    onFailure: (error) => log.warn({ err: error }, 'the balances of an epoch could not be put into the journal yet'),
  });
}

function workWithBus(running: Running, config: LedgerConfig): Promise<void> {
  const { natsUrl, streamReplicas, tls, witnesses: rule } = config;
  return runBusWork({
    ...running,
    rule,
    clock: systemClock,
    payEpoch: makePayEpoch({
      ...running,
      rule,
      isConserved: () => running.auditor.isConserved,
      onEvidenceRefused: ({ netuid, registrationId }, { code: reason, message: why }) =>
        running.log.info({ netuid, registrationId, reason }, `evidence of scoring is not taken: ${why}`),
    }),
    connect: () =>
      openNatsBus({ url: natsUrl, name: 'ledger', replicas: streamReplicas, ...(tls === undefined ? {} : { tls }) }),
  });
}
