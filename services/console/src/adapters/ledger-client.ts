import type {
  Calculators,
  Outlook,
  ProjectStakeResponse,
  StakeReward,
  ValidatorOutlook,
} from '@subnetes/proto/gen/subnetes/ledger/v1/calculators_pb';
import type { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { Pools } from '@subnetes/proto/gen/subnetes/ledger/v1/pools_pb';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import {
  EmissionState,
  type Neuron,
  RegistrationMode,
  type SubnetState,
} from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { RpcClient } from '@subnetes/proto/grpc-client';
import { type LedgerReader, MarketUnavailable } from '#application/ports.ts';
import type { ManagedBy, NeuronRecord, PoolRecord, RegistrationType, SubnetRecord } from '#domain/market.ts';
import type { OutlookView, StakeAnswer, ValidatorView } from '#domain/outlook.ts';
import { raoOf, raoOfText } from './rao.ts';

/** Subnets and neurons of one page; both have at most 256 of them. */
const PAGE = { size: 256, token: '' };

/** Reads the ledger over gRPC. */
export function ledgerReader(
  client: RpcClient<typeof Ledger>,
  pools: RpcClient<typeof Pools>,
  calculators: RpcClient<typeof Calculators>,
): LedgerReader {
  return {
    network: (signal) =>
      answered(async () => {
        const network = await client.getNetwork({}, { signal });
        return {
          networkId: Buffer.from(network.networkId).toString('hex'),
          symbol: network.displaySymbol === '' ? network.symbol : network.displaySymbol,
          block: network.block,
          blockTimeMs: network.blockTimeMs,
          blockRewardRao: raoOfText(network.blockRewardRao),
          issuedRao: raoOfText(network.issuedRao),
          burnedRao: raoOfText(network.burnedRao),
          capRao: raoOfText(network.capRao),
          journalEntries: network.sequence,
        };
      }),
    subnets: (signal) =>
      answered(async () => (await client.listSubnets({ page: PAGE }, { signal })).subnets.map(subnetRecord)),
    pools: (signal) => answered(() => poolRecords(pools, signal)),
    neurons: (netuid, signal) =>
      answered(async () => (await client.listNeurons({ netuid, page: PAGE }, { signal })).neurons.map(neuronRecord)),
    outlook: (netuid, signal) =>
      answered(async () => {
        try {
          return outlookView(await calculators.getOutlook({ netuid }, { signal }));
        } catch (error) {
          if (error instanceof RpcError && error.reason === 'SUBNET_UNKNOWN') return undefined;
          throw error;
        }
      }),
    projectedStake: ({ netuid, hotkey, rao, blocks }, signal) =>
      answered(async () => {
        try {
          return stakeAnswer(
            await calculators.projectStake({ netuid, hotkey, addRao: rao.toString(), blocks }, { signal }),
          );
        } catch (error) {
          if (error instanceof RpcError && NOTHING_TO_PROJECT.includes(error.reason)) return undefined;
          throw error;
        }
      }),
  };
}

const NOTHING_TO_PROJECT: readonly string[] = ['SUBNET_UNKNOWN', 'NOT_REGISTERED', 'INVALID_ARGUMENT'];

function stakeAnswer({ low, mean, high }: ProjectStakeResponse): StakeAnswer {
  const of = (reward: StakeReward | undefined) => ({ reward: reward?.rewardRao ?? '0', epochs: reward?.epochs ?? 0 });
  return { low: of(low), mean: of(mean), high: of(high) };
}

/** A ledger from before there were tokens has no pools. */
async function poolRecords(client: RpcClient<typeof Pools>, signal: AbortSignal): Promise<readonly PoolRecord[]> {
  try {
    return (await client.listPools({}, { signal })).pools.map((pool) => ({
      netuid: pool.netuid,
      token: pool.token,
      priceRao: raoOfText(pool.priceRao),
      movingPriceRao: raoOfText(pool.movingPriceRao),
      taoReserveRao: raoOf(pool.taoReserve),
      tokenReserve: raoOf(pool.alphaReserve),
    }));
  } catch (error) {
    if (error instanceof RpcError && error.code === RpcCode.UNIMPLEMENTED) return [];
    throw error;
  }
}

async function answered<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw new MarketUnavailable('ledger', cause);
  }
}

/** What a later ledger may add is nothing that anybody can use from here. */
const REGISTRATION: ReadonlyMap<RegistrationMode, RegistrationType> = new Map([
  [RegistrationMode.OPEN, 'Open'],
  [RegistrationMode.APPROVAL, 'Approval'],
  [RegistrationMode.SPONSORED, 'Sponsored'],
]);

