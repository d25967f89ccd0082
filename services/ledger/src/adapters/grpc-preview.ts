import { invalidField } from '@subnetes/proto/rpc-error';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import type { Preview } from '@subnetes/proto/gen/subnetes/ledger/v1/preview_pb';
import { isWallet } from '#application/read-signed.ts';
import type { Sequencer } from '#application/sequencer.ts';
import type { SignatureLane } from '#application/signature-lane.ts';
import { sessionOrdersOf } from '#application/spend-session.ts';
import { orderOfWire } from '#application/submit-order.ts';
import { type OrderPreview, previewBatch, previewOrder } from '#domain/preview/preview-order.ts';
import { callerOf } from './caller.ts';
import { type CountRefusal, valueOf } from './grpc-refusals.ts';

interface PreviewPorts {
  readonly sequencer: Sequencer;
  readonly networkId: Uint8Array;
  /** An order may hold signatures of hotkeys, or a swap at a limit price: milliseconds, and everybody may ask. */
  readonly quotes: SignatureLane;
  readonly countRefusal: CountRefusal;
}

/** The whole service `subnetes.ledger.v1.Preview`; all of it is committed state. */
export function previewHandlers(ports: PreviewPorts): RpcHandlers<typeof Preview> {
  const { sequencer, networkId, quotes, countRefusal } = ports;
  return {
    previewOrder: async ({ signer, order: wire }, call) => {
      if (!isWallet(signer)) throw invalidField('signer', 'must be an SS58 address with prefix 42');
      if (wire === undefined) throw invalidField('order', 'is missing');
      const preview = quotes.hold(callerOf(call), async (timed) => {
        const block = await sequencer.read((ledger) => ledger.block);
        const order = timed(() => orderOfWire(wire, signer, { networkId, block }));
        if (!order.ok) return order;
        return sequencer.read((ledger) => timed(() => previewOrder(ledger, { signer, order: order.value })));
      });
      return previewToWire(await valueOf(preview, countRefusal));
    },
    previewSessionBatch: async ({ wallet, sessionId: id, batch }, call) => {
      if (!isWallet(wallet)) throw invalidField('wallet', 'must be an SS58 address with prefix 42');
      if (id.length !== 32) throw invalidField('session_id', 'must have 32 bytes');
      if (batch === undefined) throw invalidField('batch', 'is missing');
      const sessionId = Buffer.from(id).toString('hex');
      const preview = quotes.hold(callerOf(call), async (timed) => {
        const orders = timed(() => sessionOrdersOf(batch));
        if (!orders.ok) return orders;
        return sequencer.read((ledger) =>
          timed(() => previewBatch(ledger, { wallet, sessionId, orders: orders.value })),
        );
      });
      return previewToWire(await valueOf(preview, countRefusal));
    },
  };
}

function previewToWire({ entries, changes, block }: OrderPreview) {
  return {
    entries: entries.map(({ kind, payloadText, postings }) => ({
      kind,
      payloadJson: payloadText,
      postings: postings.map(({ account, asset, delta, balanceAfter }) => ({
        account,
        asset,
        delta: delta.toString(),
        balanceAfter: balanceAfter.toString(),
      })),
    })),
    changes: changes.map(({ account, asset, before, after }) => ({
      account,
      asset,
      before: before.toString(),
      after: after.toString(),
    })),
    block: BigInt(block),
  };
}
