import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DescMessage } from '@bufbuild/protobuf';
import { anyIs, anyPack, anyUnpack, durationFromMs, durationMs } from '@bufbuild/protobuf/wkt';
import { Metadata, status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema, StatusSchema } from '../gen/google/rpc/status_pb.ts';
import { RpcCode, RpcError } from './rpc-error.ts';

/** `google.rpc.ErrorInfo.domain` of all our refusals. */
const DOMAIN = 'subnetes.io';
const DETAILS_KEY = 'grpc-status-details-bin';
/** Trailers of most servers are cut at 8 KiB. */
const MESSAGE_CHARACTERS_MAX = 2048;

/** What grpc-js sends to the peer for an error: RpcErrors as they are, anything else as INTERNAL without its text. */
export function toStatus(error: unknown): { code: number; details: string; metadata: Metadata } {
  const known =
    error instanceof RpcError
      ? error
      : new RpcError({
          code: RpcCode.INTERNAL,
          reason: 'INTERNAL',
          message: 'internal error; the server has logged it',
        });
  const message = known.message.slice(0, MESSAGE_CHARACTERS_MAX);
  const details = [
    anyPack(
      ErrorInfoSchema,
      create(ErrorInfoSchema, { reason: known.reason, domain: DOMAIN, metadata: { ...known.metadata } }),
    ),
    ...(known.fieldViolations.length === 0
      ? []
      : [anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations: [...known.fieldViolations] }))]),
    ...(known.retryAfterMs === undefined
      ? []
      : [anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: durationFromMs(known.retryAfterMs) }))]),
  ];
  const metadata = new Metadata();
  metadata.set(
    DETAILS_KEY,
    Buffer.from(toBinary(StatusSchema, create(StatusSchema, { code: known.code, message, details }))),
  );
  return { code: known.code, details: message, metadata };
}

/** The RpcError of what grpc-js reports to a client. */
export function fromStatus(error: ServiceError): RpcError {
  const code = (Object.values(RpcCode) as number[]).includes(error.code) ? (error.code as RpcCode) : status.UNKNOWN;
  const fields = { code, message: error.details === '' ? error.message : error.details, cause: error };
  const packed = error.metadata?.get(DETAILS_KEY)[0];
  if (!(packed instanceof Uint8Array)) return new RpcError(fields);
  try {
    const { details } = fromBinary(StatusSchema, packed);
    const unpack = <Desc extends DescMessage>(schema: Desc) => {
      const found = details.find((any) => anyIs(any, schema));
      return found === undefined ? undefined : anyUnpack(found, schema);
    };
    const info = unpack(ErrorInfoSchema);
    const bad = unpack(BadRequestSchema);
    const retryDelay = unpack(RetryInfoSchema)?.retryDelay;
    return new RpcError({
      ...fields,
      ...(info === undefined ? {} : { reason: info.reason, metadata: info.metadata }),
      ...(retryDelay === undefined ? {} : { retryAfterMs: durationMs(retryDelay) }),
      ...(bad === undefined
        ? {}
        : { fieldViolations: bad.fieldViolations.map(({ field, description }) => ({ field, description })) }),
    });
  } catch {
    return new RpcError(fields); // details of another shape: code and message still tell
  }
}
