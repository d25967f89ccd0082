import type { SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { Decision } from '#domain/book/refusal.ts';
import { type PutSubnet, putSubnet, type PutSubnetAnswer } from '#domain/economy/put-subnet.ts';
import { type SubnetView, subnetView } from '#domain/economy/views.ts';
import { readGrant } from './read-signed.ts';
import type { Sequencer } from './sequencer.ts';

/** A subnet as the operator sends it. */
export type PutSubnetCall = Omit<PutSubnet, 'mandate'> & { readonly mandate: SignedEnvelope | undefined };

export type PutSubnetResult = Omit<PutSubnetAnswer, 'subnet'> & { readonly subnet: SubnetView };

/** Verifies the mandate and brings the subnet to the wanted state. */
export function makePutSubnet(ports: { readonly sequencer: Sequencer; readonly networkId: Uint8Array }) {
  return async (call: PutSubnetCall): Promise<Decision<PutSubnetResult>> => {
    const block = await ports.sequencer.read((ledger) => ledger.block);
    const mandate = readGrant(call.mandate, { networkId: ports.networkId, block });
    if (!mandate.ok) return mandate;
    return ports.sequencer.submit({
      run: (ledger) => {
        const put = putSubnet(ledger, { ...call, mandate: mandate.value });
        return put.ok ? { ok: true, value: { ...put.value, subnet: subnetView(ledger, put.value.subnet) } } : put;
      },
    });
  };
}
