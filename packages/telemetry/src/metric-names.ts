// oxlint-disable max-lines -- one table, read as a page: the whole catalogue of what we measure

/**
 * The catalogue of every metric that a part of Subnetes exports. Dashboards, alerts and services take names from
 * here only, so a renamed metric breaks the build and not a panel. Units are in the names. The label `subnet` holds
 * the netuid as text; `uid` is bounded by 256 a subnet. Labels never hold keys, accounts, request ids or error text.
 */
export interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** What one stands for, as in the end of the name. */
  readonly unit: string;
  /** Upper bounds of a histogram's buckets, in `unit`. */
  readonly buckets?: readonly number[];
}

/** OpenTelemetry's advice for calls, with 15 ms and 120 s added since objectives sit on them. */
const CALL_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
const EPOCH_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120] as const;
const RECONCILE_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const;

function counter<const L extends readonly string[]>(unit: string, help: string, labels: L) {
  return { type: 'counter', unit, help, labels } as const;
}

function gauge<const L extends readonly string[]>(unit: string, help: string, labels: L) {
  return { type: 'gauge', unit, help, labels } as const;
}

function histogram<const L extends readonly string[]>(help: string, labels: L, buckets: readonly number[]) {
  return { type: 'histogram', unit: 'seconds', help, labels, buckets } as const;
}

