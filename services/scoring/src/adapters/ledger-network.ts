import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { isOutage } from '@subnetes/proto/rpc-error';
import type { Clock } from '@subnetes/runtime/clock';
import { grpcClientCredentials, grpcServerTrust, type TlsFiles } from '@subnetes/runtime/tls';
import { toHex } from './messages.ts';

const RETRY_MS = 500;

/** Asks the ledger which network this is, hex, for as long as it is away. Done once in a store's life. */
export async function askNetworkId(
  options: { readonly address: string; readonly tls: TlsFiles | undefined; readonly clock: Clock },
  signal: AbortSignal,
): Promise<string> {
  const credentials = options.tls === undefined ? grpcServerTrust(undefined) : grpcClientCredentials(options.tls);
  using ledger = createRpcClient(Ledger, { address: options.address, credentials });
  for (;;) {
    try {
      const { networkId } = await ledger.getNetwork({}, { signal });
      return toHex(networkId);
    } catch (error) {
      if (!isOutage(error)) throw error;
      await options.clock.sleep(RETRY_MS, signal);
    }
  }
}
