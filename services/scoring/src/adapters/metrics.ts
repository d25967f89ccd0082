import type { Metrics } from '@subnetes/telemetry/metrics';
import type { EnvelopeKind } from '#application/ports.ts';
import type { EpochInfluence } from '#domain/epoch-influence.ts';
import type { FaultType } from '#domain/faults/fault.ts';
import { type FunctionRecord, type Metagraph, WeightsState } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';

const RAO_PER_TOKEN = 1e9;
const U16_MAX = 65_535;
const PPM = 1_000_000;

/** What scoring tells about itself and its subnets. */
export interface ScoringMetrics {
  /** One item of a validator's call, or a time-locked commit that opened or did not. */
  submission(kind: EnvelopeKind, netuid: number, refusal: string | undefined): void;
  epochScored(netuid: number, seconds: number): void;
  /** Evidence that the ledger was told of, and what it said: `reported` or `refused`. */
  evidence(netuid: number, type: FaultType, result: (typeof EVIDENCE_RESULTS)[number]): void;
  /** Shows a subnet's newest metagraph in the gauges, in place of the one before; an older one changes nothing. */
  show(metagraph: Metagraph): void;
  /** Shows whose votes decided the newest epoch of which that was computed. */
  showInfluence(netuid: number, influence: EpochInfluence): void;
  lead(): void;
  /** The subnets are the leader's to show. */
  standBy(): void;
}

const COUNTERS = {
  commit: 'subnetes_scoring_weights_commits_total',
  reveal: 'subnetes_scoring_weights_reveals_total',
  set: 'subnetes_scoring_weights_sets_total',
} as const;

const SUBNET_GAUGES = [
  'subnetes_scoring_incentive_sum_ratio',
  'subnetes_scoring_incentive_top_share_ratio',
  'subnetes_scoring_validator_trust_ratio',
  'subnetes_scoring_validators',
  'subnetes_scoring_miners',
  'subnetes_scoring_weights_age_blocks',
  'subnetes_scoring_influence_concentration_ratio',
  'subnetes_scoring_capture_index_ratio',
  'subnetes_scoring_incentive_functions',
  'subnetes_scoring_incentive_function_fuel',
] as const;

const NEURON_GAUGES = [
  'subnetes_scoring_neuron_incentive_ratio',
  'subnetes_scoring_neuron_dividends_ratio',
  'subnetes_scoring_neuron_trust_ratio',
  'subnetes_scoring_neuron_emission_tokens',
  'subnetes_scoring_neuron_crps',
  'subnetes_scoring_validator_influence_ratio',
] as const;

/** What the gauges show of a subnet. */
interface Shown {
  readonly epochIndex: bigint;
  readonly uids: ReadonlySet<number>;
  readonly judged: ReadonlySet<number>;
}

const FAULT_TYPES: readonly FaultType[] = ['FailedAudits', 'Unavailable'];
const EVIDENCE_RESULTS = ['reported', 'refused'] as const;

export function scoringMetrics(metrics: Metrics): ScoringMetrics {
  const shown = new Map<number, Shown>();
  const influential = new Map<number, ReadonlySet<number>>();
  return {
    submission: (kind, netuid, refusal) => {
      const subnet = String(netuid);
      metrics.inc(COUNTERS[kind], { subnet, result: refusal === undefined ? 'accepted' : 'refused' });
      if (refusal !== undefined) metrics.inc('subnetes_scoring_refusals_total', { subnet, reason: refusal });
    },
    epochScored: (netuid, seconds) => {
      const subnet = String(netuid);
      metrics.inc('subnetes_scoring_epochs_total', { subnet });
      metrics.observe('subnetes_scoring_epoch_duration_seconds', { subnet }, seconds);
    },
    evidence: (netuid, type, result) =>
      metrics.inc('subnetes_scoring_evidence_total', { subnet: String(netuid), type, result }),
    show: (metagraph) => {
      const { netuid, epochIndex, neurons } = metagraph;
      const before = shown.get(netuid);
      if (before !== undefined && before.epochIndex > epochIndex) return;
      const now: Shown = {
        epochIndex,
        uids: new Set(neurons.map(({ uid }) => uid)),
        judged: new Set(neurons.filter(({ judged }) => judged > 0).map(({ uid }) => uid)),
      };
      shown.set(netuid, now);
      forgetGone(metrics, { subnet: String(netuid), before, now });
      if (before === undefined) startEvidence(metrics, String(netuid));
      fill(metrics, metagraph);
      fillFunctions(metrics, metagraph);
    },
    showInfluence: (netuid, { validators, concentrationPpm, captureIndexPpm }) => {
      if (!shown.has(netuid)) return; // another process leads, or the subnet's gauges are not up yet
      const subnet = String(netuid);
      metrics.set('subnetes_scoring_influence_concentration_ratio', { subnet }, concentrationPpm / PPM);
      metrics.set('subnetes_scoring_capture_index_ratio', { subnet }, captureIndexPpm / PPM);
      const voting = new Set(validators.map(({ uid }) => uid));
      for (const uid of (influential.get(netuid) ?? new Set<number>()).difference(voting)) {
        metrics.forget('subnetes_scoring_validator_influence_ratio', { subnet, uid: String(uid) });
      }
      influential.set(netuid, voting);
      for (const { uid, influencePpm } of validators) {
        metrics.set('subnetes_scoring_validator_influence_ratio', { subnet, uid: String(uid) }, influencePpm / PPM);
      }
    },
    lead: () => metrics.set('subnetes_scoring_leader', {}, 1),
    standBy: () => {
      metrics.set('subnetes_scoring_leader', {}, 0);
      shown.clear();
      influential.clear();
      for (const name of [...SUBNET_GAUGES, ...NEURON_GAUGES]) metrics.clear(name);
    },
  };
}

