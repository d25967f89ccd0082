import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createMetrics, type Metrics } from '@subnetes/telemetry/metrics';

/** A process that exports what a running market exports, growing with each scrape. */
export interface SampleExporter extends AsyncDisposable {
  /** host:port for a scrape. */
  readonly target: string;
}

/** One subnet that mints 1 token a block, after some epochs; its labels are those of the parts' own adapters. */
export async function startSampleExporter(): Promise<SampleExporter> {
  return await exportFrom('ledger', (metrics, scrapes) => {
    fillLedger(metrics, scrapes);
    fillScoring(metrics);
    fillTraffic(metrics, scrapes === 1);
    fillConditions(metrics);
  });
}

/** A miner that is asked once a scrape. Its scrape adds the labels of its target. */
export async function startMinerExporter(): Promise<SampleExporter> {
  return await exportFrom('miner', (metrics) => {
    metrics.inc('subnetes_miner_inferences_total', { model: 'sp500.forecast', outcome: 'answer' }, 1);
  });
}

/** A validator that gets one good and one late answer a scrape. */
export async function startValidatorExporter(): Promise<SampleExporter> {
  return await exportFrom('validator', (metrics) => {
    for (const [outcome, seconds] of [
      ['valid', 0.004],
      ['late', 2],
    ] as const) {
      metrics.inc('subnetes_validator_answers_total', { outcome });
      metrics.observe('subnetes_validator_answer_duration_seconds', {}, seconds);
    }
  });
}

