import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  Evidence,
  type EvidenceRecordSchema,
  EvidenceState,
  EvidenceType,
} from '@subnetes/proto/gen/subnetes/scoring/v1/evidence_pb';
import { invalidField, RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { rpcService, type ServedService } from '@subnetes/runtime/grpc-server';
import type { EvidenceStore, StoredEvidence } from '#application/evidence-store.ts';
import { turnstile } from '#application/turnstile.ts';
import { outagesAsUnavailable } from './grpc-outages.ts';
import { fromHex, toHex } from './messages.ts';

const LIST_DEFAULT = 20;
const LIST_MAX = 100;
/** Each reads a document, or an epoch of one, of some hundred kilobytes. */
const READS_AT_ONCE = 16;
const SHA256_BYTES = 32;

const TYPES: Readonly<Record<StoredEvidence['type'], EvidenceType>> = {
  FailedAudits: EvidenceType.FAILED_AUDITS,
  Unavailable: EvidenceType.UNAVAILABLE,
};
const STATES: Readonly<Record<StoredEvidence['outcome']['kind'], EvidenceState>> = {
  waiting: EvidenceState.WAITING,
  reported: EvidenceState.REPORTED,
  refused: EvidenceState.REFUSED,
};

/** `subnetes.scoring.v1.Evidence`: for everybody, since anybody may have to judge it. */
export function evidenceService(
  store: Pick<EvidenceStore, 'evidence' | 'evidenceEpoch' | 'listEvidence'>,
): ServedService {
  const reads = turnstile(READS_AT_ONCE);
  return rpcService(Evidence, {
    getEvidence: async ({ sha256 }) => {
      if (sha256.length !== SHA256_BYTES) throw invalidField('sha256', `${SHA256_BYTES} bytes`);
      const found = await outagesAsUnavailable(reads.pass(() => store.evidence(toHex(sha256))) ?? tooMany());
      if (found === undefined) throw unknown(`scoring has measured nothing with the hash ${toHex(sha256)}`);
      return { ...recordMessage(found), documentJson: found.document };
    },
    getEvidenceEpoch: async ({ sha256, index }) => {
      if (sha256.length !== SHA256_BYTES) throw invalidField('sha256', `${SHA256_BYTES} bytes`);
      if (index > BigInt(Number.MAX_SAFE_INTEGER)) throw invalidField('index', 'there are not that many');
      const read = reads.pass(() => store.evidenceEpoch(toHex(sha256), Number(index)));
      const documentJson = await outagesAsUnavailable(read ?? tooMany());
      if (documentJson === undefined) throw unknown(`scoring keeps no epoch ${index} of evidence ${toHex(sha256)}`);
      return { documentJson };
    },
    listEvidence: async ({ netuid, beforeEpoch, limit }) => {
      if (limit > LIST_MAX) throw invalidField('limit', `at most ${LIST_MAX}`);
      if (beforeEpoch > BigInt(Number.MAX_SAFE_INTEGER)) throw invalidField('before_epoch', 'there are not that many');
      const before = beforeEpoch === 0n ? undefined : Number(beforeEpoch);
      const page = { before, limit: limit === 0 ? LIST_DEFAULT : limit };
      return { evidence: (await outagesAsUnavailable(store.listEvidence(netuid, page))).map(recordMessage) };
    },
  });
}

function recordMessage(evidence: Omit<StoredEvidence, 'document'>): MessageInitShape<typeof EvidenceRecordSchema> {
  const { outcome } = evidence;
  return {
    sha256: fromHex(evidence.sha256),
    type: TYPES[evidence.type],
    state: STATES[outcome.kind],
    netuid: evidence.netuid,
    hotkey: evidence.hotkey,
    registrationId: fromHex(evidence.registrationId),
    fromEpoch: BigInt(evidence.fromEpoch),
    toEpoch: BigInt(evidence.toEpoch),
    measured: BigInt(evidence.measured),
    ...(outcome.kind === 'reported' ? { slashId: fromHex(outcome.slashId) } : {}),
    ...(outcome.kind === 'refused' ? { refusal: outcome.code } : {}),
  };
}

function unknown(message: string): RpcError {
  return new RpcError({ code: RpcCode.NOT_FOUND, reason: 'UNKNOWN_EVIDENCE', message });
}

function tooMany(): Promise<never> {
  const message = 'too many of these are under way: ask again in a second';
  return Promise.reject(new RpcError({ code: RpcCode.RESOURCE_EXHAUSTED, reason: 'TOO_MANY_EVIDENCE', message }));
}
