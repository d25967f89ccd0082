import { fileURLToPath } from 'node:url';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ss58Of } from '@subnetes/keys/ss58';
import { type SignedEnvelope, SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { migrate } from '@subnetes/runtime/migrate';
import { openDatabase } from '@subnetes/runtime/postgres';
import { cryptoPool } from '@subnetes/scoring/adapters/crypto-pool';
import { functionWorkshop } from '@subnetes/scoring/adapters/function-job';
import { openLocksWith } from '@subnetes/scoring/adapters/open-locks';
import { openEnvelopes } from '@subnetes/scoring/adapters/read-weights';
import { sha256 } from '@subnetes/scoring/adapters/sha256';
import { sqlFunctions } from '@subnetes/scoring/adapters/sql-functions';
import { sqlSignedRows } from '@subnetes/scoring/adapters/sql-signed-rows';
import { sqlStore } from '@subnetes/scoring/adapters/sql-store';
import { makeAcceptWeights } from '@subnetes/scoring/application/accept-weights';
import type { FunctionRunner, FunctionStore } from '@subnetes/scoring/application/incentive-functions';
import { makeOpenTimelocks } from '@subnetes/scoring/application/open-timelocks';
import type { StoredEpoch } from '@subnetes/scoring/application/ports';
import { makeReadSignedRows, type SignedRow } from '@subnetes/scoring/application/read-signed-rows';
import { makeRunEpoch } from '@subnetes/scoring/application/run-epoch';
import type { EpochDue } from '@subnetes/scoring/domain/epoch-inputs';
import { readPayment } from '#adapters/scoring-epochs.ts';
import type { EpochName, PublishedEpoch, ShownRow } from '#application/ports.ts';
import type { Seal, SealedDraw, SealedNeuron, SealedPolicy, SealedSubnet } from '#domain/seal.ts';
import { BEACON, roundSignature, signatory } from './signatory.ts';

export const NETWORK_ID = 'aa'.repeat(32);
const MIGRATIONS = fileURLToPath(new URL('../../scoring/migrations', import.meta.url));
const TEMPO = 20;

export const POLICY: SealedPolicy = {
  hyperparameters: {
    tempo: TEMPO,
    yumaVersion: 3,
    kappaU16: 32_767,
    bondsMovingAveragePpm: 900_000,
    bondsPenaltyU16: 65_535,
    maxValidators: 3,
    activityCutoffBlocks: 5000,
    liquidAlphaEnabled: false,
    alphaLowU16: 45_875,
    alphaHighU16: 58_982,
    alphaSigmoidSteepness: 1000,
    stakeThresholdRao: '1000000000',
    commitReveal: 'Off',
    revealPeriodEpochs: 1,
    missedReveal: 'Keep',
    weightsVersionKey: '7',
  },
  mechanisms: [
    { id: 0, emissionWeight: 1 },
    { id: 4, emissionWeight: 2 },
  ],
};

function toScoring({ chainHash, publicKey, genesisTime: genesisTimeS, periodSeconds: periodS }: SealedDraw['beacon']) {
  return { chainHash, publicKey, genesisTimeS, periodS };
}

const hex = (byte: number): string => byte.toString(16).padStart(64, '0');

/** Validators by uid, each bound to its first registration. */
export const SIGNATORIES = new Map(
  [4, 5, 6].map((uid) => [uid, signatory(uid, { networkId: NETWORK_ID, registrationId: hex(uid + 1) })]),
);

/** Uids 0 and 1 are miners, 4 to 6 validators; 2 and 3 are vacant. */
export function neuron(uid: number, change: Partial<SealedNeuron> = {}): SealedNeuron {
  const stakes = new Map([
    [4, '4500000000000'],
    [5, '3500000000000'],
    [6, '2000000000000'],
  ]);
  const hotkey = SIGNATORIES.get(uid)?.hotkey ?? ss58Of(new Uint8Array(32).fill(uid + 1));
  return {
    uid,
    hotkey,
    coldkey: hotkey,
    registeredAtBlock: 2,
    registrationId: hex(uid + 1),
    stake: stakes.get(uid) ?? '0',
    ...change,
  };
}

export const NEURONS = [0, 1, 4, 5, 6].map((uid) => neuron(uid));

/** Scoring's own code on a database in memory, told of the seals that the witness reads. */
export interface PlayedScoring extends AsyncDisposable {
  readonly seals: ReadonlyMap<number, Seal>;
  readonly functions: FunctionStore;
  /** The interval that is open. */
  readonly interval: number;
  /** Seals and scores the next epoch. */
  score(change?: SealChange): Promise<Seal>;
  /** A round that draws judges comes out. */
  keepRound(round: number): Promise<void>;
  /** Takes signed weights, as the service does; throws where scoring refuses one. */
  take(kind: 'commit' | 'reveal' | 'set', envelopes: readonly SignedEnvelope[]): Promise<void>;
  /** Opens what rounds of the beacon up to this one open. */
  openRounds(newest: number): Promise<void>;
  published(name: EpochName): Promise<PublishedEpoch | undefined>;
  signedRows(name: EpochName): AsyncIterable<ShownRow>;
}

export interface SealChange {
  readonly neurons?: readonly SealedNeuron[];
  readonly policy?: SealedPolicy;
  readonly subnets?: readonly SealedSubnet[];
  readonly draw?: SealedDraw;
}

/** Rounds of the beacon come out when the test says. */
export const LOCKED_ROUND = 100;
const nowMs = (): number => (BEACON.genesisTimeS + LOCKED_ROUND * BEACON.periodS) * 1000;

export async function playScoring(netuid: number): Promise<PlayedScoring> {
  const database = await openDatabase({ url: 'pglite:memory' });
  await migrate(database, MIGRATIONS);
  const store = sqlStore(database);
  const functions = sqlFunctions(database);
  const runEpoch = makeRunEpoch({ store, functions, runner: runnerHere(), sha256, networkId: NETWORK_ID });
  const readSignedRows = makeReadSignedRows({ store, signedRows: sqlSignedRows(database) });
  // Before the round is out, so that it may be locked for.
  const acceptWeights = makeAcceptWeights({
    store,
    nowMs: () => nowMs() - 1000 * LOCKED_ROUND,
    hasBeacon: true,
    gather: async () => {},
  });
  const pool = cryptoPool({ program: '', threads: 0, clock: { monotonicMs: () => 0 } });
  const seals = new Map<number, Seal>();
  let index = 0;
  return {
    seals,
    functions,
    get interval() {
      return index + 1;
    },
    keepRound: (round) => store.keepRound(BEACON, round, roundSignature(round)),
    score: async (change = {}) => {
      index += 1;
      const before = await store.epoch(netuid, index - 1);
      const previousInputsSha256 = before?.inputsSha256 ?? '';
      const seal = sealOf({ netuid, index, previousInputsSha256, neurons: NEURONS, policy: POLICY, ...change });
      seals.set(seal.sequence, seal);
      await runEpoch(dueOf(seal));
      return seal;
    },
    take: async (kind, envelopes) => {
      const block = 1 + TEMPO * index + 5;
      await store.observeBlock(block, 1000 * index + 5);
      const context = { networkId: Buffer.from(NETWORK_ID, 'hex'), block };
      const opened = openEnvelopes(
        envelopes.map((envelope) => ({ kind, envelope: toBinary(SignedEnvelopeSchema, envelope), context })),
      );
      const submissions = opened.map((each) => {
        if ('submission' in each) return each.submission;
        throw new Error(`an envelope was refused: ${JSON.stringify(each)}`);
      });
      for (const outcome of await acceptWeights(submissions)) {
        if (outcome.kind !== 'taken') throw new Error(`weights were refused: ${JSON.stringify(outcome)}`);
      }
    },
    openRounds: async (newest) => {
      const signature = async (_: unknown, round: number) => (round <= newest ? roundSignature(round) : undefined);
      const rounds = { isConfigured: true, signature };
      await makeOpenTimelocks({ store, rounds, openLocks: openLocksWith(pool), nowMs })(new AbortController().signal);
    },
    published: async (name) => publishedOf(await store.epoch(name.netuid, name.index)),
    async *signedRows(name) {
      for await (const row of (await readSignedRows(name.netuid, name.index)) ?? []) yield shownOf(row);
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

function publishedOf(epoch: StoredEpoch | undefined): PublishedEpoch | undefined {
  if (epoch === undefined) return undefined;
  const { inputsJson, outputsJson, scored } = epoch;
  return { inputsJson, outputsJson, payment: readPayment(scored) };
}

function shownOf({ weights, commit, missed, roundSignature: signature, ...row }: SignedRow): ShownRow {
  const envelope = (bytes: Uint8Array | undefined) => bytes && fromBinary(SignedEnvelopeSchema, bytes);
  return {
    ...row,
    weights: envelope(weights),
    commit: envelope(commit),
    missed: envelope(missed),
    roundSignature: signature ?? new Uint8Array(),
  };
}

/** Scoring's runner of functions without its thread. */
function runnerHere(): Pick<FunctionRunner, 'run'> {
  const work = functionWorkshop();
  return {
    run: async (module, calls) => {
      const result = work({ work: 'function', module, calls });
      if (result.kind === 'shortage') throw new Error(result.message);
      return result.answers;
    },
  };
}

function sealOf(
  facts: Pick<Seal, 'netuid' | 'index' | 'previousInputsSha256' | 'neurons' | 'policy' | 'subnets' | 'draw'>,
): Seal {
  return {
    ...facts,
    sequence: 1000 * facts.index,
    block: 1 + TEMPO * facts.index,
    startBlock: 1,
    owner: '3600000000',
    miner: '10000000001',
    validator: '10000000002',
    policyVersion: 1,
    policySha256: 'bb'.repeat(32),
  };
}

/** The seal as scoring reads it from the bus. */
function dueOf(seal: Seal): EpochDue {
  const { hyperparameters: set, mechanisms, countermeasures } = seal.policy;
  return {
    sequence: seal.sequence,
    netuid: seal.netuid,
    index: seal.index,
    block: seal.block,
    subnetStartBlock: seal.startBlock,
    pots: { owner: BigInt(seal.owner), miners: BigInt(seal.miner), validators: BigInt(seal.validator) },
    neurons: seal.neurons.map(({ registeredAtBlock, stake, formerHotkeys: _former, ...rest }) => ({
      ...rest,
      registeredAt: registeredAtBlock,
      stake: BigInt(stake),
      ownerHotkey: false,
    })),
    ...(seal.draw === undefined ? {} : { draw: { ...seal.draw, beacon: toScoring(seal.draw.beacon) } }),
    ...(seal.subnets === undefined ? {} : { subnets: seal.subnets }),
    policy: {
      version: seal.policyVersion,
      sha256: seal.policySha256,
      tempo: set.tempo,
      yumaVersion: set.yumaVersion === 2 ? 2 : 3,
      kappaU16: set.kappaU16,
      bondsPenaltyU16: set.bondsPenaltyU16,
      bondsMovingAveragePpm: set.bondsMovingAveragePpm,
      activityCutoffBlocks: set.activityCutoffBlocks,
      maxValidators: set.maxValidators,
      commitReveal: commitRevealOf(set),
      weightsRateLimitBlocks: 1,
      missedReveal: set.missedReveal,
      weightsVersionKey: BigInt(set.weightsVersionKey),
      minAllowedWeights: 1,
      maxWeightLimitU16: 65_535,
      stakeThreshold: BigInt(set.stakeThresholdRao),
      liquidAlpha: set.liquidAlphaEnabled
        ? { lowU16: set.alphaLowU16, highU16: set.alphaHighU16, steepnessHundredths: set.alphaSigmoidSteepness }
        : null,
      mechanisms,
      ...(countermeasures === undefined ? {} : { countermeasures }),
    },
    nextPolicy: undefined,
    previousInputsSha256: seal.previousInputsSha256,
  };
}

function commitRevealOf({ commitReveal: type, revealPeriodEpochs }: SealedPolicy['hyperparameters']) {
  if (type === 'Off') return { type };
  return type === 'Salted' ? { type, revealPeriodEpochs } : { type, revealPeriodEpochs, beacon: BEACON };
}
