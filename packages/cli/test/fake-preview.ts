import type { Preview } from '@subnetes/proto/gen/subnetes/ledger/v1/preview_pb';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';

/** What the ledger's rules make of an order is for tests against the ledger: here nothing follows from it. */
export function fakePreview(block: () => bigint): RpcHandlers<typeof Preview> {
  return {
    previewOrder: async ({ order }) => ({
      entries: [{ kind: `Order ${order?.order.case ?? ''}`, payloadJson: '{}' }],
      block: block(),
    }),
    previewSessionBatch: async ({ batch }) => ({
      entries: (batch?.orders ?? []).map(({ order }) => ({ kind: `Session ${order.case ?? ''}`, payloadJson: '{}' })),
      block: block(),
    }),
  };
}
