import { fromBinary } from '@bufbuild/protobuf';
import type { Bucket } from '@subnetes/bus/bus';
import { ModelPricesSchema } from '@subnetes/proto/gen/subnetes/billing/v1/billing_pb';
import type { Ledger, SubnetUpdate } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { Neuron, SubnetState } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { RpcClient } from '@subnetes/proto/grpc-client';
import { MetagraphSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { Market, MarketMiner, MarketSubnet } from '../domain/market.ts';
import type { PriceLine } from '../domain/quote.ts';

export interface MarketWatchDeps {
  readonly ledger: RpcClient<typeof Ledger>;
  readonly market: Market;
  readonly failed: (error: unknown) => void;
  readonly sleep: (ms: number) => Promise<void>;
  /** Told once of the network's id. */
  readonly network: (networkId: Uint8Array) => void;
}

const DISCOVER_MS = 2000;
const RETRY_MS = 500;
const SUBNETS_PAGE = 1000;
const U16_ONE = 65_535;
const DEFAULT_FIRST_BYTE_MS = 2000;
const DEFAULT_TOTAL_MS = 10_000;
const SERVED_PROTOCOL = 'kserve-v2-rest';

/** Finds subnets and follows each of them at the ledger until the signal ends it. */
export async function followMarket(deps: MarketWatchDeps, signal: AbortSignal): Promise<void> {
  const followed = new Map<number, Promise<void>>();
  while (!signal.aborted) {
    try {
      const { subnets } = await deps.ledger.listSubnets({ page: { size: SUBNETS_PAGE } }, { signal });
      for (const { netuid } of subnets) {
        if (!followed.has(netuid)) followed.set(netuid, followSubnet(deps, netuid, signal));
      }
    } catch (error) {
      if (!signal.aborted) deps.failed(error);
    }
    await deps.sleep(DISCOVER_MS);
  }
  await Promise.all(followed.values());
}

async function followSubnet(deps: MarketWatchDeps, netuid: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const update of deps.ledger.watchSubnet({ netuid }, { signal })) apply(deps, netuid, update);
    } catch (error) {
      if (!signal.aborted) deps.failed(error);
    }
    await deps.sleep(RETRY_MS);
  }
}

function apply({ market, network }: MarketWatchDeps, netuid: number, update: SubnetUpdate): void {
  market.seeBlock(update.block);
  if (update.networkId.length === 32) network(update.networkId);
  if (update.subnet !== undefined) market.setSubnet(subnetOf(update.subnet));
  if (update.snapshot) {
    market.setMiners(
      netuid,
      update.neurons.flatMap((neuron) => minerOf(netuid, neuron) ?? []),
    );
    return;
  }
  for (const uid of update.endedUids) market.setMiner(netuid, uid, undefined);
  for (const neuron of update.neurons) market.setMiner(netuid, neuron.uid, minerOf(netuid, neuron));
}

/** A subnet's serving terms as the ledger tells them. */
export function subnetOf(state: SubnetState): MarketSubnet {
  const policy = state.active?.policy;
  // One that has ended sells nothing; until the block of its end it does.
  const isOver = state.dissolution !== undefined && state.dissolution.phase !== 'Announced';
  const serving = isOver ? undefined : policy?.serving;
  return {
    netuid: state.netuid,
    handle: state.handle,
    models: (serving?.models ?? []).map(({ name, versions }) => ({
      name,
      versions: versions.map(({ version }) => version),
    })),
    firstByteMs: serving?.firstByteTimeoutMs || DEFAULT_FIRST_BYTE_MS,
    totalMs: serving?.totalTimeoutMs || DEFAULT_TOTAL_MS,
    refundsInvalid: (policy?.terms ?? []).some(
      ({ metric, verifier, remedy }) => metric === 'AnswerValid' && verifier === 'Gateway' && remedy === 'Refund',
    ),
  };
}

function minerOf(netuid: number, neuron: Neuron): MarketMiner | undefined {
  const { endpoint } = neuron;
  if (endpoint === undefined || !endpoint.protocols.includes(SERVED_PROTOCOL)) return undefined;
  return {
    id: Buffer.from(neuron.registrationId).toString('hex'),
    netuid,
    uid: neuron.uid,
    hotkey: neuron.hotkey,
    urls: endpoint.urls,
    spkiSha256: Buffer.from(endpoint.spkiSha256).toString('hex'),
    expiresAtBlock: endpoint.expiresAtBlock,
  };
}

/** Follows the bucket of prices until the signal ends it. */
export async function followPrices(bucket: Bucket, market: Market, signal: AbortSignal): Promise<void> {
  for await (const { value } of bucket.watch(signal)) {
    if (value === undefined) continue;
    const { netuid, policyVersion, lines } = fromBinary(ModelPricesSchema, value);
    const byModel = new Map<string, PriceLine[]>();
    for (const { model, unit, per, priceRao } of lines) {
      const known = byModel.get(model) ?? [];
      known.push({ unit, per, priceRao: BigInt(priceRao) });
      byModel.set(model, known);
    }
    market.setPrices(netuid, { policyVersion, lines: byModel });
  }
}

/** Follows the bucket of metagraphs, for incentives, until the signal ends it. */
export async function followMetagraphs(bucket: Bucket, market: Market, signal: AbortSignal): Promise<void> {
  for await (const { value } of bucket.watch(signal)) {
    if (value === undefined) continue;
    const { netuid, neurons } = fromBinary(MetagraphSchema, value);
    const shares = neurons.map(
      ({ registrationId, incentiveU16 }) =>
        [Buffer.from(registrationId).toString('hex'), incentiveU16 / U16_ONE] as const,
    );
    market.setIncentives(netuid, new Map(shares));
  }
}
