import { ss58Of } from '@subnetes/keys/ss58';
import { makeAcceptWeights, type Outcome, type Submission } from '#application/accept-weights.ts';
import { makeExplainNeuron } from '#application/explain-neuron.ts';
import { makeFollowLedger } from '#application/follow-ledger.ts';
import { makeOpenTimelocks } from '#application/open-timelocks.ts';
import type { FunctionStore } from '#application/incentive-functions.ts';
import type { BeaconRounds, Store } from '#application/ports.ts';
import { makePublishFunction, type SubnetOwners } from '#application/publish-function.ts';
import { makeReadMetagraph } from '#application/read-metagraph.ts';
import { makeReplayEpoch } from '#application/replay-epoch.ts';
import { makeRunEpoch } from '#application/run-epoch.ts';
import { cryptoPool } from '#adapters/crypto-pool.ts';
import { type HashedWeights, hashWeights } from '#adapters/hash-weights.ts';
import { openLocksWith } from '#adapters/open-locks.ts';
import { sha256 } from '#adapters/sha256.ts';
import type { EpochDue, SealedNeuron } from '#domain/epoch-inputs.ts';
import { functionsHere, memoryFunctions } from './memory-functions.ts';
import type { ScoringPolicy } from '#domain/policy.ts';
import type { MinerReport, Report } from '#domain/report.ts';
import type { WeightsReveal } from '#domain/reveal.ts';
import type { WeightsSet } from '#domain/set-weights.ts';

export const NETWORK_ID = 'aa'.repeat(32);
export const NETUID = 1;
export const TEMPO = 20;
const POT = 10_000_000_000n;

export const POLICY: ScoringPolicy = {
  version: 1,
  sha256: 'bb'.repeat(32),
  tempo: TEMPO,
  yumaVersion: 3,
  kappaU16: 32_767,
  bondsPenaltyU16: 65_535,
  bondsMovingAveragePpm: 900_000,
  activityCutoffBlocks: 5000,
  maxValidators: 64,
  commitReveal: { type: 'Salted', revealPeriodEpochs: 1 },
  weightsRateLimitBlocks: 30,
  missedReveal: 'Keep',
  weightsVersionKey: 7n,
  minAllowedWeights: 1,
  maxWeightLimitU16: 65_535,
  stakeThreshold: 0n,
  liquidAlpha: null,
  mechanisms: [{ id: 0, emissionWeight: 1 }],
};

/** Uids 0 to 2 are miners without stake, 3 to 5 validators with stakes 45 : 35 : 20. */
export function neuron(uid: number, change: Partial<SealedNeuron> = {}): SealedNeuron {
  const stakes: { readonly [uid: number]: bigint } = { 3: 4500n, 4: 3500n, 5: 2000n };
  return {
    uid,
    hotkey: hotkeyOf(uid),
    coldkey: hotkeyOf(100 + uid),
    registeredAt: 2,
    registrationId: registrationOf(uid),
    stake: (stakes[uid] ?? 0n) * 10n ** 9n,
    ownerHotkey: false,
    ...change,
  };
}

export const NEURONS: readonly SealedNeuron[] = [0, 1, 2, 3, 4, 5].map((uid) => neuron(uid));

export function hotkeyOf(uid: number): string {
  return ss58Of(Uint8Array.from({ length: 32 }, () => uid + 1));
}

export function registrationOf(uid: number, generation = 0): string {
  return (generation * 1000 + uid + 1).toString(16).padStart(64, '0');
}

export function epochDue(index: number, change: Partial<EpochDue> = {}): EpochDue {
  return {
    sequence: 1000 * index,
    netuid: NETUID,
    index,
    block: 1 + TEMPO * index,
    subnetStartBlock: 1,
    pots: { owner: 3_600_000_000n, miners: POT, validators: POT },
    neurons: NEURONS,
    policy: POLICY,
    nextPolicy: undefined,
    previousInputsSha256: '',
    ...change,
  };
}

export function report(
  miners: readonly (Partial<MinerReport> & { readonly uid: number })[],
  replayDay = '2010-01-25',
): Report {
  return {
    replayDay,
    miners: miners.map((miner) => ({
      registrationId: registrationOf(miner.uid),
      loss: 0,
      judged: 0,
      answers: 0,
      invalid: 0,
      invalidReason: '',
      copy: false,
      copyOfUid: 0,
      similarityPpm: 0,
      ...miner,
    })),
  };
}

/** Weights of 3 : 2 : 1 for the miners, with a salt of the validator's own. */
export function weights(
  validatorUid: number,
  commitInterval: number,
  change: Partial<WeightsReveal> = {},
): WeightsReveal {
  return {
    netuid: NETUID,
    mechanismId: 0,
    commitInterval,
    uids: [0, 1, 2],
    values: [65_535, 43_690, 21_845],
    salt: [validatorUid, commitInterval, 42],
    versionKey: 7n,
    report: report([{ uid: 0, loss: 0.005, judged: 20, answers: 20 }]),
    ...change,
  };
}

