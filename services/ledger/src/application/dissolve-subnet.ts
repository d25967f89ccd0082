import type { SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { accept, type Decision } from '#domain/book/refusal.ts';
import type { Cause } from '#domain/economy/mandate.ts';
import { type SubnetView, subnetView } from '#domain/economy/views.ts';
import { dissolveByMandate } from '#domain/life/dissolution.ts';
import { readGrant } from './read-signed.ts';
import type { Sequencer } from './sequencer.ts';

/** Announces a subnet's end by a mandate of its owner's. */
export function makeDissolveSubnet(ports: { readonly sequencer: Sequencer; readonly networkId: Uint8Array }) {
  return async (call: {
    readonly netuid: number;
    readonly atBlock: number;
    readonly mandate: SignedEnvelope | undefined;
    readonly cause: Cause;
  }): Promise<Decision<SubnetView>> => {
    const block = await ports.sequencer.read((ledger) => ledger.block);
    const mandate = readGrant(call.mandate, { networkId: ports.networkId, block });
    if (!mandate.ok) return mandate;
    return ports.sequencer.submit({
      run: (ledger) => {
        const done = dissolveByMandate(ledger, { ...call, mandate: mandate.value });
        return done.ok ? accept(subnetView(ledger, done.value.subnet)) : done;
      },
    });
  };
}
