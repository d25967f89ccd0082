import type { Keys } from '@subnetes/proto/gen/subnetes/billing/v1/keys_pb';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';

/** Billing's API keys: one valid, one revoked, on a page each. */
export interface FakeKeys {
  readonly revoked: string[];
  /** Whether gateways can be told of keys. */
  isBusThere: boolean;
  /** Whether making a key gets no answer. */
  losesAnswers: boolean;
  readonly handlers: RpcHandlers<typeof Keys>;
}

export function fakeKeys(): FakeKeys {
  const key = { account: 'quant', name: 'default', createdAtMs: 1_700_000_000_000n };
  const keys: FakeKeys = {
    revoked: [],
    isBusThere: true,
    losesAnswers: false,
    handlers: {
      createKey: async () => {
        if (keys.losesAnswers) throw new RpcError({ code: RpcCode.UNAVAILABLE, message: 'gone' });
        return { keyId: 'key_1', secret: 'sk_secret', told: keys.isBusThere };
      },
      listKeys: async ({ page }) =>
        page?.token === 'second'
          ? { keys: [{ ...key, keyId: 'key_1', revokedAtMs: 1_700_000_001_000n }] }
          : { keys: [{ ...key, keyId: 'key_2' }], nextPageToken: 'second' },
      revokeKey: async ({ keyId }) => {
        keys.revoked.push(keyId);
        return { told: keys.isBusThere };
      },
    },
  };
  return keys;
}
