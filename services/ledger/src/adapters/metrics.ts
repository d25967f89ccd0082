import { blockReward, halvingsAt } from '@subnetes/consensus/issuance';
import { RAO_PER_TOKEN } from '@subnetes/money/amount';
import type { Metrics } from '@subnetes/telemetry/metrics';
import { BURNED, INSURANCE, TREASURY, potOf } from '#domain/book/account.ts';
import type { RefusalCode } from '#domain/book/refusal.ts';
import { burnPriceAt, registrationInterval } from '#domain/economy/burn-price.ts';
import type { ProducedBlock } from '#domain/economy/emission.ts';
import { emissionSplit } from '#domain/economy/emission-split.ts';
import { nextUse } from '#domain/economy/emission-utility.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { ROOT_NETUID } from '#domain/economy/root-netuid.ts';
import { rootStakeBehind } from '#domain/root/root-stake.ts';
import { poolViews } from '#domain/pools/pool-view.ts';
import type { Payout } from '#domain/economy/payout.ts';
import { proposalCounts } from '#domain/governance/lists.ts';
import { type SlashStatus, statusGroup } from '#domain/slashing/slash.ts';
import { stakeView } from '#domain/economy/views.ts';
import { revealEpochs } from '#domain/economy/weights-policy.ts';
import type { AuditResult, Invariant } from '#application/audit.ts';
import type { Batch } from '#application/ports.ts';
import type { Sequencer } from '#application/sequencer.ts';
import { fillLives } from './life-metrics.ts';
import type { UnwitnessedEpochs } from '#application/unwitnessed-epochs.ts';

const INVARIANTS: readonly Invariant[] = [
  'conservation',
  'postings_balance',
  'mint_equals_issued',
  'burned_is_kept',
  'cap_holds',
  'floors_hold',
  'holds_match',
  'outside_audit',
];

/** Turns what the ledger does into the catalogue's metrics. */
export interface LedgerMetrics {
  /** Another ledger writes; this one tells nothing of the state. */
  standBy(): void;
  /** From now on gauges are read from the committed state at each scrape. */
  lead(sequencer: Sequencer, unwitnessed: UnwitnessedEpochs): void;
  onBlock(block: ProducedBlock, timeMs: number): void;
  onCommit(batch: Batch, seconds: number): void;
  onRefusal(code: RefusalCode): void;
  onPaid(netuid: number, payout: Payout): void;
  onAudit(result: AuditResult, timeMs: number): void;
  onOutbox(pending: number): void;
  /** Wall time went so far ahead of the steady clock, or behind. */
  onClockJump(jumpedMs: number): void;
  onClockOffset(databaseAheadMs: number): void;
}

export function ledgerMetrics(metrics: Metrics): LedgerMetrics {
  return {
    standBy: () => metrics.set('subnetes_ledger_writer', {}, 0),
    lead(sequencer, unwitnessed) {
      metrics.set('subnetes_ledger_writer', {}, 1);
      // From zero, so that the first jump is an increase.
      for (const direction of ['forward', 'backward']) {
        metrics.inc('subnetes_ledger_clock_jumped_seconds_total', { direction }, 0);
      }
      metrics.onScrape(async () => {
        if (!sequencer.isServing) return; // what was scraped last stays
        await sequencer.read((ledger) => {
          fillGauges(metrics, ledger);
          fillUnwitnessed(metrics, ledger, unwitnessed);
        });
        metrics.set('subnetes_ledger_queue_commands', {}, sequencer.queueLength);
      });
    },
    onBlock(block, timeMs) {
      metrics.set('subnetes_ledger_last_block_timestamp_seconds', {}, timeMs / 1000);
      metrics.inc('subnetes_ledger_minted_tokens_total', {}, tokens(block.minted));
      metrics.inc('subnetes_ledger_minted_rao_total', {}, Number(block.minted));
      for (const { netuid } of block.sealed) {
        metrics.inc('subnetes_ledger_epochs_sealed_total', { subnet: String(netuid) });
      }
    },
    onCommit(batch, seconds) {
      metrics.observe('subnetes_ledger_batch_duration_seconds', {}, seconds);
      metrics.inc('subnetes_ledger_batch_commands_total', {}, batch.entries.length);
      for (const [kind, entries] of countByKind(batch)) {
        metrics.inc('subnetes_ledger_journal_entries_total', { kind }, entries);
      }
    },
    onRefusal: (reason) => metrics.inc('subnetes_ledger_refusals_total', { reason }),
    onPaid(netuid, { owner, incentives, dividends }) {
      const subnet = String(netuid);
      metrics.inc('subnetes_ledger_epochs_paid_total', { subnet });
      for (const [recipient, rao] of Object.entries({ owner, miners: incentives, validators: dividends })) {
        metrics.inc('subnetes_ledger_paid_tokens_total', { subnet, recipient }, tokens(rao));
      }
    },
    onAudit(result, timeMs) {
      metrics.set('subnetes_ledger_conservation_difference_rao', {}, Number(result.difference));
      metrics.set('subnetes_ledger_audit_timestamp_seconds', {}, timeMs / 1000);
      for (const invariant of INVARIANTS) {
        metrics.set('subnetes_ledger_invariant_ok', { invariant }, result.broken.includes(invariant) ? 0 : 1);
      }
    },
    onClockJump(jumpedMs) {
      const direction = jumpedMs > 0 ? 'forward' : 'backward';
      metrics.inc('subnetes_ledger_clock_jumped_seconds_total', { direction }, Math.abs(jumpedMs) / 1000);
    },
    onClockOffset: (aheadMs) => metrics.set('subnetes_ledger_clock_offset_seconds', {}, aheadMs / 1000),
    onOutbox: (pending) => metrics.set('subnetes_ledger_outbox_pending_events', {}, pending),
  };
}

