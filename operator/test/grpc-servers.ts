import { create } from '@bufbuild/protobuf';
import { credentials, Server, ServerCredentials } from '@grpc/grpc-js';
import { addRpcService, type RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { createRpcClient, type RpcClient } from '@subnetes/proto/grpc-client';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { Lifecycle } from '@subnetes/proto/gen/subnetes/ledger/v1/lifecycle_pb';
import { NeuronSchema, SubnetStateSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { Slashing } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import { Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';

export interface GrpcServers extends AsyncDisposable {
  readonly port: number;
  readonly ledger: RpcClient<typeof Ledger>;
  readonly lifecycle: RpcClient<typeof Lifecycle>;
  readonly slashing: RpcClient<typeof Slashing>;
  readonly scoring: RpcClient<typeof Scoring>;
  /** Ends every call and closes the port, as a killed pod does. */
  stop(): void;
  /** Listens again on the same port. */
  restart(): Promise<void>;
}

/** Serves the given calls of ledger and scoring on one loopback port; every other call is not implemented. */
export async function serveGrpc(
  ledger: Partial<RpcHandlers<typeof Ledger>>,
  scoring: Partial<RpcHandlers<typeof Scoring>> = {},
  lifecycle: Partial<RpcHandlers<typeof Lifecycle>> = {},
  slashing: Partial<RpcHandlers<typeof Slashing>> = {},
): Promise<GrpcServers> {
  let server = new Server();
  let port = 0;
  const listen = async (): Promise<void> => {
    server = new Server();
    addRpcService(server, Ledger, filled(Ledger, ledger));
    addRpcService(server, Lifecycle, filled(Lifecycle, lifecycle));
    addRpcService(server, Slashing, filled(Slashing, slashing));
    addRpcService(server, Scoring, filled(Scoring, scoring));
    port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
  };
  await listen();
  const options = { address: `127.0.0.1:${port}`, credentials: credentials.createInsecure(), deadlineMs: 5_000 };
  const clients = {
    ledger: createRpcClient(Ledger, options),
    lifecycle: createRpcClient(Lifecycle, options),
    slashing: createRpcClient(Slashing, options),
    scoring: createRpcClient(Scoring, options),
  };
  return {
    ...clients,
    port,
    stop: () => server.forceShutdown(),
    restart: listen,
    async [Symbol.asyncDispose]() {
      clients.ledger[Symbol.dispose]();
      clients.lifecycle[Symbol.dispose]();
      clients.slashing[Symbol.dispose]();
      clients.scoring[Symbol.dispose]();
      server.forceShutdown();
    },
  };
}

function filled<S extends typeof Ledger | typeof Lifecycle | typeof Slashing | typeof Scoring>(
  service: S,
  part: Partial<RpcHandlers<S>>,
): RpcHandlers<S> {
  const refusal = (): RpcError => new RpcError({ code: RpcCode.UNIMPLEMENTED, message: 'not part of this test' });
  const call = async (): Promise<never> => {
    throw refusal();
  };
  // oxlint-disable-next-line require-yield -- a stream that fails before its first message
  const stream = async function* (): AsyncGenerator<never> {
    throw refusal();
  };
  const missing = Object.entries(service.method).map(([name, { methodKind }]) => [
    name,
    methodKind === 'server_streaming' ? stream : call,
  ]);
  return { ...Object.fromEntries(missing), ...part } as RpcHandlers<S>;
}

const TAO = { asset: 'TAO' };

/** A subnet as the ledger tells of it. */
export function subnetState(lastPaid: number, more: { pot?: string } = {}) {
  return create(SubnetStateSchema, {
    netuid: 1,
    handle: 'sp500',
    registrationId: new Uint8Array(32).fill(1),
    epochIndex: BigInt(lastPaid),
    epochBlock: BigInt(12 + lastPaid * 20),
    nextEpochBlock: BigInt(32 + lastPaid * 20),
    lastPaidIndex: BigInt(lastPaid),
    active: { version: 1n, policy: { hyperparameters: { tempo: 20, maxUids: 256 } } },
    registrationCost: { ...TAO, amount: '1000000000' },
    emissionLastEpoch: { ...TAO, amount: '20000000000' },
    pot: { ...TAO, amount: more.pot ?? '0' },
  });
}

export function neuronMessage(uid: number, hotkey: string) {
  return create(NeuronSchema, {
    netuid: 1,
    uid,
    hotkey,
    coldkey: 'cold',
    registeredAtBlock: 12n,
    registrationId: new Uint8Array(32).fill(uid + 2),
    stake: { ...TAO, amount: '5' },
    immuneUntilBlock: 5_012n,
    endpoint: { urls: ['https://a:8443'] },
  });
}