function subnetRecord(subnet: SubnetState): SubnetRecord {
  return {
    netuid: subnet.netuid,
    handle: subnet.handle,
    ownerColdkey: subnet.ownerColdkey,
    emissionStarted: subnet.emission === EmissionState.STARTED,
    registration: REGISTRATION.get(subnet.registration) ?? 'Closed',
    neurons: subnet.neurons,
    epochIndex: subnet.epochIndex,
    epochBlock: subnet.epochBlock,
    nextEpochBlock: subnet.nextEpochBlock,
    lastPaidIndex: subnet.lastPaidIndex,
    emissionLastEpochRao: raoOf(subnet.emissionLastEpoch),
    potRao: raoOf(subnet.pot),
    registrationCostRao: raoOf(subnet.registrationCost),
    registrationInterval: subnet.registrationInterval,
    tempo: subnet.active?.policy?.hyperparameters?.tempo ?? 0,
    policyVersion: subnet.active?.version ?? 0n,
    evictionNoticeBlocks: subnet.active?.policy?.hyperparameters?.evictionNoticeBlocks ?? 0,
    pendingEvictions: subnet.pendingEvictions,
    dissolution:
      subnet.dissolution === undefined
        ? undefined
        : { phase: subnet.dissolution.phase, atBlock: subnet.dissolution.atBlock },
  };
}

function neuronRecord(neuron: Neuron): NeuronRecord {
  return {
    uid: neuron.uid,
    hotkey: neuron.hotkey,
    coldkey: neuron.coldkey,
    registeredAtBlock: neuron.registeredAtBlock,
    immuneUntilBlock: neuron.immuneUntilBlock,
    stakeRao: raoOf(neuron.stake),
    delegatedRao: raoOf(neuron.delegated),
    takeU16: neuron.takeU16,
    earnedTotalRao: raoOf(neuron.earnedTotal),
    managedBy: managedBy(neuron),
    urls: neuron.endpoint?.urls ?? [],
    notice:
      neuron.evictionNotice === undefined
        ? undefined
        : { dueBlock: neuron.evictionNotice.dueBlock, priceRao: raoOfText(neuron.evictionNotice.priceRao) },
  };
}

function outlookView(wire: Outlook): OutlookView {
  return {
    epochsSeen: wire.projection?.epochsSeen ?? 0,
    blockTimeMs: wire.projection?.blockTimeMs ?? 0,
    cap: text(wire.capRao),
    issued: text(wire.issuedRao),
    firstReward: text(wire.firstRewardRao),
    halves: wire.halves,
    reward: text(wire.rewardRao),
    part: text(wire.partRao),
    tempo: wire.tempo,
    blocksToSeal: wire.blocksToSeal,
    pot: text(wire.potRao),
    sealedPot: text(wire.sealedPotRao),
    ownerCutU16: wire.ownerCutU16,
    paidPots: text(wire.paidPotsRao),
    paidDividends: text(wire.paidDividendsRao),
    paidIncentives: text(wire.paidIncentivesRao),
    validators: wire.validators.map(validatorView),
    rootWeightPpm: wire.rootWeightPpm,
    others: {
      stake: text(wire.othersStakeRao),
      root: text(wire.othersRootRao),
      stakes: text(wire.othersStakesQ64),
    },
    miners: wire.miners,
    incentives: {
      low: text(wire.incentiveLowRao),
      mean: text(wire.incentiveMeanRao),
      high: text(wire.incentiveHighRao),
    },
    registrationCost: text(wire.registrationCostRao),
    unpaidEpochs: wire.unpaidEpochs,
  };
}

function validatorView(wire: ValidatorOutlook): ValidatorView {
  const { uid, takeU16, keepsQ32, parents, stakedIncentivesQ64 } = wire;
  const given = parents.map((parent) => ({ uid: parent.uid, gives: text(parent.givesQ32), takeU16: parent.takeU16 }));
  return {
    uid,
    own: text(wire.ownRao),
    delegated: text(wire.delegatedRao),
    waiting: text(wire.waitingRao),
    takeU16,
    root: {
      own: text(wire.rootOwnRao),
      delegated: text(wire.rootDelegatedRao),
      waiting: text(wire.rootWaitingRao),
      income: text(wire.rootIncomeQ64),
    },
    ...(keepsQ32 === undefined ? {} : { lineage: { keeps: text(keepsQ32), parents: given } }),
    ...(stakedIncentivesQ64 === undefined ? {} : { stakes: text(stakedIncentivesQ64) }),
    yields: { low: text(wire.yieldLowQ64), mean: text(wire.yieldMeanQ64), high: text(wire.yieldHighQ64) },
  };
}

function text(decimal: string): string {
  return raoOfText(decimal).toString();
}

function managedBy({ managedBy: cause }: Neuron): ManagedBy | undefined {
  if (cause === undefined || cause.name === '') return undefined;
  return { kind: cause.kind, namespace: cause.namespace, name: cause.name };
}