/** A count for each entry would cost more than its hash. */
function countByKind({ entries }: Batch): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { kind } of entries) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

function fillGauges(metrics: Metrics, ledger: Ledger): void {
  const { genesis, block } = ledger.network;
  const issued = ledger.issued;
  // A proposal may have given it another name.
  metrics.clear('subnetes_ledger_token_info');
  metrics.set('subnetes_ledger_token_info', { symbol: genesis.displaySymbol ?? genesis.symbol }, 1);
  metrics.set('subnetes_ledger_block_height', {}, block);
  metrics.set('subnetes_ledger_block_time_seconds', {}, genesis.blockTimeMs / 1000);
  metrics.set('subnetes_ledger_block_reward_tokens', {}, tokens(blockReward(genesis, issued)));
  metrics.set('subnetes_ledger_issued_tokens', {}, tokens(issued));
  metrics.set('subnetes_ledger_cap_tokens', {}, tokens(genesis.cap));
  metrics.set('subnetes_ledger_burned_tokens', {}, tokens(ledger.book.posted(ledger.asset, BURNED)));
  metrics.set('subnetes_ledger_journal_sequence', {}, ledger.journal.head.sequence);
  if (issued < genesis.cap && genesis.halving === 'ByIssuance') {
    const next = genesis.cap - (genesis.cap >> (halvingsAt(issued, genesis.cap) + 1n));
    metrics.set('subnetes_ledger_next_halving_issued_tokens', {}, tokens(next));
  }
  metrics.set('subnetes_ledger_insured_tokens', {}, tokens(ledger.book.posted(ledger.asset, INSURANCE)));
  fillSubnets(metrics, ledger);
  fillPools(metrics, ledger);
  fillGovernance(metrics, ledger);
}

function fillGovernance(metrics: Metrics, ledger: Ledger): void {
  for (const { state, count } of proposalCounts(ledger)) {
    metrics.set('subnetes_ledger_proposals', { state: state.toLowerCase() }, count);
  }
  metrics.set('subnetes_ledger_treasury_tokens', {}, tokens(ledger.book.posted(ledger.asset, TREASURY)));
  metrics.set('subnetes_ledger_open_grants', {}, ledger.governance.record.grants.length);
  fillSlashing(metrics, ledger);
  fillLives(metrics, ledger);
}

function fillSubnets(metrics: Metrics, ledger: Ledger): void {
  const subnets = [...ledger.subnets.values()];
  const shares = emissionShares(ledger);
  for (const subnet of subnets) {
    const label = { subnet: String(subnet.netuid) };
    const waits = subnet.epochIndex > subnet.lastPaidIndex ? ledger.block - subnet.epochBlock : 0;
    metrics.set('subnetes_ledger_epoch_index', label, subnet.epochIndex);
    metrics.set('subnetes_ledger_epoch_paid_index', label, subnet.lastPaidIndex);
    metrics.set('subnetes_ledger_epoch_overdue_blocks', label, waits);
    const { hyperparameters } = subnet.active.policy;
    metrics.set('subnetes_ledger_tempo_blocks', label, hyperparameters.tempo);
    metrics.set('subnetes_ledger_reveal_period_epochs', label, revealEpochs(hyperparameters));
    metrics.set('subnetes_ledger_neurons', label, subnet.neurons);
    const cost = burnPriceAt(subnet, ledger.block);
    metrics.set('subnetes_ledger_registration_cost_tokens', label, tokens(cost));
    const interval = registrationInterval(subnet, ledger.block);
    if (interval !== undefined) {
      metrics.set('subnetes_ledger_registrations_of_interval', label, interval.registrations);
    }
    fillStake(metrics, ledger, subnet.netuid);
    if (subnet.netuid === ROOT_NETUID) continue; // it has neither a share nor a pot
    metrics.set('subnetes_ledger_emission_share_ratio', label, shares.get(subnet.netuid) ?? 0);
    metrics.set('subnetes_ledger_emission_use_tokens', label, tokens(nextUse(ledger, subnet.netuid)));
    metrics.set('subnetes_ledger_pot_tokens', label, tokens(ledger.book.posted(ledger.asset, potOf(subnet.netuid))));
  }
}

