import { FUEL_MAX } from '@subnetes/incentive/limits';
import { resolveCountermeasures } from '@subnetes/policy/live-countermeasures';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { BurnBounds } from '../governance/proposal.ts';
import { burnDraftFinding, burnFinding, resolveBurn } from './burn-terms.ts';
import {
  HYPERPARAMETER_DEFAULTS,
  type Hyperparameters,
  type Mechanism,
  type Policy,
  type PolicyDraft,
  type Price,
  type Serving,
} from './policy.ts';
import { drawFinding } from './seal-draw.ts';
import { revealEpochs, weightsFinding, withBeacon } from './weights-policy.ts';

type NumericName = {
  [Name in keyof Hyperparameters]-?: Hyperparameters[Name] extends number ? Name : never;
}[keyof Hyperparameters];

/** Lowest and highest value of each number, both included. */
const BOUNDS: Readonly<Record<NumericName, readonly [number, number]>> = {
  tempo: [10, 50_400],
  yumaVersion: [2, 3],
  kappaU16: [0, 65_535],
  bondsMovingAveragePpm: [0, 975_000],
  immunityPeriodBlocks: [0, 65_535],
  maxUids: [1, 256],
  maxValidators: [1, 256],
  revealPeriodEpochs: [1, 100],
  bondsPenaltyU16: [0, 65_535],
  activityCutoffBlocks: [1, 65_535],
  alphaLowU16: [1638, 65_535],
  alphaHighU16: [1638, 65_535],
  alphaSigmoidSteepness: [0, 32_767],
  minAllowedWeights: [0, 256],
  maxWeightLimitU16: [1, 65_535],
  weightsRateLimitBlocks: [0, 1_000_000],
};

/** A week of 12 s blocks: a newcomer has paid and waits. */
const EVICTION_NOTICE_BLOCKS_MAX = 50_400;
const UIDS_AND_MECHANISMS_MAX = 256;
const MECHANISMS_MAX = 16;
const MODELS_MAX = 32;
const VERSIONS_MAX = 16;
const PRICES_MAX = 64;
const TERMS_MAX = 16;
const RUBRIC_CHARACTERS_MAX = 2048;
const RAO_PATTERN = /^(0|[1-9][0-9]{0,17})$/;
const U64_PATTERN = /^(0|[1-9][0-9]{0,19})$/;
const NAME_PATTERN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const DAY_PATTERN = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const UNITS: readonly string[] = ['Request', 'InputToken', 'OutputToken', 'Second', 'Result'];

/** A rule: the message for the owner when it is broken. Messages begin with the field. */
type Finding = string | undefined;

/**
 * Decides what the owner left open and repeats, on the resolved values, every bound that the resource's schema has: a
 * policy may come from a client that knows no schema.
 */
export function resolvePolicy(draft: PolicyDraft, burnBounds?: BurnBounds): Decision<Policy> {
  const { commitRevealEnabled: _older, burn, ...own } = draft.hyperparameters ?? {};
  const written = Object.entries(own).filter(([, value]) => value !== undefined);
  const around = resolveCountermeasures(draft.countermeasures);
  if ('faults' in around) {
    return refuse('POLICY_INVALID', around.faults.map(({ member, message }) => `${member}: ${message}`).join('; '));
  }
  const { countermeasures } = around;
  const policy: Policy = {
    hyperparameters: {
      ...withBeacon({ ...HYPERPARAMETER_DEFAULTS, ...Object.fromEntries(written) }),
      ...(burn === undefined ? {} : { burn: resolveBurn(burn) }),
    },
    mechanisms: draft.mechanisms ?? [],
    ...(draft.serving === undefined ? {} : { serving: draft.serving }),
    pricing: draft.pricing ?? [],
    terms: draft.terms ?? [],
    ...(countermeasures === undefined ? {} : { countermeasures }),
  };
  const finding =
    weightsFinding(policy.hyperparameters, draft.hyperparameters) ??
    hyperparameterFinding(policy.hyperparameters) ??
    (burn === undefined ? undefined : burnDraftFinding(burn)) ??
    (policy.hyperparameters.burn === undefined ? undefined : burnFinding(policy.hyperparameters.burn, burnBounds)) ??
    mechanismsFinding(policy) ??
    drawFinding(policy) ??
    functionFinding(policy) ??
    (policy.serving === undefined ? undefined : servingFinding(policy.serving, policy)) ??
    pricingFinding(policy) ??
    termsFinding(policy);
  return finding === undefined ? accept(policy) : refuse('POLICY_INVALID', finding);
}

