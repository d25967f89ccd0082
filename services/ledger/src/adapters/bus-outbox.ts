import { create, toBinary } from '@bufbuild/protobuf';
import type { Bucket, Bus } from '@subnetes/bus/bus';
import { ledgerMessageId } from '@subnetes/bus/subjects';
import { ListNeuronsResponseSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { EventBus } from '#application/relay-outbox.ts';
import { eventMessage } from './event-messages.ts';
import { neuronToWire } from './wire.ts';

/** Headers that let a consumer see a gap: the journal's sequence, and that of the event before on the same subject. */
export const SEQUENCE_HEADER = 'subnetes-sequence';
export const PREVIOUS_HEADER = 'subnetes-previous-sequence';

/** The LEDGER stream and the bucket of endpoints, which the ledger alone writes. */
export function busOutbox(bus: Bus): EventBus {
  let bucket: Bucket | undefined;
  return {
    async open() {
      const isNew = await bus.ensureStream('LEDGER');
      bucket = await bus.bucket('endpoints', { create: true });
      return isNew;
    },
    async publish(entry) {
      const { subject, payload } = eventMessage(entry);
      await bus.publish(subject, payload, {
        messageId: ledgerMessageId(BigInt(entry.sequence)),
        headers: {
          [SEQUENCE_HEADER]: String(entry.sequence),
          [PREVIOUS_HEADER]: String(entry.previousEventSequence),
        },
      });
    },
    async storeEndpoints({ netuid, block, neurons }) {
      bucket ??= await bus.bucket('endpoints', { create: true });
      const value = create(ListNeuronsResponseSchema, { block: BigInt(block), neurons: neurons.map(neuronToWire) });
      await bucket.put(String(netuid), toBinary(ListNeuronsResponseSchema, value));
    },
  };
}