export const METRICS = {
  // Every service
  subnetes_build_info: gauge('info', 'Always 1; tells what runs', ['service', 'version', 'commit']),
  subnetes_telemetry_series_dropped_total: counter('series', 'Label sets that were refused at the limit', ['metric']),
  http_server_request_duration_seconds: histogram(
    'HTTP requests served',
    ['http_request_method', 'http_route', 'http_response_status_code'],
    CALL_SECONDS,
  ),
  rpc_server_call_duration_seconds: histogram('gRPC calls served', ['rpc_method', 'rpc_status_code'], CALL_SECONDS),
  rpc_client_call_duration_seconds: histogram('gRPC calls made', ['rpc_method', 'rpc_status_code'], CALL_SECONDS),
  subnetes_bus_messages_published_total: counter('messages', 'Publishes by result', ['stream', 'result']),
  subnetes_bus_messages_consumed_total: counter('messages', 'Deliveries by outcome', ['consumer', 'outcome']),

  // Ledger
  subnetes_ledger_writer: gauge('writers', '1 on the ledger that writes, 0 on one that stands by', []),
  subnetes_ledger_block_height: gauge('blocks', 'The last block', []),
  subnetes_ledger_last_block_timestamp_seconds: gauge('seconds', 'When the last block was made', []),
  subnetes_ledger_clock_offset_seconds: gauge(
    'seconds',
    'How far the clock of the database is ahead of the ledger’s',
    [],
  ),
  subnetes_ledger_clock_jumped_seconds_total: counter(
    'seconds',
    'By which wall time went otherwise than the steady clock',
    ['direction'],
  ),
  subnetes_ledger_block_time_seconds: gauge('seconds', 'Time between two blocks, as the genesis says', []),
  subnetes_ledger_token_info: gauge('info', "Always 1; tells what the network's token is called at present", [
    'symbol',
  ]),
  subnetes_ledger_block_reward_tokens: gauge('tokens', 'What a block mints at present', []),
  subnetes_ledger_issued_tokens: gauge('tokens', 'All that was ever issued', []),
  subnetes_ledger_cap_tokens: gauge('tokens', 'All that can ever be issued', []),
  subnetes_ledger_burned_tokens: gauge('tokens', 'All that was burned', []),
  subnetes_ledger_next_halving_issued_tokens: gauge('tokens', 'The issuance at which the reward halves next', []),
  subnetes_ledger_minted_tokens_total: counter('tokens', 'Minted since the process started', []),
  subnetes_ledger_minted_rao_total: counter('rao', 'Minted since the process started', []),
  subnetes_ledger_paid_tokens_total: counter('tokens', 'Paid by epochs', ['subnet', 'recipient']),
  subnetes_ledger_journal_entries_total: counter('entries', 'Journal entries written', ['kind']),
  subnetes_ledger_journal_sequence: gauge('entries', 'Sequence of the last journal entry', []),
  subnetes_ledger_refusals_total: counter('refusals', 'Commands refused', ['reason']),
  subnetes_ledger_batch_duration_seconds: histogram('A batch of the sequencer, commit included', [], CALL_SECONDS),
  subnetes_ledger_batch_commands_total: counter('commands', 'Commands that the sequencer took', []),
  subnetes_ledger_queue_commands: gauge('commands', 'Commands that wait for the sequencer', []),
  subnetes_ledger_invariant_ok: gauge('bool', '1 while the auditor finds the invariant true', ['invariant']),
  subnetes_ledger_conservation_difference_rao: gauge('rao', 'Balances less what was issued: zero, always', []),
  subnetes_ledger_audit_timestamp_seconds: gauge('seconds', 'When the auditor last finished', []),
  subnetes_ledger_epochs_sealed_total: counter('epochs', 'Epochs sealed', ['subnet']),
  subnetes_ledger_epochs_paid_total: counter('epochs', 'Epochs paid', ['subnet']),
  subnetes_ledger_epoch_index: gauge('epochs', 'The last epoch sealed', ['subnet']),
  subnetes_ledger_epoch_paid_index: gauge('epochs', 'The last epoch paid', ['subnet']),
  subnetes_ledger_epoch_overdue_blocks: gauge('blocks', 'Blocks for which a sealed epoch waits for payment', [
    'subnet',
  ]),
  subnetes_ledger_epoch_unwitnessed_blocks: gauge('blocks', 'Blocks for which a scored epoch waits for witnesses', [
    'subnet',
  ]),
  subnetes_ledger_tempo_blocks: gauge('blocks', 'Blocks between two epochs', ['subnet']),
  subnetes_ledger_reveal_period_epochs: gauge(
    'epochs',
    'Epochs from a commit to its reveal; 0: weights are in the open',
    ['subnet'],
  ),
  subnetes_ledger_emission_share_ratio: gauge('ratio', "The subnet's share of a block's reward", ['subnet']),
  subnetes_ledger_emission_use_tokens: gauge(
    'tokens',
    'Burned network fees that the next block follows; 0 unless by use',
    ['subnet'],
  ),
  subnetes_ledger_pot_tokens: gauge('tokens', 'What the next epoch has to pay so far', ['subnet']),
  subnetes_ledger_neurons: gauge('neurons', 'Registered neurons', ['subnet']),
  subnetes_ledger_staked_tokens: gauge('tokens', 'Stake that counts: of owners, delegated, and what root counts for', [
    'subnet',
    'holder',
  ]),
  subnetes_ledger_unbonding_tokens: gauge('tokens', 'Stake that has left and is not released yet', ['subnet']),
  subnetes_ledger_slashes: gauge('slashes', 'Slashes there ever were, by what has come of them', ['subnet', 'status']),
  subnetes_ledger_insured_tokens: gauge('tokens', 'What slashes put into the insurance account', []),
  subnetes_ledger_registration_cost_tokens: gauge('tokens', 'What a registration costs now', ['subnet']),
  subnetes_ledger_registrations_of_interval: gauge(
    'registrations',
    'Registrations that count towards the next price; only where intervals move it',
    ['subnet'],
  ),
  subnetes_ledger_pool_price_tokens: gauge('tokens', "Price of a subnet's token: spot, and its moving average", [
    'subnet',
    'kind',
  ]),
  subnetes_ledger_pool_reserve_tokens: gauge('tokens', "Reserves of a subnet's pool: the network's and its own token", [
    'subnet',
    'side',
  ]),
  subnetes_ledger_pool_volume_tokens: gauge('tokens', 'What swaps have moved in a pool since genesis', ['subnet']),
  subnetes_ledger_proposals: gauge('proposals', 'Proposals, those that ended long ago left out', ['state']),
  subnetes_ledger_treasury_tokens: gauge('tokens', 'What the network has to spend by proposals', []),
  subnetes_ledger_open_grants: gauge('grants', 'Grants of the treasury that are not paid out', []),
  subnetes_ledger_pending_evictions: gauge('neurons', 'Newcomers that wait for who has notice', ['subnet']),
  subnetes_ledger_eviction_due_blocks: gauge('blocks', 'Until the next eviction; 0 while none is ahead', ['subnet']),
  subnetes_ledger_dissolving: gauge('phase', '0 goes on or has ended, 1 its end is announced, 2 pays out', ['subnet']),
  subnetes_ledger_dissolution_due_blocks: gauge('blocks', 'Until the announced end; 0 while there is none', ['subnet']),
  subnetes_ledger_subnet_cost_tokens: gauge('tokens', 'What a new subnet costs now', []),
  subnetes_ledger_checkpoint_witness_total: counter('checkpoints', 'What witnesses said to checkpoints', [
    'witness',
    'outcome',
  ]),
  subnetes_ledger_outbox_pending_events: gauge('events', 'Journal events that the bus has not acknowledged', []),

  // The audit of the ledger from outside
  subnetes_audit_findings: gauge('findings', 'What the last audit from outside found', ['check']),
  subnetes_audit_entries: gauge('entries', 'Journal entries that the audit from outside has followed', []),
  subnetes_audit_timestamp_seconds: gauge('seconds', 'When the audit from outside last finished', []),
  subnetes_audit_full_timestamp_seconds: gauge('seconds', 'When one from the first entry last finished', []),

  // Scoring
  subnetes_scoring_leader: gauge('leaders', '1 on the replica that follows the ledger and scores, 0 on a standby', []),
  subnetes_scoring_epochs_total: counter('epochs', 'Epochs scored', ['subnet']),
  subnetes_scoring_epoch_duration_seconds: histogram('Scoring one epoch, inputs to outbox', ['subnet'], EPOCH_SECONDS),
  subnetes_scoring_weights_commits_total: counter('commits', 'Weight commits', ['subnet', 'result']),
  subnetes_scoring_weights_reveals_total: counter('reveals', 'Weight reveals', ['subnet', 'result']),
  subnetes_scoring_weights_sets_total: counter('sets', 'Weights set in the open', ['subnet', 'result']),
  subnetes_scoring_refusals_total: counter('refusals', 'Weights refused, or time-locked and not opened', [
    'subnet',
    'reason',
  ]),
  subnetes_scoring_evidence_total: counter('evidence', 'Evidence of faults that the ledger was told of', [
    'subnet',
    'type',
    'result',
  ]),
  subnetes_scoring_beacon_requests_total: counter('requests', 'Rounds of a beacon asked for: verified, absent, …', [
    'result',
  ]),
  subnetes_scoring_incentive_sum_ratio: gauge('ratio', 'Sum of the last incentives: 1, or 0 without weights', [
    'subnet',
  ]),
  subnetes_scoring_incentive_top_share_ratio: gauge('ratio', "The best miner's part of the incentive", ['subnet']),
  subnetes_scoring_validator_trust_ratio: gauge('ratio', 'Validator trust of the last epoch', ['subnet', 'stat']),
  subnetes_scoring_validators: gauge('validators', 'Validators by state: permitted, revealed, abstaining', [
    'subnet',
    'state',
  ]),
  subnetes_scoring_miners: gauge('miners', 'Miners by state: judged, answering, earning', ['subnet', 'state']),
  subnetes_scoring_weights_age_blocks: gauge('blocks', 'Age of the oldest weights of a permitted validator', [
    'subnet',
  ]),
  subnetes_scoring_neuron_incentive_ratio: gauge('ratio', 'Incentive of the last epoch', ['subnet', 'uid']),
  subnetes_scoring_neuron_dividends_ratio: gauge('ratio', 'Dividends of the last epoch', ['subnet', 'uid']),
  subnetes_scoring_neuron_trust_ratio: gauge('ratio', 'Validator trust of the last epoch', ['subnet', 'uid']),
  subnetes_scoring_neuron_emission_tokens: gauge('tokens', 'Paid to the neuron by the last epoch', ['subnet', 'uid']),
  subnetes_scoring_validator_influence_ratio: gauge(
    'ratio',
    "What leaving out the validator's vote changes of all incentives: 0 to 2",
    ['subnet', 'uid'],
  ),
  subnetes_scoring_influence_concentration_ratio: gauge(
    'ratio',
    'Herfindahl index of influence: 1 when one validator has all of it, 0 when nobody alone changes anything',
    ['subnet'],
  ),
  subnetes_scoring_capture_index_ratio: gauge(
    'ratio',
    'Smallest stake found without which a tenth of the incentive would go elsewhere; 0.5: none below half',
    ['subnet'],
  ),
  subnetes_scoring_incentive_functions: gauge(
    'mechanisms',
    "Mechanisms by what became of the policy's incentive function: decided, declined, refused, missing",
    ['subnet', 'state'],
  ),
  subnetes_scoring_incentive_function_fuel: gauge('fuel', 'Most fuel that one run of the last epoch took', ['subnet']),
  subnetes_scoring_neuron_crps: gauge('score', 'Mean CRPS that validators reported; lower is better', [
    'subnet',
    'uid',
  ]),

  // Witness
  subnetes_witness_signed_total: counter('epochs', 'Epochs recomputed, found right and signed', ['subnet']),
  subnetes_witness_refused_total: counter('epochs', 'Epochs that were not signed, by what was wrong', ['reason']),
  subnetes_witness_checkpoints_total: counter('checkpoints', 'Checkpoints of ledgers that were judged', ['outcome']),
  subnetes_witness_epoch_duration_seconds: histogram('Judging one epoch, from asking to signed', [], EPOCH_SECONDS),

  // Serving gateway
  subnetes_gateway_requests_total: counter('requests', 'Requests answered', ['subnet', 'model', 'code_class']),
  subnetes_gateway_request_duration_seconds: histogram('From the head to the last byte', ['route'], CALL_SECONDS),
  subnetes_gateway_upstream_attempts_total: counter('attempts', 'Calls of miners', ['subnet', 'outcome']),
  subnetes_gateway_inflight_requests: gauge('requests', 'Requests in flight', []),
  subnetes_gateway_refusals_total: counter('requests', 'Requests refused before a miner was called', ['reason']),
  subnetes_gateway_registered_endpoints: gauge('endpoints', 'Miners that announced an endpoint', ['subnet']),
  subnetes_gateway_healthy_endpoints: gauge('endpoints', 'Miners that may be called now', ['subnet']),
  subnetes_gateway_leases_open: gauge('leases', 'Leases from which requests are paid', []),
  subnetes_gateway_leases_total: counter('leases', 'Leases granted or refused', ['result']),
  subnetes_gateway_receipts_total: counter('receipts', 'Receipts by who signed', ['result']),
  subnetes_gateway_usage_spooled: gauge('events', 'Usage that the bus has not acknowledged', []),

  // Billing
  subnetes_billing_usage_events_total: counter('events', 'Usage taken in, by result', ['result']),
  subnetes_billing_rated_rao_total: counter('rao', 'Charged for results', ['subnet']),
  subnetes_billing_charged_tokens_total: counter('tokens', 'Charged for results', ['subnet']),
  subnetes_billing_leases_open: gauge('leases', 'Leases whose hold is open', []),
  subnetes_billing_written_off_rao_total: counter('rao', 'Usage that came after its hold had ended', []),
  subnetes_billing_unsettled_events: gauge('events', 'Usage rated and not yet posted at the ledger', []),

  // Miner
  subnetes_miner_inferences_total: counter('inferences', 'Answers by outcome', ['model', 'outcome']),
  subnetes_miner_inference_duration_seconds: histogram('One inference', ['model'], CALL_SECONDS),
  subnetes_miner_invalid_requests_total: counter('requests', 'Requests refused by the miner', ['reason']),
  subnetes_miner_handshakes_total: counter('handshakes', 'Handshakes by result', ['result']),

  // Validator
  subnetes_validator_challenges_total: counter('challenges', 'Challenges sent', []),
  subnetes_validator_answers_total: counter('answers', 'Answers by outcome', ['outcome']),
  subnetes_validator_answer_duration_seconds: histogram('From question to answer', [], CALL_SECONDS),
  subnetes_validator_loss: gauge('score', "Moving average of a miner's loss; lower is better", ['uid']),
  subnetes_validator_weights_total: counter('submissions', 'Commits and reveals sent', ['step', 'result']),
  subnetes_validator_failed_audits_total: counter('audits', 'Miners that answered a question in two ways', []),
  subnetes_validator_copies_total: counter('pairs', 'Answers that repeated those of another miner', []),

  // Operator: controller-runtime's names, so that dashboards made for those work unchanged
  controller_runtime_reconcile_total: counter('reconciles', 'Reconciles by result', ['controller', 'result']),
  controller_runtime_reconcile_errors_total: counter('reconciles', 'Reconciles that failed', ['controller']),
  controller_runtime_reconcile_timeouts_total: counter('reconciles', 'Reconciles that ran out of time', ['controller']),
  controller_runtime_reconcile_time_seconds: histogram('One reconcile', ['controller'], RECONCILE_SECONDS),
  controller_runtime_active_workers: gauge('workers', 'Workers that reconcile now', ['controller']),
  controller_runtime_max_concurrent_reconciles: gauge('workers', 'Workers of the controller', ['controller']),
  workqueue_depth: gauge('keys', 'Keys that wait', ['name']),
  workqueue_adds_total: counter('keys', 'Keys added', ['name']),
  workqueue_retries_total: counter('keys', 'Keys added again after a failure', ['name']),
  workqueue_queue_duration_seconds: histogram('From added to taken', ['name'], RECONCILE_SECONDS),
  workqueue_work_duration_seconds: histogram('From taken to done', ['name'], RECONCILE_SECONDS),
  rest_client_requests_total: counter('requests', 'Calls of the API server', ['code', 'method', 'host']),
  subnetes_operator_watch_restarts_total: counter('restarts', 'Watches opened again', ['gvk', 'reason']),
  subnetes_operator_cache_objects: gauge('objects', 'Objects in the cache', ['gvk']),
  subnetes_operator_applies_total: counter('applies', 'Server-side applies by result', ['kind', 'result']),
  subnetes_resource_status_condition: gauge('bool', '1 while the condition is True', [
    'customresource_kind',
    'namespace',
    'name',
    'type',
  ]),
} as const satisfies Record<string, MetricSpec>;

/**
 * Labels that a scrape adds to all that a neuron exports, as the operator's discovery gives them. No metric of a neuron
 * has one of these by itself: Prometheus would rename it. A neuron's own metrics begin with `subnetes_miner_` or
 * `subnetes_validator_`; the chart's scrape drops what else it exports, but for a few of the process.
 */
export const NEURON_TARGET_LABELS = ['subnet', 'kind', 'namespace', 'neuron', 'pod'] as const;

/** Any metric of the catalogue. */
export type MetricName = keyof typeof METRICS;

/** The metrics of one type. */
export type MetricNameOf<T extends MetricSpec['type']> = {
  [N in MetricName]: (typeof METRICS)[N]['type'] extends T ? N : never;
}[MetricName];

/** The label set that a metric takes: every label, nothing else. */
export type LabelsOf<N extends MetricName> = { readonly [K in (typeof METRICS)[N]['labels'][number]]: string };