function hyperparameterFinding(values: Hyperparameters): Finding {
  for (const [name, [low, high]] of Object.entries(BOUNDS)) {
    const value = values[name as NumericName];
    if (!Number.isInteger(value) || value < low || value > high) {
      return `hyperparameters.${name} must be ${low} to ${high}, not ${value}`;
    }
  }
  if (values.maxValidators > values.maxUids) {
    return `hyperparameters.maxValidators (${values.maxValidators}) must be at most maxUids (${values.maxUids})`;
  }
  const epochs = revealEpochs(values);
  const revealBlocks = values.tempo * (epochs + 1);
  if (values.immunityPeriodBlocks <= revealBlocks) {
    return `hyperparameters.immunityPeriodBlocks (${values.immunityPeriodBlocks}) must be greater than tempo × (${epochs === 0 ? '' : 'revealPeriodEpochs + '}1) = ${revealBlocks}: a miner has to be scored before it can be evicted`;
  }
  const { evictionNoticeBlocks: notice } = values;
  if (notice !== undefined && !within(notice, 1, EVICTION_NOTICE_BLOCKS_MAX)) {
    return `hyperparameters.evictionNoticeBlocks must be 1 to ${EVICTION_NOTICE_BLOCKS_MAX}, not ${notice}: leave it out to give no notice`;
  }
  if (values.alphaLowU16 > values.alphaHighU16) return 'hyperparameters.alphaLowU16 must be at most alphaHighU16';
  if (!U64_PATTERN.test(values.weightsVersionKey)) return 'hyperparameters.weightsVersionKey must be a whole number';
  if (!RAO_PATTERN.test(values.stakeThresholdRao)) return 'hyperparameters.stakeThresholdRao must be rao as digits';
  return undefined;
}

function mechanismsFinding(policy: Policy): Finding {
  const { mechanisms, hyperparameters } = policy;
  if (mechanisms.length === 0 || mechanisms.length > MECHANISMS_MAX) {
    return `mechanisms must be 1 to ${MECHANISMS_MAX}, not ${mechanisms.length}`;
  }
  if (new Set(mechanisms.map((mechanism) => mechanism.id)).size < mechanisms.length) {
    return 'mechanisms[].id must differ from each other';
  }
  if (hyperparameters.maxUids * mechanisms.length > UIDS_AND_MECHANISMS_MAX) {
    return `hyperparameters.maxUids × mechanisms must be at most ${UIDS_AND_MECHANISMS_MAX}`;
  }
  if (mechanisms.every((mechanism) => mechanism.emissionWeight === 0)) {
    return 'mechanisms[].emissionWeight must be above zero for at least one mechanism';
  }
  return firstOf(mechanisms, (mechanism, index) => mechanismFinding(mechanism, `mechanisms[${index}]`));
}

function mechanismFinding(mechanism: Mechanism, at: string): Finding {
  const { quantileForecast: forecast, evaluation } = mechanism;
  if (!within(mechanism.id, 0, 15)) return `${at}.id must be 0 to 15`;
  if (!NAME_PATTERN.test(mechanism.name)) return `${at}.name must be a DNS label`;
  if (!within(mechanism.emissionWeight, 0, 65_535)) return `${at}.emissionWeight must be 0 to 65535`;
  if (forecast === undefined) return `${at}.quantileForecast is missing: it is the one task type of this version`;
  if (forecast.horizonsDays.length === 0 || forecast.horizonsDays.length > 8) {
    return `${at}.quantileForecast.horizonsDays must be 1 to 8 horizons`;
  }
  if (!forecast.horizonsDays.every((days) => within(days, 1, 365))) {
    return `${at}.quantileForecast.horizonsDays must be 1 to 365 days`;
  }
  if (!within(forecast.quantiles, 3, 99)) return `${at}.quantileForecast.quantiles must be 3 to 99`;
  if (evaluation === undefined) return `${at}.evaluation is missing`;
  if (evaluation.scorer !== 'Crps') return `${at}.evaluation.scorer must be Crps`;
  if (evaluation.replay === undefined) return `${at}.evaluation.replay is missing`;
  if (!NAME_PATTERN.test(evaluation.replay.dataset)) return `${at}.evaluation.replay.dataset must be a DNS label`;
  if (!DAY_PATTERN.test(evaluation.replay.startDay)) return `${at}.evaluation.replay.startDay must be YYYY-MM-DD`;
  if (!within(evaluation.replay.daysPerBlock, 1, 1000)) return `${at}.evaluation.replay.daysPerBlock must be 1 to 1000`;
  if (!within(evaluation.perEpoch, 1, 1000)) return `${at}.evaluation.perEpoch must be 1 to 1000`;
  if (!within(evaluation.timeoutMs, 1, 600_000)) return `${at}.evaluation.timeoutMs must be 1 to 600000`;
  if (!within(evaluation.emaPpm, 1, 1_000_000)) return `${at}.evaluation.emaPpm must be 1 to 1000000`;
  if (!within(evaluation.copiesSimilarityPpm, 0, 1_000_000)) {
    return `${at}.evaluation.copiesSimilarityPpm must be 0 to 1000000`;
  }
  if (evaluation.rubric.length > RUBRIC_CHARACTERS_MAX) return `${at}.evaluation.rubric is too long`;
  return undefined;
}

