import { fromBinary, type MessageInitShape } from '@bufbuild/protobuf';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type {
  GetSignedRowsRequest,
  Scoring,
  SignedRowSchema,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { invalidField, RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import type { ReadSignedRows, SignedRow } from '#application/read-signed-rows.ts';
import type { SubmitWitness, WitnessRefusal } from '#application/submit-witness.ts';
import { type Turnstile, turnstile } from '#application/turnstile.ts';

/** Each reads an epoch's amounts, a hundred kilobytes where a subnet is full. */
const SUBMISSIONS_AT_ONCE = 16;
/** Streams of rows, each of which holds a megabyte or two. */
const ROW_STREAMS_AT_ONCE = 8;

const REFUSALS: { readonly [Reason in WitnessRefusal]: { readonly code: RpcCode; readonly message: string } } = {
  UNKNOWN_WITNESS: { code: RpcCode.PERMISSION_DENIED, message: 'the key is none of the witnesses of this network' },
  UNKNOWN_EPOCH: { code: RpcCode.NOT_FOUND, message: 'the subnet has no such epoch yet' },
  BAD_SIGNATURE: {
    code: RpcCode.FAILED_PRECONDITION,
    message: 'the signature is not of what scoring published: it was computed otherwise, or for another network',
  },
};

export interface WitnessParts {
  readonly submitWitness: SubmitWitness;
  readonly readSignedRows: ReadSignedRows;
}

/** The calls of witnesses: anybody may ask, and who may sign is known by the signature alone. */
export function witnessHandlers(
  parts: WitnessParts,
): Pick<RpcHandlers<typeof Scoring>, 'submitWitness' | 'getSignedRows'> {
  const submissions = turnstile(SUBMISSIONS_AT_ONCE);
  const streams = turnstile(ROW_STREAMS_AT_ONCE);
  return {
    getSignedRows: (request) => signedRows(parts.readSignedRows, streams, request),
    submitWitness: async ({ netuid, index, witness }) => {
      if (witness === undefined) throw invalidField('witness', 'the signature is missing');
      if (index === 0n || index > BigInt(Number.MAX_SAFE_INTEGER)) throw invalidField('index', 'no epoch has it');
      const outcome = await submissions.pass(() => parts.submitWitness(netuid, Number(index), witness));
      if (outcome === undefined) throw tooMany('TOO_MANY_WITNESSES');
      if (outcome.kind === 'refused') throw new RpcError({ reason: outcome.reason, ...REFUSALS[outcome.reason] });
      return { repeatedCall: outcome.repeated, witnesses: outcome.witnesses };
    },
  };
}

async function* signedRows(
  readSignedRows: ReadSignedRows,
  streams: Turnstile,
  { netuid, index }: GetSignedRowsRequest,
): AsyncGenerator<MessageInitShape<typeof SignedRowSchema>> {
  if (index > BigInt(Number.MAX_SAFE_INTEGER)) throw invalidField('index', 'no epoch has it');
  const sent = Promise.withResolvers<void>();
  if (streams.pass(() => sent.promise) === undefined) throw tooMany('TOO_MANY_SIGNED_ROWS');
  try {
    const rows = await readSignedRows(netuid, index === 0n ? undefined : Number(index));
    if (rows === undefined) throw new RpcError({ reason: 'UNKNOWN_EPOCH', ...REFUSALS.UNKNOWN_EPOCH });
    for await (const row of rows) yield signedRowMessage(row);
  } finally {
    sent.resolve();
  }
}

function signedRowMessage(row: SignedRow): MessageInitShape<typeof SignedRowSchema> {
  const { validatorUid, mechanismId, weights, commit, missed, roundSignature } = row;
  return {
    validatorUid,
    mechanismId,
    ...(weights === undefined ? {} : { weights: fromBinary(SignedEnvelopeSchema, weights) }),
    ...(commit === undefined ? {} : { commit: fromBinary(SignedEnvelopeSchema, commit) }),
    ...(missed === undefined ? {} : { missed: fromBinary(SignedEnvelopeSchema, missed) }),
    ...(roundSignature === undefined ? {} : { roundSignature }),
    sealedBefore: BigInt(row.sealedBefore),
    sealedAfter: BigInt(row.sealedAfter),
  };
}

function tooMany(reason: 'TOO_MANY_WITNESSES' | 'TOO_MANY_SIGNED_ROWS'): RpcError {
  const message = 'too many of these are under way: ask again in a second';
  return new RpcError({ code: RpcCode.RESOURCE_EXHAUSTED, reason, message });
}