/** @param fill called before each scrape with its number, 1 for the first */
async function exportFrom(service: string, fill: (metrics: Metrics, scrapes: number) => void): Promise<SampleExporter> {
  const metrics = createMetrics({ service, version: 'test' });
  let scrapes = 0;
  metrics.onScrape(() => {
    scrapes += 1;
    fill(metrics, scrapes);
  });
  const server: Server = createServer((_request, response) => {
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function fillLedger(metrics: Metrics, block: number): void {
  const subnet = '1';
  metrics.set('subnetes_ledger_token_info', { symbol: 'TAO' }, 1);
  metrics.set('subnetes_ledger_block_height', {}, block);
  metrics.set('subnetes_ledger_last_block_timestamp_seconds', {}, Date.now() / 1000);
  metrics.set('subnetes_ledger_block_time_seconds', {}, 1);
  metrics.set('subnetes_ledger_block_reward_tokens', {}, 1);
  metrics.set('subnetes_ledger_issued_tokens', {}, 10_000 + block);
  metrics.set('subnetes_ledger_cap_tokens', {}, 21_000_000);
  metrics.set('subnetes_ledger_burned_tokens', {}, 9);
  metrics.set('subnetes_ledger_next_halving_issued_tokens', {}, 10_500_000);
  metrics.inc('subnetes_ledger_minted_tokens_total', {}, 1);
  for (const recipient of ['owner', 'miners', 'validators'])
    metrics.inc('subnetes_ledger_paid_tokens_total', { subnet, recipient }, 0.3);
  metrics.set('subnetes_ledger_conservation_difference_rao', {}, 0);
  metrics.set('subnetes_ledger_writer', {}, 1);
  metrics.set('subnetes_ledger_invariant_ok', { invariant: 'conservation' }, 1);
  metrics.set('subnetes_ledger_epoch_index', { subnet }, 5);
  metrics.set('subnetes_ledger_epoch_paid_index', { subnet }, 5);
  metrics.set('subnetes_ledger_epoch_overdue_blocks', { subnet }, 0);
  metrics.set('subnetes_ledger_epoch_unwitnessed_blocks', { subnet }, 0);
  metrics.set('subnetes_ledger_tempo_blocks', { subnet }, 20);
  metrics.set('subnetes_ledger_reveal_period_epochs', { subnet }, 1);
  metrics.set('subnetes_ledger_emission_share_ratio', { subnet }, 1);
  metrics.set('subnetes_ledger_emission_use_tokens', { subnet }, 0.05);
  metrics.set('subnetes_ledger_pot_tokens', { subnet }, block % 20);
  metrics.set('subnetes_ledger_neurons', { subnet }, 9);
  metrics.set('subnetes_ledger_staked_tokens', { subnet, holder: 'owner' }, 10_000);
  metrics.set('subnetes_ledger_staked_tokens', { subnet, holder: 'delegator' }, 0);
  metrics.set('subnetes_ledger_unbonding_tokens', { subnet }, 120);
  metrics.set('subnetes_ledger_slashes', { subnet, status: 'pending' }, 0);
  metrics.set('subnetes_ledger_registration_cost_tokens', { subnet }, 1);
  for (const kind of ['spot', 'moving']) metrics.set('subnetes_ledger_pool_price_tokens', { subnet, kind }, 0.5);
  for (const side of ['network', 'subnet']) metrics.set('subnetes_ledger_pool_reserve_tokens', { subnet, side }, 100);
  metrics.set('subnetes_ledger_pool_volume_tokens', { subnet }, block);
  metrics.set('subnetes_ledger_proposals', { state: 'voting' }, 0);
  metrics.set('subnetes_ledger_treasury_tokens', {}, 0);
  metrics.set('subnetes_ledger_pending_evictions', { subnet }, 0);
  metrics.set('subnetes_ledger_eviction_due_blocks', { subnet }, 0);
  metrics.set('subnetes_ledger_dissolving', { subnet }, 0);
  metrics.set('subnetes_ledger_dissolution_due_blocks', { subnet }, 0);
}

function fillScoring(metrics: Metrics): void {
  const subnet = '1';
  metrics.observe('subnetes_scoring_epoch_duration_seconds', { subnet }, 0.02);
  metrics.set('subnetes_scoring_incentive_top_share_ratio', { subnet }, 0.412);
  for (const [stat, value] of [
    ['min', 0.071],
    ['median', 0.997],
    ['max', 0.998],
  ] as const)
    metrics.set('subnetes_scoring_validator_trust_ratio', { subnet, stat }, value);
  for (const state of ['permitted', 'revealed']) metrics.set('subnetes_scoring_validators', { subnet, state }, 3);
  metrics.set('subnetes_scoring_validators', { subnet, state: 'abstaining' }, 0);
  metrics.set('subnetes_scoring_validator_influence_ratio', { subnet, uid: '3' }, 0.21);
  metrics.set('subnetes_scoring_influence_concentration_ratio', { subnet }, 0.5);
  metrics.set('subnetes_scoring_capture_index_ratio', { subnet }, 0.35);
  metrics.set('subnetes_scoring_incentive_functions', { subnet, state: 'decided' }, 1);
  metrics.set('subnetes_scoring_incentive_function_fuel', { subnet }, 5210);
  for (const [state, value] of [
    ['judged', 6],
    ['answering', 5],
    ['earning', 4],
  ] as const)
    metrics.set('subnetes_scoring_miners', { subnet, state }, value);
  metrics.set('subnetes_scoring_weights_age_blocks', { subnet }, 12);
  for (const type of ['FailedAudits', 'Unavailable'])
    for (const result of ['reported', 'refused'])
      metrics.inc('subnetes_scoring_evidence_total', { subnet, type, result }, 0);
}

/** Of a market in which nobody is slashed: the condition is there while there is something to say. */
function fillConditions(metrics: Metrics): void {
  for (const [customresource_kind, name] of [
    ['Miner', 'garch'],
    ['Validator', 'val-a'],
  ] as const) {
    const labels = { customresource_kind, namespace: 'finance', name, type: 'Registered' };
    metrics.set('subnetes_resource_status_condition', labels, 1);
  }
}

/** Applications call once and never again, as a newcomer does: a counter that is born with its only value. */
function fillTraffic(metrics: Metrics, isFirst: boolean): void {
  const calls = isFirst ? 2 : 0;
  metrics.inc('subnetes_gateway_requests_total', { subnet: '1', model: 'sp500.forecast', code_class: '2xx' }, calls);
  if (isFirst) metrics.observe('subnetes_gateway_request_duration_seconds', { route: 'infer' }, 0.007);
  metrics.set('subnetes_gateway_registered_endpoints', { subnet: '1' }, 6);
  metrics.set('subnetes_gateway_healthy_endpoints', { subnet: '1' }, 5);
  metrics.inc('subnetes_billing_charged_tokens_total', { subnet: '1' }, calls * 0.000_002);
}
