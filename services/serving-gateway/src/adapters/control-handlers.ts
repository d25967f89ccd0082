import type { Bucket } from '@subnetes/bus/bus';
import type { GatewayControl } from '@subnetes/proto/gen/subnetes/gateway/v1/gateway_pb';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { invalidField, RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { newKey, storedBytes, type KeyTable } from './api-keys.ts';

const ACCOUNT = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const NAME_MAX = 64;
const LIST_MAX = 1000;

/** API keys for people and the CLI. The port shows itself to parts with a certificate only. */
export function controlHandlers(deps: {
  readonly keys: KeyTable;
  /** Undefined while the bus is away. */
  readonly bucket: () => Bucket | undefined;
  readonly nowMs: () => number;
}): RpcHandlers<typeof GatewayControl> {
  const bucket = (): Bucket => {
    const open = deps.bucket();
    if (open === undefined) throw new RpcError({ code: RpcCode.UNAVAILABLE, message: 'the bus does not answer' });
    return open;
  };
  return {
    async createKey({ account, name }) {
      if (!ACCOUNT.test(account)) throw invalidField('account', 'must be a DNS label: the name of a billing account');
      if (name.length === 0 || name.length > NAME_MAX)
        throw invalidField('name', `must have 1 to ${NAME_MAX} characters`);
      const { text, stored } = newKey(account, name, deps.nowMs());
      const keyId = stored.key?.keyId ?? '';
      await bucket().put(keyId, storedBytes(stored));
      deps.keys.set(keyId, storedBytes(stored));
      return { keyId, secret: text };
    },
    async revokeKey({ keyId }) {
      const stored = deps.keys.get(keyId);
      if (stored?.key === undefined) {
        throw new RpcError({ code: RpcCode.NOT_FOUND, reason: 'KEY_UNKNOWN', message: `there is no key ${keyId}` });
      }
      const revoked = storedBytes({ ...stored, key: { ...stored.key, revoked: true } });
      await bucket().put(keyId, revoked);
      deps.keys.set(keyId, revoked);
      return {};
    },
    async listKeys({ account }) {
      const keys = deps.keys.list(account).slice(0, LIST_MAX);
      return { keys: keys.flatMap(({ key }) => (key === undefined ? [] : [key])) };
    },
  };
}
