import type { SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { WalletOrder as WireOrder } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { type Decision, refuse } from '#domain/book/refusal.ts';
import type { Cause } from '#domain/economy/mandate.ts';
import { carryOutMandated, type MandatedDone, mandatedKey } from '#domain/mandates/mandated-order.ts';
import { readGrant } from './read-signed.ts';
import type { Caller } from './fair-queue.ts';
import type { Sequencer } from './sequencer.ts';
import type { SignatureLane } from './signature-lane.ts';
import { orderOfWire } from './submit-order.ts';

/** An order as the operator brings it. */
export interface MandatedCall {
  readonly id: string;
  readonly order: WireOrder | undefined;
  readonly mandate: SignedEnvelope | undefined;
  readonly cause: Cause;
  readonly caller: Caller;
}

/** Carries out what a namespace asks for under a coldkey's mandate. */
export function makeSubmitMandated(ports: {
  readonly sequencer: Sequencer;
  readonly networkId: Uint8Array;
  readonly lane: SignatureLane;
}) {
  return async ({
    id,
    order: wire,
    mandate: envelope,
    cause,
    caller,
  }: MandatedCall): Promise<Decision<MandatedDone>> => {
    if (wire === undefined) return refuse('INVALID_ARGUMENT', 'order is missing');
    const block = await ports.sequencer.read((ledger) => ledger.block);
    const context = { networkId: ports.networkId, block };
    const mandate = await ports.lane.verify(caller, () => readGrant(envelope, context));
    if (!mandate.ok) return mandate;
    const order = orderOfWire(wire, mandate.value.payer, context);
    if (!order.ok) return order;
    const mandated = { id, order: order.value, mandate: mandate.value, cause };
    return ports.sequencer.submit({
      keys: [mandatedKey(mandated)],
      run: (ledger) => carryOutMandated(ledger, mandated),
    });
  };
}
