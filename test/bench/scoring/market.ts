import { createHash } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { ss58Of } from '@subnetes/keys/ss58';
import { EpochDueSchema } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import type { SubnetTransaction } from '@subnetes/scoring/application/ports';
import type { Report } from '@subnetes/scoring/domain/report';

export const TEMPO = 20;
const RAO = 10n ** 9n;
const U16_MAX = 65_535;
/** Bytes of a signed commit, and of a signed reveal of a full row with its report. */
const COMMIT_BYTES = 300;
const REVEAL_BYTES = 20_000;

/** A market whose subnets are full: every validator rates every miner. Uids of validators come first. */
export interface Size {
  readonly validators: number;
  readonly miners: number;
}

/** One neuron of one subnet; nothing of it is random, so that every run has the same epochs. */
function neuronOf(netuid: number, uid: number, { validators }: Size) {
  const key = createHash('sha256').update(`${netuid}/${uid}`).digest();
  return {
    uid,
    hotkey: ss58Of(key),
    coldkey: ss58Of(createHash('sha256').update(key).digest()),
    registeredAtBlock: 2n,
    registrationId: registrationOf(netuid, uid),
    stakeRao: (uid < validators ? BigInt(1000 + 7 * uid) * RAO : 0n).toString(),
  };
}

function registrationOf(netuid: number, uid: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(`registration ${netuid}/${uid}`).digest());
}

/** `EpochDue` as the ledger publishes it. */
export function dueBytes(netuid: number, index: number, size: Size): Uint8Array {
  const message = create(EpochDueSchema, {
    sequence: BigInt(1000 * index + netuid),
    netuid,
    index: BigInt(index),
    block: BigInt(1 + TEMPO * index),
    potRao: '23600000000',
    ownerRao: '3600000000',
    minerRao: '10000000000',
    validatorRao: '10000000000',
    neurons: Array.from({ length: size.validators + size.miners }, (_, uid) => neuronOf(netuid, uid, size)),
    policy: {
      hyperparameters: {
        tempo: TEMPO,
        yumaVersion: 3,
        kappaU16: 32_767,
        bondsMovingAveragePpm: 900_000,
        bondsPenaltyU16: U16_MAX,
        activityCutoffBlocks: 100_000,
        maxValidators: 64,
        revealPeriodEpochs: 1,
        weightsVersionKey: 0n,
        minAllowedWeights: 1,
        maxWeightLimitU16: U16_MAX,
        stakeThresholdRao: '0',
        liquidAlphaEnabled: false,
      },
      mechanisms: [{ id: 0, emissionWeight: 1 }],
    },
    policyVersion: 1n,
    subnetStartBlock: 1n,
  });
  return toBinary(EpochDueSchema, message);
}

/** Commits of every validator in an interval, as they stand in the store once their signatures were checked. */
export async function commitAll(transaction: SubnetTransaction, netuid: number, interval: number, size: Size) {
  const commits = validatorsOf(size).map((uid) => ({
    commit: {
      netuid,
      mechanismId: 0,
      registrationId: registrationHex(netuid, uid),
      interval,
      revealInterval: interval + 1,
      kind: 'Salted' as const,
      hash: 'ab'.repeat(32),
      block: 1 + TEMPO * (interval - 1),
      revealed: false,
      opensAt: undefined,
      failure: undefined,
    },
    evidence: { sequence: BigInt(2 * interval), envelope: new Uint8Array(COMMIT_BYTES) },
  }));
  await transaction.putBatch({ commits, rows: [], sequences: [] });
}

/** Reveals of those commits: a dense row of every validator, with a report on every miner. */
export async function revealAll(transaction: SubnetTransaction, netuid: number, interval: number, size: Size) {
  const rows = validatorsOf(size).map((uid) => ({
    row: {
      registrationId: registrationHex(netuid, uid),
      uid,
      mechanismId: 0,
      source: 'Salted' as const,
      interval,
      block: 1 + TEMPO * (interval - 1),
      weights: minersOf(size).map((miner) => [miner, 1 + ((7919 * miner + 104_729 * uid) % U16_MAX)] as const),
      report: reportOf(netuid, uid, size),
    },
    hash: 'ab'.repeat(32),
    evidence: { sequence: BigInt(2 * interval + 1), envelope: new Uint8Array(REVEAL_BYTES) },
  }));
  await transaction.putBatch({ commits: [], rows, sequences: [] });
}

function registrationHex(netuid: number, uid: number): string {
  return Buffer.from(registrationOf(netuid, uid)).toString('hex');
}

function validatorsOf({ validators }: Size): number[] {
  return Array.from({ length: validators }, (_, uid) => uid);
}

function minersOf({ validators, miners }: Size): number[] {
  return Array.from({ length: miners }, (_, at) => validators + at);
}

function reportOf(netuid: number, validator: number, size: Size): Report {
  return {
    replayDay: '2010-01-25',
    miners: minersOf(size).map((uid) => ({
      uid,
      registrationId: registrationHex(netuid, uid),
      loss: (1 + ((31 * uid + validator) % 997)) / 99_991,
      judged: 20,
      answers: 24,
      invalid: uid % 5,
      invalidReason: uid % 5 === 0 ? '' : 'quantiles[4] is NaN',
      copy: false,
      copyOfUid: 0,
      similarityPpm: 0,
    })),
  };
}
