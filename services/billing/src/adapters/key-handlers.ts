import type { Keys } from '@subnetes/proto/gen/subnetes/billing/v1/keys_pb';
import type { CallContext, RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import type { makeCreateKey, makeListKeys, makeRevokeKey } from '../application/api-keys.ts';
import type { ApiKey } from '../domain/api-key.ts';
import { answering, valueOf } from './grpc-answers.ts';

export interface KeyHandlerDeps {
  readonly createKey: ReturnType<typeof makeCreateKey>;
  readonly revokeKey: ReturnType<typeof makeRevokeKey>;
  readonly listKeys: ReturnType<typeof makeListKeys>;
  /** Whether a caller may make and end keys: people alone do, no part of the system. */
  readonly mayKeepKeys: (call: CallContext) => boolean;
}

/** API keys over gRPC. */
export function keyHandlers(deps: KeyHandlerDeps): RpcHandlers<typeof Keys> {
  const forPeople = <T>(call: CallContext, work: () => Promise<T>): Promise<T> =>
    answering(() => {
      if (deps.mayKeepKeys(call)) return work();
      throw new RpcError({
        code: RpcCode.PERMISSION_DENIED,
        reason: 'NOT_A_PERSON',
        message: 'API keys are for people: call with the certificate of the command line',
      });
    });
  return {
    createKey: ({ account, name }, call) =>
      forPeople(call, async () => {
        const { keyId, text, told } = valueOf(await deps.createKey({ account, name }));
        return { keyId, secret: text, told };
      }),
    revokeKey: ({ keyId }, call) => forPeople(call, async () => valueOf(await deps.revokeKey(keyId))),
    listKeys: ({ account, page }, call) =>
      forPeople(call, async () => {
        const found = await deps.listKeys(account, { size: page?.size ?? 0, token: page?.token ?? '' });
        const { keys, nextPageToken } = valueOf(found);
        return { keys: keys.map(keyOf), nextPageToken };
      }),
  };
}

function keyOf({ keyId, account, name, createdAtMs, revokedAtMs }: ApiKey) {
  const ended = revokedAtMs === undefined ? {} : { revokedAtMs: BigInt(revokedAtMs) };
  return { keyId, account, name, createdAtMs: BigInt(createdAtMs), ...ended };
}
