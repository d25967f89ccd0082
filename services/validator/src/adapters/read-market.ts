import type { MarketState } from '@subnetes/neuron/market-view';
import type { Hyperparameters, Mechanism, Policy } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { Market, MarketTerms, Miner } from '#application/ports.ts';
import type { CommitReveal } from '#domain/submission.ts';

const PROTOCOL = 'kserve-v2-rest';
const TEMPO_DEFAULT = 360;

/**
 * The market in the validator's words. Undefined while this validator is not registered or the policy has no mechanism
 * that it can judge; it judges the one with the lowest id.
 */
export function readMarket(state: MarketState, registrationId: string): Market | undefined {
  const policy = state.subnet.active?.policy ?? state.subnet.pending?.policy;
  const own = state.neurons.get(registrationId);
  const mechanism = policy?.mechanisms.toSorted((a, b) => a.id - b.id).find(isJudged);
  if (policy === undefined || own === undefined || mechanism === undefined) return undefined;
  const firstBlock = Number(state.subnet.startBlock);
  return {
    block: Number(state.block),
    netuid: state.subnet.netuid,
    miners: minersOf(state),
    registered: new Set(state.neurons.keys()),
    hasPermit: own.validatorPermit,
    firstBlock,
    intervalStart: state.subnet.epochIndex === 0n ? firstBlock : Number(state.subnet.epochBlock),
    terms: termsOf(policy, mechanism, state.blockTimeMs),
  };
}

function isJudged({ quantileForecast, evaluation }: Mechanism): boolean {
  return quantileForecast !== undefined && evaluation?.scorer === 'Crps' && evaluation.replay !== undefined;
}

function minersOf(state: MarketState): readonly Miner[] {
  const miners: Miner[] = [];
  for (const [id, { uid, hotkey, registeredAtBlock, endpoint }] of state.neurons) {
    if (endpoint === undefined || endpoint.urls.length === 0 || !endpoint.protocols.includes(PROTOCOL)) continue;
    if (endpoint.expiresAtBlock < state.block) continue;
    const { urls, spkiSha256 } = endpoint;
    miners.push({ id, uid, hotkey, registeredAt: Number(registeredAtBlock), urls, spkiSha256 });
  }
  return miners.toSorted((a, b) => a.uid - b.uid);
}

function termsOf(policy: Policy, mechanism: Mechanism, blockTimeMs: number): MarketTerms {
  const { evaluation, quantileForecast } = mechanism;
  const { hyperparameters } = policy;
  const sold = policy.serving?.models.find(({ mechanismId }) => mechanismId === mechanism.id);
  return {
    mechanismId: mechanism.id,
    modelName: sold?.name ?? `mechanism-${mechanism.id}`,
    task: { horizonsDays: quantileForecast?.horizonsDays ?? [], quantileCount: quantileForecast?.quantiles ?? 0 },
    dataset: evaluation?.replay?.dataset ?? '',
    startDay: evaluation?.replay?.startDay ?? '',
    daysPerBlock: evaluation?.replay?.daysPerBlock ?? 1,
    perEpoch: evaluation?.perEpoch ?? 1,
    timeoutMs: evaluation?.timeoutMs ?? 0,
    emaPpm: evaluation?.emaPpm ?? 1_000_000,
    // Absent or zero means that copies are not looked for: no similarity reaches more than one.
    similarityPpm: evaluation?.copiesSimilarityPpm || 1_000_001,
    tempo: hyperparameters?.tempo ?? TEMPO_DEFAULT,
    blockTimeMs,
    commitReveal: commitRevealOf(hyperparameters),
    weightsVersionKey: hyperparameters?.weightsVersionKey ?? 0n,
  };
}

/** Policies that were resolved before there was a choice are salted. */
function commitRevealOf(set: Hyperparameters | undefined): CommitReveal {
  const revealPeriodEpochs = set?.revealPeriodEpochs ?? 1;
  const beacon = set?.timelockBeacon;
  if (set?.commitReveal === 'Off') return { type: 'Off', rateLimitBlocks: set.weightsRateLimitBlocks ?? 100 };
  if (set?.commitReveal !== 'Timelock' || beacon === undefined) return { type: 'Salted', revealPeriodEpochs };
  const { chainHash, publicKey, genesisTime: genesisTimeS, periodSeconds: periodS } = beacon;
  return { type: 'Timelock', revealPeriodEpochs, beacon: { chainHash, publicKey, genesisTimeS, periodS } };
}