/** Nothing where subnets have no tokens. */
function fillPools(metrics: Metrics, ledger: Ledger): void {
  for (const { netuid, price, movingPrice, taoReserve, alphaReserve, volume } of poolViews(ledger)) {
    const subnet = String(netuid);
    for (const [kind, rao] of Object.entries({ spot: price, moving: movingPrice })) {
      metrics.set('subnetes_ledger_pool_price_tokens', { subnet, kind }, tokens(rao));
    }
    for (const [side, units] of Object.entries({ network: taoReserve, subnet: alphaReserve })) {
      metrics.set('subnetes_ledger_pool_reserve_tokens', { subnet, side }, tokens(units));
    }
    metrics.set('subnetes_ledger_pool_volume_tokens', { subnet }, tokens(volume));
  }
}

const STATUSES: readonly SlashStatus[] = ['Pending', 'Disputed', 'Executed', 'Dropped'];

function fillSlashing(metrics: Metrics, ledger: Ledger): void {
  const leaving = new Map<number, bigint>();
  for (const { netuid, amount } of ledger.unbondings.values()) {
    leaving.set(netuid, (leaving.get(netuid) ?? 0n) + amount);
  }
  for (const { netuid } of ledger.subnets.values()) {
    const subnet = String(netuid);
    metrics.set('subnetes_ledger_unbonding_tokens', { subnet }, tokens(leaving.get(netuid) ?? 0n));
    for (const status of STATUSES) {
      const found = ledger.slashes.count(statusGroup(netuid, status)) + ledger.leftSlashes(netuid, status);
      metrics.set('subnetes_ledger_slashes', { subnet, status: status.toLowerCase() }, found);
    }
  }
}

function fillStake(metrics: Metrics, ledger: Ledger, netuid: number): void {
  const neurons = ledger.neuronsOf(netuid);
  const stakes = neurons.map((neuron) => stakeView(ledger, neuron));
  const root = neurons.reduce((sum, neuron) => sum + (rootStakeBehind(ledger, neuron)?.counts ?? 0n), 0n);
  const delegated = stakes.reduce((sum, each) => sum + each.delegated, 0n);
  const all = stakes.reduce((sum, { stake }) => sum + stake, 0n);
  for (const [holder, rao] of Object.entries({ owner: all - delegated, delegator: delegated, root })) {
    metrics.set('subnetes_ledger_staked_tokens', { subnet: String(netuid), holder }, tokens(rao));
  }
}

function fillUnwitnessed(metrics: Metrics, ledger: Ledger, unwitnessed: UnwitnessedEpochs): void {
  const waiting = new Map(unwitnessed.list().map(({ netuid, sinceBlock }) => [netuid, ledger.block - sinceBlock]));
  for (const netuid of [...ledger.subnets.values()].map((subnet) => subnet.netuid)) {
    metrics.set('subnetes_ledger_epoch_unwitnessed_blocks', { subnet: String(netuid) }, waiting.get(netuid) ?? 0);
  }
}

/** Share of the next block by netuid; a subnet whose emission is held is not in it. */
function emissionShares(ledger: Ledger): ReadonlyMap<number, number> {
  const { parts } = emissionSplit(ledger);
  const total = parts.reduce((sum, { weight }) => sum + weight, 0n);
  if (total === 0n) return new Map();
  return new Map(parts.map(({ netuid, weight }) => [netuid, Number(weight) / Number(total)]));
}

/** For a graph only: a double is exact to about 9 million tokens at nine decimals, and no sum is made of these. */
function tokens(rao: bigint): number {
  return Number(rao / RAO_PER_TOKEN) + Number(rao % RAO_PER_TOKEN) / Number(RAO_PER_TOKEN);
}
