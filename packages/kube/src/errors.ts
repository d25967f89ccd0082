/** The API server answered with a refusal or a failure. */
export class KubeApiError extends Error {
  readonly status: number;
  /** `reason` of the Status object, such as NotFound, Conflict, Expired, Invalid. */
  readonly reason: string;
  readonly retryAfterMs: number | undefined;

  constructor(fields: { status: number; reason: string; message: string; retryAfterMs?: number }) {
    super(fields.message);
    this.name = 'KubeApiError';
    this.status = fields.status;
    this.reason = fields.reason;
    this.retryAfterMs = fields.retryAfterMs;
  }
}

/** The API server could not be reached, or the connection broke. */
export class KubeConnectionError extends Error {
  /** The log tells it without a stack. */
  readonly isOutage = true;

  constructor(message: string, options: { cause: unknown }) {
    super(message, options);
    this.name = 'KubeConnectionError';
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof KubeApiError && error.status === 404;
}

export function isConflict(error: unknown): boolean {
  return error instanceof KubeApiError && error.status === 409;
}

/** The asked-for resource version is gone: list again. */
export function isExpired(error: unknown): boolean {
  return (
    error instanceof KubeApiError && (error.status === 410 || error.reason === 'Expired' || error.reason === 'Gone')
  );
}

/** The server refused the object itself (schema, CEL, quota, Pod Security): sending it again helps nobody. */
export function isRefusal(error: unknown): error is KubeApiError {
  return error instanceof KubeApiError && (error.status === 400 || error.status === 403 || error.status === 422);
}

/** A Status object as an error. */
export function errorFromStatus(body: unknown, httpStatus: number, retryAfterMs?: number): KubeApiError {
  const status = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const { message, reason, code } = status;
  return new KubeApiError({
    status: typeof code === 'number' ? code : httpStatus,
    reason: typeof reason === 'string' ? reason : '',
    message: typeof message === 'string' && message !== '' ? message : `the API server answered ${httpStatus}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
