import { amountText } from '@subnetes/money/amount';
import type { NetworkRecord, PoolRecord, SubnetRecord } from './market.ts';
import type { MoneyView, NetworkView, PoolView, SubnetView } from './views.ts';

/** Exact rao with their text. */
export function moneyView(rao: bigint, symbol: string): MoneyView {
  return { rao: rao.toString(), text: amountText({ asset: symbol, units: rao }) };
}

/** The network with its subnets in the order of their numbers. */
export function networkView(
  network: NetworkRecord,
  subnets: readonly SubnetRecord[],
  pools: readonly PoolRecord[],
): NetworkView {
  const poolOf = new Map(pools.map((pool) => [pool.netuid, pool]));
  const { symbol } = network;
  return {
    networkId: network.networkId,
    symbol,
    block: Number(network.block),
    blockTimeMs: network.blockTimeMs,
    blockReward: moneyView(network.blockRewardRao, symbol),
    issued: moneyView(network.issuedRao, symbol),
    burned: moneyView(network.burnedRao, symbol),
    cap: moneyView(network.capRao, symbol),
    journalEntries: Number(network.journalEntries),
    subnets: subnets
      .toSorted((left, right) => left.netuid - right.netuid)
      .map((subnet) => subnetView(subnet, network, poolOf.get(subnet.netuid))),
  };
}

/** One subnet as of the network's block. */
export function subnetView(subnet: SubnetRecord, network: NetworkRecord, pool?: PoolRecord): SubnetView {
  const { symbol } = network;
  return {
    netuid: subnet.netuid,
    handle: subnet.handle,
    owner: subnet.ownerColdkey,
    emission: subnet.emissionStarted ? 'Started' : 'Held',
    registration: subnet.registration,
    neurons: subnet.neurons,
    epoch: Number(subnet.epochIndex),
    epochBlock: Number(subnet.epochBlock),
    paidEpoch: Number(subnet.lastPaidIndex),
    nextEpochBlock: Number(subnet.nextEpochBlock),
    nextEpochIn: blocksUntil(subnet.nextEpochBlock, network.block),
    tempo: subnet.tempo,
    policyVersion: Number(subnet.policyVersion),
    emissionLastEpoch: moneyView(subnet.emissionLastEpochRao, symbol),
    pot: moneyView(subnet.potRao, symbol),
    registrationCost: moneyView(subnet.registrationCostRao, symbol),
    registrationInterval: intervalView(subnet, network),
    pool: pool === undefined ? null : poolView(pool, symbol),
    pendingEvictions: subnet.pendingEvictions,
    evictionNoticeBlocks: subnet.evictionNoticeBlocks,
    dissolution:
      subnet.dissolution === undefined
        ? null
        : {
            phase: subnet.dissolution.phase,
            atBlock: Number(subnet.dissolution.atBlock),
            inBlocks: blocksUntil(subnet.dissolution.atBlock, network.block),
          },
  };
}

function intervalView(
  { registrationInterval: interval }: SubnetRecord,
  { block }: NetworkRecord,
): SubnetView['registrationInterval'] {
  if (interval === undefined) return null;
  const { endsAtBlock, registrations, targetRegistrations } = interval;
  return { inBlocks: blocksUntil(endsAtBlock, block), registrations, targetRegistrations };
}

function poolView(pool: PoolRecord, symbol: string): PoolView {
  return {
    token: pool.token,
    price: moneyView(pool.priceRao, symbol),
    movingPrice: moneyView(pool.movingPriceRao, symbol),
    reserve: moneyView(pool.taoReserveRao, symbol),
    tokenReserve: moneyView(pool.tokenReserve, pool.token),
  };
}

/** Blocks until one of them; 0 when it is here or over. */
export function blocksUntil(block: bigint, now: bigint): number {
  return block > now ? Number(block - now) : 0;
}
