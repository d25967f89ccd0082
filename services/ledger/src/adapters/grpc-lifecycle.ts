import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import type { Lifecycle } from '@subnetes/proto/gen/subnetes/ledger/v1/lifecycle_pb';
import { makeDissolveSubnet } from '#application/dissolve-subnet.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import type { Subnet } from '#domain/economy/subnet.ts';
import { creationView } from '#domain/life/creation-view.ts';
import { evictionOrder, noticeBlocksOf } from '#domain/life/eviction-order.ts';
import { freeUids } from '#domain/life/free-uids.ts';
import { pendingEvictions } from '#domain/life/pending-view.ts';
import type { ChangePorts } from './grpc-changes.ts';
import { causeField, countField, netuidField } from './grpc-fields.ts';
import { answered, valueOf } from './grpc-refusals.ts';
import { subnetToWire } from './wire.ts';
import { creationToWire, pendingToWire, placeToWire } from './wire-lifecycle.ts';

/** The whole service `subnetes.ledger.v1.Lifecycle`. */
export function lifecycleHandlers(ports: ChangePorts): RpcHandlers<typeof Lifecycle> {
  const read = <T>(query: (ledger: Ledger) => T): Promise<T> => answered(ports.sequencer.read(query));
  const dissolve = makeDissolveSubnet(ports);
  return {
    listEvictionOrder: ({ netuid }) =>
      read((ledger) => {
        const subnet = subnetOf(ledger, netuidField(netuid));
        return {
          places: evictionOrder(ledger, subnet).map(placeToWire),
          freePlaces: freeUids(ledger, subnet).length,
          noticeBlocks: noticeBlocksOf(subnet),
          block: BigInt(ledger.block),
        };
      }),
    listPendingEvictions: ({ netuid }) =>
      read((ledger) => {
        const subnet = subnetOf(ledger, netuidField(netuid));
        return { pending: pendingEvictions(ledger, subnet.netuid).map(pendingToWire), block: BigInt(ledger.block) };
      }),
    getCreationCost: () => read((ledger) => creationToWire(creationView(ledger))),
    dissolveSubnet: async (request, call) => {
      ports.access.demand('operator', call);
      const asked = {
        netuid: netuidField(request.netuid),
        atBlock: countField('at_block', request.atBlock),
        mandate: request.mandate,
        cause: causeField(request.cause),
      };
      return { subnet: subnetToWire(await valueOf(dissolve(asked), ports.countRefusal)) };
    },
  };
}

function subnetOf(ledger: Ledger, netuid: number): Subnet {
  const subnet = ledger.subnet(netuid);
  if (subnet !== undefined) return subnet;
  throw new RpcError({
    code: RpcCode.NOT_FOUND,
    reason: 'SUBNET_UNKNOWN',
    message: `there is no subnet ${netuid}`,
  });
}