/** A beacon that never had a round. */
const SILENT: BeaconRounds = { isConfigured: false, signature: () => Promise.resolve(undefined) };

export interface MarketOptions {
  readonly rounds?: BeaconRounds;
  readonly nowMs?: () => number;
  /** Modules; none if not given. */
  readonly functions?: FunctionStore;
  /** By netuid; nobody if not given. */
  readonly owners?: SubnetOwners;
}

const NOBODY: SubnetOwners = { owner: () => Promise.resolve(undefined) };

/** The use cases on a store, with signatures taken as verified: what reaches them behind the adapter. */
export function useCases(
  store: Store,
  { rounds = SILENT, nowMs = Date.now, functions = memoryFunctions(), owners = NOBODY }: MarketOptions = {},
) {
  const runner = functionsHere();
  const runEpoch = makeRunEpoch({ store, functions, runner, sha256, networkId: NETWORK_ID });
  const acceptWeights = makeAcceptWeights({
    store,
    nowMs,
    hasBeacon: rounds.isConfigured,
    gather: () => Promise.resolve(),
  });
  const pool = cryptoPool({ program: '', threads: 0, clock: { monotonicMs: () => 0 } });
  const openTimelocks = makeOpenTimelocks({ store, rounds, openLocks: openLocksWith(pool), nowMs });
  const openBefore = async (netuid: number): Promise<void> => {
    await openTimelocks(new AbortController().signal, netuid);
  };
  const signing = submissions();
  const one = async (submission: Submission): Promise<Outcome> => {
    const [outcome] = await acceptWeights([submission]);
    if (outcome === undefined) throw new Error('no outcome');
    return outcome;
  };
  return {
    runEpoch,
    followLedger: makeFollowLedger({ store, runEpoch, openBefore }),
    functions,
    publishFunction: makePublishFunction({
      store,
      functions,
      runner,
      owners,
      sha256,
      networkId: Buffer.from(NETWORK_ID, 'hex'),
    }),
    replayEpoch: makeReplayEpoch({ store, functions, runner, sha256 }),
    explainNeuron: makeExplainNeuron({ store }),
    readMetagraph: makeReadMetagraph({ store, giveWay: () => Promise.resolve() }),
    openTimelocks: (netuid?: number) => openTimelocks(new AbortController().signal, netuid),
    acceptWeights,
    ...signing,
    commit: (...args: Parameters<typeof signing.commitOf>) => one(signing.commitOf(...args)),
    reveal: (...args: Parameters<typeof signing.revealOf>) => one(signing.revealOf(...args)),
    set: (...args: Parameters<typeof signing.setOf>) => one(signing.setOf(...args)),
    submit: one,
  };
}

/** Submissions as they are once their signature was verified, each with the next sequence. */
function submissions() {
  let sequence = 0n;
  const signed = (uid: number, change: Partial<Signed> = {}) => ({
    sender: {
      hotkey: hotkeyOf(uid),
      registrationId: registrationOf(uid),
      sequence: ++sequence,
      expiresAtBlock: 100_000,
      ...change,
    },
    envelope: Uint8Array.of(1, 2, 3),
  });
  const hashOf = (uid: number, row: HashedWeights) => hashWeights(hotkeyOf(uid), row);
  return {
    signed,
    commitOf: (uid: number, reveal: WeightsReveal, change: Partial<Signed> = {}): Submission => {
      const { netuid, mechanismId, commitInterval: interval } = reveal;
      const value = { netuid, mechanismId, interval, kind: 'Salted' as const, hash: hashOf(uid, reveal) };
      return { kind: 'commit', value, signed: signed(uid, change) };
    },
    revealOf: (uid: number, value: WeightsReveal, change: Partial<Signed> = {}): Submission => ({
      kind: 'reveal',
      value,
      hash: hashOf(uid, value),
      signed: signed(uid, change),
    }),
    setOf: (uid: number, value: WeightsSet, change: Partial<Signed> = {}): Submission => ({
      kind: 'set',
      value,
      hash: hashOf(uid, { ...value, salt: [] }),
      signed: signed(uid, change),
    }),
  };
}

interface Signed {
  readonly hotkey: string;
  readonly registrationId: string;
  readonly sequence: bigint;
  readonly expiresAtBlock: number;
}

export const VALIDATORS = [3, 4, 5] as const;

/** Plays the market to the end of the given epoch: everybody commits from interval 2 on and reveals an interval later. */
export async function playTo(store: Store, epoch: number): Promise<ReturnType<typeof useCases>> {
  const cases = useCases(store);
  for (let interval = 1; interval <= epoch; interval += 1) {
    if (interval > 1) await submit(cases, interval);
    await store.observeBlock(1 + TEMPO * interval, 1000 * interval - 1);
    await cases.runEpoch(epochDue(interval));
  }
  return cases;
}

async function submit(cases: ReturnType<typeof useCases>, interval: number): Promise<void> {
  for (const uid of VALIDATORS) {
    if (interval > 2) await cases.reveal(uid, weights(uid, interval - 1));
    await cases.commit(uid, weights(uid, interval));
  }
}
