import type { MessageInitShape } from '@bufbuild/protobuf';
import { raoFromTokenText } from '@subnetes/money/amount';
import type { PolicySchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { durationMs } from '#domain/duration.ts';
import type { BurnSpec, CommitRevealSpec, MechanismSpec, SubnetPolicy } from '#domain/subnet/subnet.ts';
import { countermeasuresMessage } from './countermeasures-message.ts';

/** A member, or nothing where the spec is silent: what is absent the ledger resolves. */
function given<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}

/** `spec.policy` as the ledger takes it: money in rao, durations in milliseconds. */
export function policyMessage(policy: SubnetPolicy): MessageInitShape<typeof PolicySchema> {
  const hyper = policy.hyperparameters ?? {};
  return {
    hyperparameters: {
      ...given('tempo', hyper.tempo),
      ...given('yumaVersion', hyper.yumaVersion),
      ...given('kappaU16', hyper.kappaU16),
      ...given('bondsMovingAveragePpm', hyper.bondsMovingAveragePpm),
      ...given('immunityPeriodBlocks', hyper.immunityPeriodBlocks),
      ...given('maxUids', hyper.maxUids),
      ...given('maxValidators', hyper.maxValidators),
      ...commitRevealMessage(hyper.commitReveal),
      ...given('weightsRateLimitBlocks', hyper.weightsRateLimitBlocks),
      ...given('missedReveal', hyper.missedReveal),
      ...given('evictionNoticeBlocks', hyper.evictionNoticeBlocks),
      ...given('burn', hyper.burn === undefined ? undefined : burnMessage(hyper.burn)),
    },
    mechanisms: policy.mechanisms.map(mechanismMessage),
    ...given('serving', policy.serving === undefined ? undefined : servingMessage(policy.serving)),
    pricing: (policy.pricing ?? []).map(({ price, name, model, unit, per }) => ({
      name,
      model,
      unit,
      per,
      priceRao: raoText(price),
    })),
    terms: (policy.terms ?? []).map(({ name, metric, verifier, remedy }) => ({ name, metric, verifier, remedy })),
    ...given('countermeasures', countermeasuresMessage(policy)),
  };
}

function burnMessage({ type, min, max, halfLifeBlocks, increasePpm, interval }: BurnSpec) {
  return {
    ...given('type', type),
    ...given('minRao', min === undefined ? undefined : raoText(min)),
    ...given('maxRao', max === undefined ? undefined : raoText(max)),
    ...given('halfLifeBlocks', halfLifeBlocks),
    ...given('increasePpm', increasePpm),
    ...given('interval', interval === undefined ? undefined : intervalMessage(interval)),
  };
}

function intervalMessage({ blocks, targetRegistrations, alphaU64 }: NonNullable<BurnSpec['interval']>) {
  return {
    ...given('blocks', blocks),
    ...given('targetRegistrations', targetRegistrations),
    ...given('alphaU64', alphaU64 === undefined ? undefined : BigInt(alphaU64)),
  };
}

/** The union of the resource as the ledger's flat parameters; quicknet is what the ledger means by no beacon. */
function commitRevealMessage(union: CommitRevealSpec | undefined) {
  if (union === undefined) return {};
  const member = union.timelock ?? union.salted;
  return {
    commitReveal: union.type,
    ...given('revealPeriodEpochs', member?.revealPeriodEpochs),
    ...given('timelockBeacon', union.timelock?.beacon?.custom),
  };
}

function mechanismMessage(mechanism: MechanismSpec) {
  const { task, evaluation } = mechanism;
  const { challenges } = evaluation;
  return {
    id: mechanism.id,
    name: mechanism.name,
    emissionWeight: mechanism.emissionWeight,
    ...given(
      'quantileForecast',
      task.quantileForecast === undefined
        ? undefined
        : { horizonsDays: [...task.quantileForecast.horizonsDays], quantiles: task.quantileForecast.quantiles },
    ),
    evaluation: {
      scorer: evaluation.scorer.type,
      ...given('replay', challenges.replay),
      perEpoch: challenges.perEpoch,
      timeoutMs: durationMs(challenges.timeout) ?? 0,
      emaPpm: evaluation.smoothing.emaPpm,
      ...given('copiesSimilarityPpm', evaluation.copies?.similarityPpm),
      rubric: evaluation.rubric,
    },
  };
}

function servingMessage(serving: NonNullable<SubnetPolicy['serving']>) {
  const { firstByte, total } = serving.timeouts ?? {};
  return {
    models: serving.models.map(({ name, mechanismId, versions }) => ({
      name,
      mechanismId,
      versions: versions.map(({ version, schemaSha256 }) => ({ version, ...given('schemaSha256', schemaSha256) })),
    })),
    ...given('routingPreset', serving.routing?.preset),
    ...given('firstByteTimeoutMs', firstByte === undefined ? undefined : durationMs(firstByte)),
    ...given('totalTimeoutMs', total === undefined ? undefined : durationMs(total)),
  };
}

/** The CRD's pattern admits nothing that does not parse; the ledger refuses an empty price by name. */
function raoText(tokens: string): string {
  const parsed = raoFromTokenText(tokens);
  return parsed.ok ? parsed.value.toString() : '';
}