/** An incentive function runs once a mechanism, and scoring has the time of one run with the most fuel for an epoch. */
function functionFinding({ countermeasures, mechanisms }: Policy): Finding {
  const fuel = countermeasures?.incentiveFunction?.fuel ?? 0;
  if (fuel * mechanisms.length <= FUEL_MAX) return undefined;
  return `countermeasures.incentiveFunction.fuel × mechanisms must be at most ${FUEL_MAX}, not ${fuel} × ${mechanisms.length}`;
}

function servingFinding(serving: Serving, policy: Policy): Finding {
  if (serving.models.length > MODELS_MAX) return `serving.models must be at most ${MODELS_MAX}`;
  if (serving.routingPreset !== '' && serving.routingPreset !== 'Balanced')
    return 'serving.routingPreset must be Balanced';
  if (!within(serving.firstByteTimeoutMs, 0, 3_600_000)) return 'serving.firstByteTimeoutMs must be 0 to 3600000';
  if (!within(serving.totalTimeoutMs, 0, 3_600_000)) return 'serving.totalTimeoutMs must be 0 to 3600000';
  if (serving.totalTimeoutMs > 0 && serving.firstByteTimeoutMs > serving.totalTimeoutMs) {
    return 'serving.firstByteTimeoutMs must be at most totalTimeoutMs';
  }
  return firstOf(serving.models, (model, index) => {
    const at = `serving.models[${index}]`;
    if (!NAME_PATTERN.test(model.name)) return `${at}.name must be a DNS label`;
    if (!policy.mechanisms.some((mechanism) => mechanism.id === model.mechanismId)) {
      return `${at}.mechanismId must be the id of a mechanism, not ${model.mechanismId}`;
    }
    if (model.versions.length > VERSIONS_MAX) return `${at}.versions must be at most ${VERSIONS_MAX}`;
    return undefined;
  });
}

function pricingFinding(policy: Policy): Finding {
  if (policy.pricing.length > PRICES_MAX) return `pricing must be at most ${PRICES_MAX} prices`;
  return firstOf(policy.pricing, (price: Price, index) => {
    const at = `pricing[${index}]`;
    if (!NAME_PATTERN.test(price.name)) return `${at}.name must be a DNS label`;
    if (!policy.serving?.models.some((model) => model.name === price.model)) {
      return `${at}.model must name a model of serving.models, not "${price.model}"`;
    }
    if (!UNITS.includes(price.unit)) return `${at}.unit must be one of ${UNITS.join(', ')}`;
    if (!within(price.per, 1, 1_000_000_000)) return `${at}.per must be 1 to 1000000000`;
    if (!RAO_PATTERN.test(price.priceRao)) return `${at}.priceRao must be rao as digits`;
    return undefined;
  });
}

function termsFinding(policy: Policy): Finding {
  if (policy.terms.length > TERMS_MAX) return `terms must be at most ${TERMS_MAX}`;
  return firstOf(policy.terms, (term, index) => {
    if (term.metric !== 'AnswerValid') return `terms[${index}].metric must be AnswerValid`;
    if (term.verifier !== 'Gateway') return `terms[${index}].verifier must be Gateway`;
    return term.remedy === 'Refund' ? undefined : `terms[${index}].remedy must be Refund`;
  });
}

function firstOf<T>(items: readonly T[], check: (item: T, index: number) => Finding): Finding {
  for (const [index, item] of items.entries()) {
    const finding = check(item, index);
    if (finding !== undefined) return finding;
  }
  return undefined;
}

function within(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}
