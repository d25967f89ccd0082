import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { isOutage, RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { OutageError } from '@subnetes/runtime/errors';
import { grpcClientCredentials, grpcServerTrust, type TlsFiles } from '@subnetes/runtime/tls';
import type { SubnetOwners } from '#application/publish-function.ts';

/** Owners of subnets, asked of the ledger each time: it is the one that knows, and publications are rare. */
export function ledgerOwners(options: {
  readonly address: string;
  readonly tls: TlsFiles | undefined;
}): SubnetOwners & Disposable {
  const credentials = options.tls === undefined ? grpcServerTrust(undefined) : grpcClientCredentials(options.tls);
  const ledger = createRpcClient(Ledger, { address: options.address, credentials });
  return {
    owner: async (netuid) => {
      try {
        return (await ledger.getSubnet({ by: { case: 'netuid', value: netuid } })).ownerColdkey;
      } catch (error) {
        if (error instanceof RpcError && error.code === RpcCode.NOT_FOUND) return undefined;
        if (isOutage(error)) throw new OutageError('ledger', 'the ledger does not say who owns the subnet', error);
        throw error;
      }
    },
    [Symbol.dispose]: () => ledger[Symbol.dispose](),
  };
}
