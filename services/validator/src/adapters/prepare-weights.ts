import { randomBytes } from 'node:crypto';
import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { hexToBytes } from '@noble/hashes/utils.js';
import { commitHash } from '@subnetes/keys/commit-hash';
import {
  EnvelopeType,
  type SignedEnvelope,
  SignedEnvelopeSchema,
} from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import {
  type ReportSchema,
  TimelockedWeightsSchema,
  WeightsCommitSchema,
  WeightsRevealSchema,
  WeightsSetSchema,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { roundAt } from '@subnetes/timelock/beacon';
import { lockUntil } from '@subnetes/timelock/time-lock';
import type { WeightsToSubmit } from '#application/ports.ts';
import { auditsHash } from './audit-files.ts';
import { type CommitReveal, opensAtMs, type Submission } from '#domain/submission.ts';

const SALT_NUMBERS = 16;
const NOTHING = new Uint8Array(0);

/** Whose weights they are. */
export type Signer = { readonly publicKey: Uint8Array; readonly registrationId: Uint8Array };

export type PreparePorts = {
  readonly nowMs: number;
  readonly sign: (type: EnvelopeType, payload: Uint8Array) => SignedEnvelope;
};

/** Makes what the policy asks for, signed and ready to be sent as often as it takes. */
export function prepareWeights(submission: WeightsToSubmit, signer: Signer, ports: PreparePorts): Submission {
  const { commitReveal } = submission.market.terms;
  switch (commitReveal.type) {
    case 'Salted':
      return salted(submission, signer, { ...ports, commitReveal });
    case 'Timelock':
      return timelocked(submission, signer, { ...ports, commitReveal });
    case 'Off':
      return inTheOpen(submission, ports);
  }
}

type Under<Type extends CommitReveal['type']> = PreparePorts & {
  readonly commitReveal: CommitReveal & { readonly type: Type };
};

/** The hash first, then what was hashed. */
function salted(submission: WeightsToSubmit, signer: Signer, { sign, commitReveal }: Under<'Salted'>): Submission {
  const { interval, market } = submission;
  const { netuid } = market;
  const { mechanismId } = market.terms;
  const row = rowOf(submission);
  const salt = Array.from(new Uint16Array(new Uint8Array(randomBytes(2 * SALT_NUMBERS)).buffer));
  const hash = commitHash({ hotkey: signer.publicKey, netuid, mechanismId, salt, ...row });
  const commit = bytesOf(WeightsCommitSchema, { netuid, mechanismId, interval: BigInt(interval), commitHash: hash });
  const reveal = { netuid, mechanismId, commitInterval: BigInt(interval), salt, ...row, report: reportOf(submission) };
  return {
    kind: 'Salted',
    interval,
    revealInterval: interval + commitReveal.revealPeriodEpochs,
    commit: toBinary(SignedEnvelopeSchema, sign(EnvelopeType.COMMIT, commit)),
    reveal: bytesOf(WeightsRevealSchema, reveal),
    state: 'prepared',
    block: 0,
  };
}

/** Everything at once, locked until the interval of the reveal is some way on. */
function timelocked(submission: WeightsToSubmit, signer: Signer, ports: Under<'Timelock'>): Submission {
  const { interval, market } = submission;
  const { netuid, block, intervalStart } = market;
  const { mechanismId, tempo, blockTimeMs } = market.terms;
  const { beacon, revealPeriodEpochs } = ports.commitReveal;
  const opensMs = opensAtMs({ nowMs: ports.nowMs, block, intervalStart, tempo, revealPeriodEpochs, blockTimeMs });
  const within = bytesOf(TimelockedWeightsSchema, {
    hotkey: signer.publicKey,
    registrationId: signer.registrationId,
    netuid,
    mechanismId,
    interval: BigInt(interval),
    ...rowOf(submission),
    report: reportOf(submission),
  });
  const timelock = lockUntil(beacon, roundAt(beacon, opensMs) + 1, within);
  const commit = bytesOf(WeightsCommitSchema, { netuid, mechanismId, interval: BigInt(interval), timelock });
  return {
    kind: 'Timelock',
    interval,
    revealInterval: interval + revealPeriodEpochs,
    commit: toBinary(SignedEnvelopeSchema, ports.sign(EnvelopeType.COMMIT, commit)),
    reveal: NOTHING,
    state: 'prepared',
    block: 0,
  };
}

function inTheOpen(submission: WeightsToSubmit, { sign }: PreparePorts): Submission {
  const { interval, market } = submission;
  const { mechanismId } = market.terms;
  const message = { netuid: market.netuid, mechanismId, ...rowOf(submission), report: reportOf(submission) };
  return {
    kind: 'Open',
    interval,
    revealInterval: interval,
    commit: toBinary(SignedEnvelopeSchema, sign(EnvelopeType.SET_WEIGHTS, bytesOf(WeightsSetSchema, message))),
    reveal: NOTHING,
    state: 'prepared',
    block: 0,
  };
}

function rowOf({ weights, market }: WeightsToSubmit) {
  return {
    uids: weights.map(({ uid }) => uid),
    values: weights.map(({ value }) => value),
    versionKey: market.terms.weightsVersionKey,
  };
}

function reportOf({ standings, replayDay }: WeightsToSubmit): MessageInitShape<typeof ReportSchema> {
  const uidOf = new Map(standings.map(({ id, uid }) => [id, uid]));
  const miners = standings.map((standing) => ({
    uid: standing.uid,
    registrationId: hexToBytes(standing.id),
    loss: standing.loss ?? 0,
    judged: standing.loss === undefined ? 0 : standing.judged,
    answers: standing.asked,
    invalid: standing.asked - standing.valid,
    invalidReason: standing.invalidReason ?? '',
    copy: standing.isCopy,
    copyOfUid: standing.copy === undefined ? 0 : (uidOf.get(standing.copy.of) ?? 0),
    similarityPpm: standing.copy?.similarityPpm ?? 0,
    unanswered: standing.unanswered,
    failedAudits: standing.failedAudits.length,
    auditsSha256: standing.failedAudits.length === 0 ? NOTHING : auditsHash(standing.failedAudits),
  }));
  return { miners, replayDay };
}

function bytesOf<Desc extends DescMessage>(schema: Desc, message: MessageInitShape<Desc>): Uint8Array {
  return toBinary(schema, create(schema, message));
}
