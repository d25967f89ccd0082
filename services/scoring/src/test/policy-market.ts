import { createHash } from 'node:crypto';
import { canonicalJson, toStored } from '@subnetes/consensus/epoch-json';
import type { LiveCountermeasures } from '@subnetes/policy/live-countermeasures';
import { type Bonds, bondsAfter, NO_BONDS } from '#domain/bonds.ts';
import { buildEpochInputs, type EpochInputs, type PolicyStates, type SealedNeuron } from '#domain/epoch-inputs.ts';
import { commonLevers } from '#domain/levers.ts';
import { buildMetagraph, type Metagraph } from '#domain/metagraph.ts';
import type { ScoringPolicy } from '#domain/policy.ts';
import { type EpochOutputs, scoreEpoch, statesAfter } from '#domain/score-epoch.ts';
import type { CountedRow } from '#domain/weights.ts';

/** Uids 1 to 3 validate with stakes 40 : 35 : 25, uids 4 to 9 are miners; uid 0 left. */
const VALIDATORS: ReadonlyMap<number, bigint> = new Map([
  [1, 4000n],
  [2, 3500n],
  [3, 2500n],
]);
const MINERS = [4, 5, 6, 7, 8, 9];
const TEMPO = 20;
const POT = 10_000_000_007n;

export interface Played {
  /** Scores of the six miners, by validator and epoch. */
  readonly scores: (validator: number, epoch: number) => readonly number[];
  readonly countermeasures?: LiveCountermeasures | ((epoch: number) => LiveCountermeasures | undefined);
  /** Of the registration that has a uid in an epoch: another one is another neuron. */
  readonly generation?: (uid: number, epoch: number) => number;
}

export interface PlayedEpoch {
  readonly inputs: EpochInputs;
  readonly inputsSha256: string;
  readonly outputs: EpochOutputs;
  readonly metagraph: Metagraph;
}

export function registrationOf(uid: number, generation = 0): string {
  return (generation * 1000 + uid + 1).toString(16).padStart(64, '0');
}

/** Plays epochs one after the other as the service runs them: bonds, permits and the policy's state go from each to the next. */
export function playEpochs(count: number, played: Played): PlayedEpoch[] {
  const epochs: PlayedEpoch[] = [];
  for (let index = 1; index <= count; index += 1) epochs.push(playEpoch(index, played, epochs.at(-1)));
  return epochs;
}

function playEpoch(index: number, played: Played, before: PlayedEpoch | undefined): PlayedEpoch {
  const { countermeasures } = played;
  const around = typeof countermeasures === 'function' ? countermeasures(index) : countermeasures;
  const left = leftBy(before);
  const neurons = [...VALIDATORS.keys(), ...MINERS].map((uid) => neuronOf(uid, index, played));
  const due = {
    sequence: 1000 * index,
    netuid: 1,
    index,
    block: 1 + TEMPO * index,
    subnetStartBlock: 1,
    pots: { owner: 0n, miners: POT, validators: POT },
    neurons,
    policy: policyOf(around),
    nextPolicy: undefined,
    previousInputsSha256: '',
  };
  const inputs = buildEpochInputs('aa'.repeat(32), due, {
    lastEpochBlock: before?.inputs.due.block ?? null,
    inForce: neurons.flatMap((neuron) => rowsOf(neuron, due.block - 1, played.scores(neuron.uid, index))),
    permits: left.permits,
    bonds: left.bonds,
    states: left.states,
  });
  const inputsSha256 = sha256(canonicalJson(toStored(inputs)));
  const outputs = scoreEpoch(inputs, inputsSha256);
  const standings = new Map(
    [...VALIDATORS.keys()].map((uid) => [registrationOf(uid), { state: 'revealed' as const, reason: '' }]),
  );
  const outputsSha256 = sha256(canonicalJson(toStored(outputs)));
  const reports = neurons.flatMap(({ uid, stake }) =>
    VALIDATORS.has(uid) ? [{ validatorUid: uid, stake, report: reportOf(index, played) }] : [],
  );
  const levers = new Map(commonLevers(inputs, outputs));
  const scored = { inputs, outputs, levers, outputsSha256, reports, standings, missedReveal: 'Keep' as const };
  return { inputs, inputsSha256, outputs, metagraph: buildMetagraph(scored) };
}

interface Left {
  readonly permits: ReadonlySet<string>;
  readonly bonds: Bonds;
  readonly states: PolicyStates;
}

function leftBy(before: PlayedEpoch | undefined): Left {
  if (before === undefined) return { permits: new Set(), bonds: NO_BONDS, states: {} };
  const permitted = before.outputs.neurons.filter(({ permit }) => permit);
  return {
    permits: new Set(permitted.map(({ registrationId }) => registrationId)),
    bonds: bondsAfter(before.inputs, before.outputs),
    states: statesAfter(before.outputs),
  };
}

function neuronOf(uid: number, epoch: number, { generation }: Played): SealedNeuron {
  const own = generation?.(uid, epoch) ?? 0;
  return {
    uid,
    hotkey: `hotkey-${uid}-${own}`,
    coldkey: `coldkey-${uid}`,
    registeredAt: own === 0 ? 1 : TEMPO * epoch - TEMPO + 2,
    registrationId: registrationOf(uid, own),
    stake: (VALIDATORS.get(uid) ?? 0n) * 10n ** 9n,
    ownerHotkey: false,
  };
}

function rowsOf({ uid, registrationId }: SealedNeuron, block: number, scores: readonly number[]): CountedRow[] {
  if (!VALIDATORS.has(uid)) return [];
  const weights = MINERS.flatMap((miner, at) => ((scores[at] ?? 0) > 0 ? [[miner, scores[at] ?? 0] as const] : []));
  return [{ registrationId, uid, mechanismId: 0, source: 'Open', interval: 1, block, sequence: 1n, weights }];
}

function reportOf(epoch: number, played: Played) {
  const miners = MINERS.map((uid) => ({
    uid,
    registrationId: neuronOf(uid, epoch, played).registrationId,
    loss: uid / 1000,
    judged: 20,
    answers: 20,
    invalid: 0,
    invalidReason: '',
    copy: false,
    copyOfUid: 0,
    similarityPpm: 0,
  }));
  return { miners, replayDay: '2010-01-25' };
}

function policyOf(countermeasures: LiveCountermeasures | undefined): ScoringPolicy {
  return {
    version: 1,
    sha256: 'bb'.repeat(32),
    tempo: TEMPO,
    yumaVersion: 3,
    kappaU16: 32_767,
    bondsPenaltyU16: 65_535,
    bondsMovingAveragePpm: 900_000,
    activityCutoffBlocks: 5000,
    maxValidators: 64,
    commitReveal: { type: 'Off' },
    weightsRateLimitBlocks: 0,
    missedReveal: 'Keep',
    weightsVersionKey: 0n,
    minAllowedWeights: 1,
    maxWeightLimitU16: 65_535,
    stakeThreshold: 0n,
    liquidAlpha: null,
    mechanisms: [{ id: 0, emissionWeight: 1 }],
    ...(countermeasures === undefined ? {} : { countermeasures }),
  };
}

/** Content hash of a text, hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