/** From zero, so that the first piece of evidence is seen as growth, and that there was none is seen too. */
function startEvidence(metrics: Metrics, subnet: string): void {
  for (const type of FAULT_TYPES) {
    for (const result of EVIDENCE_RESULTS) metrics.inc('subnetes_scoring_evidence_total', { subnet, type, result }, 0);
  }
}

/** Uids that are gone must not stay, nor the loss of a uid that nobody has judged. */
function forgetGone(
  metrics: Metrics,
  change: { readonly subnet: string; readonly before: Shown | undefined; readonly now: Shown },
): void {
  const { subnet, before, now } = change;
  if (before === undefined) return;
  for (const uid of before.uids.difference(now.uids)) {
    for (const name of NEURON_GAUGES) metrics.forget(name, { subnet, uid: String(uid) });
  }
  for (const uid of before.judged.difference(now.judged)) {
    metrics.forget('subnetes_scoring_neuron_crps', { subnet, uid: String(uid) });
  }
}

function fill(metrics: Metrics, metagraph: Metagraph): void {
  const { neurons } = metagraph;
  const subnet = String(metagraph.netuid);
  const incentives = neurons.map(({ incentiveU16 }) => incentiveU16 / U16_MAX);
  metrics.set(
    'subnetes_scoring_incentive_sum_ratio',
    { subnet },
    incentives.reduce((sum, share) => sum + share, 0),
  );
  metrics.set('subnetes_scoring_incentive_top_share_ratio', { subnet }, Math.max(0, ...incentives));
  fillValidators(metrics, metagraph);

  const miners = neurons.filter((each) => !each.validatorPermit && each.weightsState === WeightsState.NONE);
  const states = {
    judged: miners.filter(({ judged }) => judged > 0).length,
    // As the operator judges health: less than half of the answers refused.
    answering: miners.filter(({ answers, invalid }) => 2 * invalid < answers).length,
    earning: miners.filter(({ incentiveRao }) => incentiveRao !== '0').length,
  };
  for (const [state, value] of Object.entries(states)) metrics.set('subnetes_scoring_miners', { subnet, state }, value);

  for (const neuron of neurons) {
    const labels = { subnet, uid: String(neuron.uid) };
    metrics.set('subnetes_scoring_neuron_incentive_ratio', labels, neuron.incentiveU16 / U16_MAX);
    metrics.set('subnetes_scoring_neuron_dividends_ratio', labels, neuron.dividendsU16 / U16_MAX);
    metrics.set('subnetes_scoring_neuron_trust_ratio', labels, neuron.validatorTrustU16 / U16_MAX);
    const earned = Number(BigInt(neuron.incentiveRao) + BigInt(neuron.dividendRao)) / RAO_PER_TOKEN;
    metrics.set('subnetes_scoring_neuron_emission_tokens', labels, earned);
    if (neuron.judged > 0) metrics.set('subnetes_scoring_neuron_crps', labels, neuron.loss);
  }
}

const FUNCTION_STATES = ['decided', 'declined', 'refused', 'missing'] as const;

/** All of it is zero on a subnet that has no function, or has one no more. */
function fillFunctions(metrics: Metrics, { netuid, incentiveFunctions }: Metagraph): void {
  const subnet = String(netuid);
  const states = incentiveFunctions.map(functionState);
  for (const state of FUNCTION_STATES) {
    const labels = { subnet, state };
    metrics.set('subnetes_scoring_incentive_functions', labels, states.filter((own) => own === state).length);
  }
  const fuel = Math.max(0, ...incentiveFunctions.map(({ fuelUsed }) => fuelUsed));
  metrics.set('subnetes_scoring_incentive_function_fuel', { subnet }, fuel);
}

function functionState({ refusal }: FunctionRecord): (typeof FUNCTION_STATES)[number] {
  if (refusal === '') return 'decided';
  if (refusal === 'FUNCTION_DECLINED') return 'declined';
  return refusal === 'MODULE_MISSING' ? 'missing' : 'refused';
}

function fillValidators(metrics: Metrics, { netuid, block, neurons, validatorsRevealed }: Metagraph): void {
  const subnet = String(netuid);
  const permitted = neurons.filter(({ validatorPermit }) => validatorPermit);
  const trusts = permitted.map(({ validatorTrustU16 }) => validatorTrustU16 / U16_MAX).toSorted((a, b) => a - b);
  const stats = { min: trusts[0] ?? 0, median: trusts[Math.floor(trusts.length / 2)] ?? 0, max: trusts.at(-1) ?? 0 };
  for (const [stat, value] of Object.entries(stats)) {
    metrics.set('subnetes_scoring_validator_trust_ratio', { subnet, stat }, value);
  }
  metrics.set('subnetes_scoring_validators', { subnet, state: 'permitted' }, permitted.length);
  metrics.set('subnetes_scoring_validators', { subnet, state: 'revealed' }, validatorsRevealed);
  const abstaining = neurons.filter(({ abstention }) => abstention !== '').length;
  metrics.set('subnetes_scoring_validators', { subnet, state: 'abstaining' }, abstaining);
  const ages = permitted.map(({ lastUpdateBlock }) => Number(block - lastUpdateBlock));
  metrics.set('subnetes_scoring_weights_age_blocks', { subnet }, Math.max(0, ...ages));
}
