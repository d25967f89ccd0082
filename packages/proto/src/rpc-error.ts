import { status } from '@grpc/grpc-js';

/** gRPC status codes by name. */
export const RpcCode = {
  CANCELLED: status.CANCELLED,
  UNKNOWN: status.UNKNOWN,
  INVALID_ARGUMENT: status.INVALID_ARGUMENT,
  DEADLINE_EXCEEDED: status.DEADLINE_EXCEEDED,
  NOT_FOUND: status.NOT_FOUND,
  ALREADY_EXISTS: status.ALREADY_EXISTS,
  PERMISSION_DENIED: status.PERMISSION_DENIED,
  RESOURCE_EXHAUSTED: status.RESOURCE_EXHAUSTED,
  FAILED_PRECONDITION: status.FAILED_PRECONDITION,
  ABORTED: status.ABORTED,
  OUT_OF_RANGE: status.OUT_OF_RANGE,
  UNIMPLEMENTED: status.UNIMPLEMENTED,
  INTERNAL: status.INTERNAL,
  UNAVAILABLE: status.UNAVAILABLE,
  UNAUTHENTICATED: status.UNAUTHENTICATED,
} as const;
export type RpcCode = (typeof RpcCode)[keyof typeof RpcCode];

export interface FieldViolation {
  /** Path of the field as in the message: `neurons[3].stake_rao`. */
  readonly field: string;
  readonly description: string;
}

export interface RpcErrorFields {
  readonly code: RpcCode;
  /** Stable code in upper case: `INSUFFICIENT_FUNDS`. Empty where only the gRPC code tells. */
  readonly reason?: string;
  /** For people: what is wrong and what to change. It reaches the peer. */
  readonly message: string;
  readonly fieldViolations?: readonly FieldViolation[];
  readonly metadata?: Readonly<Record<string, string>>;
  /** When another try may be worth it (google.rpc.RetryInfo); absent where nobody knows. */
  readonly retryAfterMs?: number;
  /** For the log; it never reaches the peer. */
  readonly cause?: unknown;
}

/** A refusal or failure of a call, the same on both sides of the wire. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: RpcCode;
  readonly reason: string;
  readonly fieldViolations: readonly FieldViolation[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly retryAfterMs: number | undefined;

  constructor(fields: RpcErrorFields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = fields.code;
    this.reason = fields.reason ?? '';
    this.fieldViolations = fields.fieldViolations ?? [];
    this.metadata = fields.metadata ?? {};
    this.retryAfterMs = fields.retryAfterMs;
  }

  /** True where another try may help: the peer was not there, was too slow, or is restarting. The log tells it shortly. */
  get isOutage(): boolean {
    const { code } = this;
    return code === RpcCode.UNAVAILABLE || code === RpcCode.DEADLINE_EXCEEDED || code === RpcCode.ABORTED;
  }
}

/** INVALID_ARGUMENT that names the field. */
export function invalidField(field: string, description: string): RpcError {
  return new RpcError({
    code: RpcCode.INVALID_ARGUMENT,
    reason: 'INVALID_ARGUMENT',
    message: `${field}: ${description}`,
    fieldViolations: [{ field, description }],
  });
}

/** True for failures that another try may mend: the peer was not there, was too slow, or is restarting. */
export function isOutage(error: unknown): boolean {
  return error instanceof RpcError && error.isOutage;
}
