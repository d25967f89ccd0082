import { Server, ServerCredentials } from '@grpc/grpc-js';
import { Governance } from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import { Calculators } from '@subnetes/proto/gen/subnetes/ledger/v1/calculators_pb';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { Pools } from '@subnetes/proto/gen/subnetes/ledger/v1/pools_pb';
import { EmissionState, RegistrationMode } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { Slashing } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import { Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { RpcService } from '@subnetes/proto/grpc-adapter';
import { addRpcService, type RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { accountOf } from './fake-accounts.ts';
import { calculatorHandlers, governanceHandlers, POOLS, slashingHandlers } from './fake-economy.ts';
import { away, neuronOf, RAO, samplesOf, scoredOf, type State, SUBNETS } from './fake-sample.ts';

/** Ledger and scoring in this process, on the real wires: the sample's subnet, one of 256 neurons, and an empty one. */
export interface FakeMarket extends AsyncDisposable {
  readonly address: string;
  /** Makes a block. */
  nextBlock(): void;
  /** Seals, scores and pays one more epoch of the sample's subnet. */
  nextEpoch(): void;
  /** From now on every call fails as if the service were down. */
  goAway(): void;
}

function ledgerHandlers(state: State): Partial<RpcHandlers<typeof Ledger>> {
  return {
    getNetwork: async () => {
      away(state);
      return { networkId: Buffer.alloc(32, 0x9f), symbol: 'TAO', decimals: 9, block: state.block, blockTimeMs: 1000, blockRewardRao: RAO.toString(), capRao: (21_000_000n * RAO).toString(), issuedRao: (10_111n * RAO).toString(), burnedRao: (9n * RAO).toString(), sequence: 412n }; // prettier-ignore
    },
    listSubnets: async () => ({
      subnets: SUBNETS.map(({ netuid, handle, samples }) => ({
        netuid,
        handle,
        ownerColdkey: '5Owner',
        emission: netuid === 3 ? EmissionState.HELD : EmissionState.STARTED,
        registration: RegistrationMode.OPEN,
        neurons: samples.length,
        epochIndex: netuid === 3 ? 0n : state.epoch,
        epochBlock: 11n + 20n * state.epoch,
        nextEpochBlock: 31n + 20n * state.epoch,
        lastPaidIndex: netuid === 3 ? 0n : state.epoch,
        emissionLastEpoch: { asset: 'TAO', amount: (20n * RAO).toString() },
        pot: { asset: 'TAO', amount: (7n * RAO).toString() },
        registrationCost: { asset: 'TAO', amount: RAO.toString() },
        active: { version: 1n, policy: { hyperparameters: { tempo: 20 } } },
      })),
    }),
    listNeurons: async ({ netuid }) => ({
      block: state.block,
      neurons: samplesOf(netuid).map((sample, uid) => neuronOf(netuid, sample, uid)),
    }),
  };
}

function scoringHandlers(state: State): Partial<RpcHandlers<typeof Scoring>> {
  return {
    getMetagraph: async ({ netuid }) => {
      away(state);
      if (netuid === 3)
        throw new RpcError({ code: RpcCode.NOT_FOUND, reason: 'UNKNOWN_EPOCH', message: 'no epoch yet' });
      return { netuid, epochIndex: state.epoch, block: 11n + 20n * state.epoch, inputsSha256: Buffer.alloc(32, 0x2c), neurons: samplesOf(netuid).map(scoredOf), validatorsWithPermit: 3, validatorsRevealed: 3, replayDay: '2010-05-12' }; // prettier-ignore
    },
    explainNeuron: async ({ netuid, uid }) => {
      const sample = samplesOf(netuid)[uid];
      if (sample === undefined)
        throw new RpcError({
          code: RpcCode.NOT_FOUND,
          reason: 'UNKNOWN_UID',
          message: `uid ${uid} was not registered`,
        });
      return {
        neuron: scoredOf(sample, uid),
        index: state.epoch,
        inputsSha256: Buffer.alloc(32, 0x2c),
        yumaVersion: 3,
        policyVersion: 1n,
        hasNextBetter: uid > 3,
        nextBetterUid: Math.max(0, uid - 1),
        distanceToNext: '0.111000000',
        accounts: [accountOf(uid)],
      };
    },
  };
}

/** Starts both on one free port of loopback. */
export async function startFakeMarket(): Promise<FakeMarket> {
  const state: State = { block: 118n, epoch: 5n, isAway: false };
  const server = new Server();
  serve(server, Ledger, ledgerHandlers(state));
  serve(server, Pools, POOLS);
  serve(server, Slashing, slashingHandlers(state));
  serve(server, Calculators, calculatorHandlers(state));
  serve(server, Scoring, scoringHandlers(state));
  serve(server, Governance, governanceHandlers(state));
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
    error === null ? resolve(port) : reject(error),
  );
  return {
    address: `127.0.0.1:${await promise}`,
    nextBlock: () => void (state.block += 1n),
    nextEpoch: () => void ((state.epoch += 1n), (state.block += 20n)),
    goAway: () => void (state.isAway = true),
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  };
}

/** Handlers for what the console asks; everything else is refused. */
function serve<S extends RpcService>(server: Server, service: S, part: Partial<RpcHandlers<S>>): void {
  const refuse = async (): Promise<never> => {
    throw new RpcError({ code: RpcCode.UNIMPLEMENTED, message: 'the console may only read' });
  };
  const others = Object.fromEntries(Object.keys(service.method).map((name) => [name, refuse]));
  addRpcService(server, service, { ...others, ...part } as RpcHandlers<S>);
}
