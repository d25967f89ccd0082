import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { OutageError } from '@subnetes/runtime/errors';
import type { Decision, RefusalCode } from '../domain/refusal.ts';

const CODES: Readonly<Record<RefusalCode, RpcError['code']>> = {
  INVALID_ARGUMENT: RpcCode.INVALID_ARGUMENT,
  ACCOUNT_UNKNOWN: RpcCode.NOT_FOUND,
  ACCOUNT_TAKEN: RpcCode.ALREADY_EXISTS,
  KEY_UNKNOWN: RpcCode.NOT_FOUND,
  TOO_MANY_KEYS: RpcCode.RESOURCE_EXHAUSTED,
  LEASE_TERMS_DIFFER: RpcCode.ALREADY_EXISTS,
  LEASE_ENDED: RpcCode.FAILED_PRECONDITION,
  INSUFFICIENT_FUNDS: RpcCode.FAILED_PRECONDITION,
};

/** What was decided. @throws RpcError where it is a refusal. */
export function valueOf<T>(decision: Decision<T>): T {
  if (decision.ok) return decision.value;
  const { code, message } = decision;
  throw new RpcError({ code: CODES[code], reason: code, message });
}

/** Answers a call. @throws RpcError UNAVAILABLE where something that it needs is down. */
export async function answering<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OutageError)) throw error;
    const message = `${error.system} does not answer, try again`;
    throw new RpcError({ code: RpcCode.UNAVAILABLE, reason: 'UNAVAILABLE', message, cause: error });
  }
}
