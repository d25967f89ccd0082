import type { MetricName } from '@subnetes/telemetry/metric-names';

/** What prom-client exports of every process by itself; the catalogue holds our own metrics alone. */
type ProcessMetric = 'process_resident_memory_bytes' | 'nodejs_eventloop_lag_p99_seconds';

/** The metrics of boards and alerts, by what they mean here. A name that the catalogue does not have breaks the build. */
export const metrics = {
  buildInfo: 'subnetes_build_info',
  blockHeight: 'subnetes_ledger_block_height',
  lastBlockTimestamp: 'subnetes_ledger_last_block_timestamp_seconds',
  blockTime: 'subnetes_ledger_block_time_seconds',
  blockReward: 'subnetes_ledger_block_reward_tokens',
  issued: 'subnetes_ledger_issued_tokens',
  cap: 'subnetes_ledger_cap_tokens',
  burned: 'subnetes_ledger_burned_tokens',
  nextHalvingIssued: 'subnetes_ledger_next_halving_issued_tokens',
  minted: 'subnetes_ledger_minted_tokens_total',
  paid: 'subnetes_ledger_paid_tokens_total',
  conservationDifference: 'subnetes_ledger_conservation_difference_rao',
  subnetEpochIndex: 'subnetes_ledger_epoch_index',
  subnetPaidIndex: 'subnetes_ledger_epoch_paid_index',
  epochOverdue: 'subnetes_ledger_epoch_overdue_blocks',
  tempo: 'subnetes_ledger_tempo_blocks',
  revealPeriod: 'subnetes_ledger_reveal_period_epochs',
  emissionShare: 'subnetes_ledger_emission_share_ratio',
  pot: 'subnetes_ledger_pot_tokens',
  neurons: 'subnetes_ledger_neurons',
  validators: 'subnetes_scoring_validators',
  miners: 'subnetes_scoring_miners',
  validatorTrust: 'subnetes_scoring_validator_trust_ratio',
  weightsAge: 'subnetes_scoring_weights_age_blocks',
  topShare: 'subnetes_scoring_incentive_top_share_ratio',
  epochDuration: 'subnetes_scoring_epoch_duration_seconds',
  gatewayRequests: 'subnetes_gateway_requests_total',
  gatewayDuration: 'subnetes_gateway_request_duration_seconds',
  healthyEndpoints: 'subnetes_gateway_healthy_endpoints',
  charged: 'subnetes_billing_charged_tokens_total',
  validatorAnswers: 'subnetes_validator_answers_total',
  answerDuration: 'subnetes_validator_answer_duration_seconds',
  minerInferences: 'subnetes_miner_inferences_total',
  memory: 'process_resident_memory_bytes',
  eventLoopLag: 'nodejs_eventloop_lag_p99_seconds',
} as const satisfies Readonly<Record<string, MetricName | ProcessMetric>>;
