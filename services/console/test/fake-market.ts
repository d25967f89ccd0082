import { Server, ServerCredentials } from '@grpc/grpc-js';
import { Governance } from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import { Calculators } from '@subnetes/proto/gen/subnetes/ledger/v1/calculators_pb';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { Pools } from '@subnetes/proto/gen/subnetes/ledger/v1/pools_pb';
import { EmissionState, RegistrationMode } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { Slashing, SlashStatus, SlashType } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import { Scoring, WeightsState } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { RpcService } from '@subnetes/proto/grpc-adapter';
import { addRpcService, type RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { accountOf } from './fake-accounts.ts';

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

const RAO = 1_000_000_000n;

interface Sample {
  readonly name: string;
  readonly kind: 'Miner' | 'Validator';
  readonly stake: bigint;
  /** Incentive of a miner, dividends of a validator. */
  readonly share: number;
  readonly trust: number;
  readonly loss: number;
  readonly why: string;
  readonly reason: string;
}

function validator(name: string, stake: bigint, share: number, trust: number): Sample {
  const isClipped = trust < 0.5;
  const why = isClipped ? 'weights clipped on 5 of 6 miners' : 'agrees with the consensus';
  return {
    name,
    kind: 'Validator',
    stake,
    share,
    trust,
    loss: 0,
    why,
    reason: isClipped ? 'WeightsClipped' : 'Earning',
  };
}

function miner(name: string, share: number, loss: number, why: string): Sample {
  const reason = why.startsWith('answers repeat')
    ? 'CopyDetected'
    : why.includes('invalid')
      ? 'AnswersInvalid'
      : 'Earning';
  return { name, kind: 'Miner', stake: 0n, share, trust: 0, loss, why, reason };
}

const SAMPLE: readonly Sample[] = [
  validator('val-a', 4500n, 0.478, 0.998),
  validator('val-b', 3500n, 0.371, 0.997),
  validator('val-c', 2000n, 0.151, 0.071),
  miner('garch', 0.412, 0.00515, 'best calibrated at both horizons'),
  miner('ewma', 0.301, 0.00531, '0.111 of incentive behind garch'),
  miner('ridge', 0.188, 0.00547, '0.113 of incentive behind ewma'),
  miner('gaussian', 0.099, 0.00583, '0.089 of incentive behind ridge'),
  miner('copycat', 0, 0.00531, "answers repeat ewma's of the day before (similarity 0.9994), ewma registered first"),
  miner('broken', 0, 0, '71 % of answers invalid: NaN in quantiles'),
];

const CROWD: readonly Sample[] = Array.from({ length: 256 }, (_, uid) =>
  miner(`miner-${uid}`, (256 - uid) / 32_896, 0.005 + uid / 100_000, 'earns by its rank'),
);

function neuronOf(netuid: number, sample: Sample, uid: number) {
  return {
    netuid,
    uid,
    hotkey: `5${sample.name.replaceAll('-', '').padEnd(47, 'x')}`,
    coldkey: `5C${sample.name.replaceAll('-', '').padEnd(46, 'y')}`,
    registeredAtBlock: BigInt(3 + uid),
    immuneUntilBlock: uid > 6 ? 5012n : 0n,
    stake: { asset: 'TAO', amount: (sample.stake * RAO).toString() },
    earnedTotal: { asset: 'TAO', amount: String(BigInt(Math.round(sample.share * 24.6e9))) },
    managedBy: { kind: sample.kind, namespace: 'finance', name: sample.name },
  };
}

function scoredOf(sample: Sample, uid: number) {
  const isMiner = sample.kind === 'Miner';
  const share = Math.round(sample.share * 65_535);
  const earned = String(BigInt(Math.round(sample.share * 8.2e9)));
  const { hotkey, coldkey } = neuronOf(1, sample, uid);
  return {
    uid,
    hotkey,
    coldkey,
    stakeRao: (sample.stake * RAO).toString(),
    validatorPermit: !isMiner,
    incentiveU16: isMiner ? share : 0,
    dividendsU16: isMiner ? 0 : share,
    validatorTrustU16: Math.round(sample.trust * 65_535),
    incentiveRao: isMiner ? earned : '0',
    dividendRao: isMiner ? '0' : earned,
    weightsState: isMiner ? WeightsState.UNSPECIFIED : WeightsState.REVEALED,
    loss: sample.loss,
    judged: sample.loss > 0 ? 240 : 0,
    answers: isMiner ? 240 : 0,
    invalid: sample.reason === 'AnswersInvalid' ? 170 : 0,
    why: sample.why,
    whyReason: sample.reason,
  };
}

interface State {
  block: bigint;
  epoch: bigint;
  isAway: boolean;
}

const SUBNETS: readonly { netuid: number; handle: string; samples: readonly Sample[] }[] = [
  { netuid: 1, handle: 'sp500', samples: SAMPLE },
  { netuid: 2, handle: 'crowded', samples: CROWD },
  { netuid: 3, handle: 'newborn', samples: [] },
];

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

const POOLS: Partial<RpcHandlers<typeof Pools>> = {
  listPools: async () => ({
    pools: [
      {
        netuid: 1,
        token: 'ALPHA1',
        priceRao: '250000000',
        movingPriceRao: '240000000',
        taoReserve: { asset: 'TAO', amount: (100n * RAO).toString() },
        alphaReserve: { asset: 'ALPHA1', amount: (400n * RAO).toString() },
      },
    ],
  }),
};

/** val-c is accused. */
function slashingHandlers(state: State): Partial<RpcHandlers<typeof Slashing>> {
  const accused = neuronOf(1, validator('val-c', 2000n, 0.151, 0.071), 2).hotkey;
  const slash = {
    slashId: Buffer.alloc(32, 0x5a),
    type: SlashType.DEVIATION,
    status: SlashStatus.PENDING,
    netuid: 1,
    hotkey: accused,
    instance: '3-5',
    amountRao: (20n * RAO).toString(),
    disputeUntilBlock: 150n,
    dueBlock: 151n,
  };
  return {
    listSlashes: async ({ hotkey }) => ({ slashes: hotkey === accused ? [slash] : [], block: state.block }),
  };
}

/** A validator with a thousand tokens, half of them delegated, that earned all dividends; four miners that earned a tenth each. */
function calculatorHandlers(state: State): Partial<RpcHandlers<typeof Calculators>> {
  const tao = (whole: bigint): string => (whole * RAO).toString();
  const yields = { yieldLowQ64: `${2n ** 64n}`, yieldMeanQ64: `${2n ** 64n}`, yieldHighQ64: `${2n ** 64n}` };
  return {
    getOutlook: async ({ netuid }) => {
      away(state);
      if (netuid > SUBNETS.length)
        throw new RpcError({ code: RpcCode.NOT_FOUND, reason: 'SUBNET_UNKNOWN', message: 'there is none' });
      if (samplesOf(netuid).length === 0) return { projection: { blockTimeMs: 1000 }, tempo: 20, blocksToSeal: 20 };
      return {
        projection: { epochsSeen: 4, blockTimeMs: 1000, asset: 'TAO' },
        capRao: tao(21_000_000n),
        issuedRao: tao(10_111n),
        firstRewardRao: tao(1n),
        halves: true,
        rewardRao: tao(1n),
        partRao: (RAO / 2n).toString(), // prettier-ignore
        tempo: 20,
        blocksToSeal: 13,
        potRao: tao(3n),
        sealedPotRao: '0',
        ownerCutU16: 11_796, // prettier-ignore
        paidPotsRao: tao(32n),
        paidDividendsRao: tao(16n),
        paidIncentivesRao: tao(16n), // prettier-ignore
        validators: [
          { uid: 0, ownRao: tao(500n), delegatedRao: tao(500n), waitingRao: '0', takeU16: 11_796, ...yields },
        ],
        miners: 4,
        incentiveLowRao: tao(1n),
        incentiveMeanRao: tao(4n),
        incentiveHighRao: tao(6n), // prettier-ignore
        registrationCostRao: tao(1n),
        unpaidEpochs: 1, // prettier-ignore
      };
    },
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

function governanceHandlers(state: State): Partial<RpcHandlers<typeof Governance>> {
  const shown = { proposer: '5Author', startBlock: 100n, endBlock: 150n, stakedRao: '1000', quorumPpm: 100_000, thresholdPpm: 500_000 }; // prettier-ignore
  return {
    getGovernance: async () => ({ treasuryRao: (5n * RAO).toString(), block: state.block }),
    listProposals: async () => ({
      block: state.block,
      proposals: [
        { ...shown, id: 2n, title: 'Pay the auditors', state: 'Voting', yesRao: '250', noRao: '50', action: { action: { case: 'spend', value: {} } } }, // prettier-ignore
        { ...shown, id: 1n, title: 'Raise kappa', state: 'Failed', doneBlock: 99n, reason: 'POLICY_INVALID: too high', simulation: { summary: 'uid 3 gains most' } }, // prettier-ignore
      ],
    }),
  };
}

function samplesOf(netuid: number): readonly Sample[] {
  return SUBNETS.find((subnet) => subnet.netuid === netuid)?.samples ?? [];
}

function away(state: State): void {
  if (state.isAway) throw new RpcError({ code: RpcCode.UNAVAILABLE, message: 'restarting' });
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
