import { fileURLToPath } from 'node:url';
import { ss58Of } from '@subnetes/keys/ss58';
import { migrate } from '@subnetes/runtime/migrate';
import { openDatabase } from '@subnetes/runtime/postgres';
import { functionWorkshop } from '@subnetes/scoring/adapters/function-job';
import { sha256 } from '@subnetes/scoring/adapters/sha256';
import { sqlFunctions } from '@subnetes/scoring/adapters/sql-functions';
import { sqlStore } from '@subnetes/scoring/adapters/sql-store';
import { makeAcceptWeights, type Submission } from '@subnetes/scoring/application/accept-weights';
import type { FunctionRunner, FunctionStore } from '@subnetes/scoring/application/incentive-functions';
import { makeRunEpoch } from '@subnetes/scoring/application/run-epoch';
import type { EpochDue } from '@subnetes/scoring/domain/epoch-inputs';
import { readPayment } from '#adapters/scoring-epochs.ts';
import type { EpochName, PublishedEpoch } from '#application/ports.ts';
import type { Seal, SealedNeuron, SealedPolicy } from '#domain/seal.ts';

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
  },
  mechanisms: [
    { id: 0, emissionWeight: 1 },
    { id: 4, emissionWeight: 2 },
  ],
};

const hex = (byte: number): string => byte.toString(16).padStart(64, '0');

/** Uids 0 and 1 are miners, 4 to 6 validators; 2 and 3 are vacant. */
export function neuron(uid: number, change: Partial<SealedNeuron> = {}): SealedNeuron {
  const stakes = new Map([
    [4, '4500000000000'],
    [5, '3500000000000'],
    [6, '2000000000000'],
  ]);
  const hotkey = ss58Of(new Uint8Array(32).fill(uid + 1));
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
  /** Seals and scores the next epoch, after validators 4 to 6 have set these weights of the miners, one list a mechanism. */
  score(change?: { readonly neurons?: readonly SealedNeuron[]; readonly policy?: SealedPolicy }): Promise<Seal>;
  setWeights(values: readonly (readonly number[])[]): Promise<void>;
  published(name: EpochName): Promise<PublishedEpoch | undefined>;
}

export async function playScoring(netuid: number): Promise<PlayedScoring> {
  const database = await openDatabase({ url: 'pglite:memory' });
  await migrate(database, MIGRATIONS);
  const store = sqlStore(database);
  const functions = sqlFunctions(database);
  const runEpoch = makeRunEpoch({ store, functions, runner: runnerHere(), sha256, networkId: NETWORK_ID });
  const acceptWeights = makeAcceptWeights({ store, nowMs: Date.now, hasBeacon: false, gather: async () => {} });
  const seals = new Map<number, Seal>();
  let index = 0;
  let sequence = 0n;
  const nextSequence = (): bigint => (sequence += 1n);
  return {
    seals,
    functions,
    score: async ({ neurons = NEURONS, policy = POLICY } = {}) => {
      index += 1;
      const before = await store.epoch(netuid, index - 1);
      const previousInputsSha256 = before?.inputsSha256 ?? '';
      const seal = sealOf({ netuid, index, previousInputsSha256, neurons, policy });
      seals.set(seal.sequence, seal);
      await runEpoch(dueOf(seal));
      return seal;
    },
    setWeights: async (lists) => {
      await store.observeBlock(1 + TEMPO * index + 5, 1000 * index + 5);
      for (const outcome of await acceptWeights(submissionsOf(netuid, lists, nextSequence))) {
        if (outcome.kind !== 'taken') throw new Error(`weights were refused: ${JSON.stringify(outcome)}`);
      }
    },
    published: async (name) => {
      const epoch = await store.epoch(name.netuid, name.index);
      if (epoch === undefined) return undefined;
      const { inputsJson, outputsJson, scored } = epoch;
      return { inputsJson, outputsJson, payment: readPayment(scored) };
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
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

function sealOf(facts: Pick<Seal, 'netuid' | 'index' | 'previousInputsSha256' | 'neurons' | 'policy'>): Seal {
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

/** Rows of validators 4 to 6 on the miners, one a mechanism, each a little different. */
function submissionsOf(
  netuid: number,
  lists: readonly (readonly number[])[],
  nextSequence: () => bigint,
): Submission[] {
  return [4, 5, 6].flatMap((uid) =>
    lists.map((list, at): Submission => {
      const sequence = nextSequence();
      const mechanismId = POLICY.mechanisms[at]?.id ?? 0;
      const values = list.map((each) => each + uid);
      const report = { replayDay: '', miners: [] };
      const { hotkey, registrationId } = neuron(uid);
      return {
        kind: 'set',
        value: { netuid, mechanismId, uids: [0, 1], values, versionKey: 0n, report },
        hash: hex(Number(sequence)),
        signed: { sender: { hotkey, registrationId, sequence, expiresAtBlock: 10_000 }, envelope: Uint8Array.of(1) },
      };
    }),
  );
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
    neurons: seal.neurons.map(({ registeredAtBlock, stake, ...rest }) => ({
      ...rest,
      registeredAt: registeredAtBlock,
      stake: BigInt(stake),
      ownerHotkey: false,
    })),
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
      commitReveal: { type: 'Off' },
      weightsRateLimitBlocks: 1,
      missedReveal: 'Keep',
      weightsVersionKey: 0n,
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
