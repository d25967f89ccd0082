import { setTimeout as delay } from 'node:timers/promises';
import type { EpochSummary } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { isOutage, RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import type { ServiceClients } from './endpoints.ts';
import { EPOCHS_WANTED, SUBNET } from './market.ts';

const POLL_MS = 500;
/** Epochs come every 20 s in the sample; this long without a paid one means that something is broken. */
const PATIENCE_MS = 6 * 60_000;

export interface PaidEpochs {
  readonly netuid: number;
  /** Epochs with incentives above zero from revealed weights that the ledger has paid, oldest first. */
  readonly epochs: readonly EpochSummary[];
  readonly block: bigint;
  /** When the first of them was seen to be paid, unix milliseconds. */
  readonly firstSeenMs: number;
}

/** What is asked of the services. */
export interface EpochSource {
  readonly ledger: Pick<ServiceClients['ledger'], 'getNetwork' | 'getSubnet'>;
  readonly scoring: Pick<ServiceClients['scoring'], 'listEpochs'>;
}

/** Waits until so many epochs have paid miners from revealed weights. Throws when nothing moves for six minutes. */
export async function followEpochs(
  services: EpochSource,
  options: { readonly signal: AbortSignal; readonly report: (detail: string) => void; readonly wanted?: number },
): Promise<PaidEpochs> {
  const wanted = options.wanted ?? EPOCHS_WANTED;
  let movedMs = Date.now();
  let seen = '';
  let firstSeenMs: number | undefined;
  for (;;) {
    options.signal.throwIfAborted();
    const now = await look(services);
    if (now !== undefined) {
      if (now.paid.length > 0) firstSeenMs ??= Date.now();
      if (now.paid.length >= wanted && firstSeenMs !== undefined) {
        return { netuid: now.netuid, epochs: now.paid.slice(0, wanted), block: now.block, firstSeenMs };
      }
      const state = `${now.index}/${now.paid.length}`;
      if (state !== seen) movedMs = Date.now();
      seen = state;
      options.report(
        `${now.paid.length} of ${wanted}   epoch ${now.index}, block ${now.block}, next at block ${now.nextBlock}`,
      );
    } else {
      options.report('waiting for the subnet');
    }
    if (Date.now() - movedMs > PATIENCE_MS) {
      throw new Error(
        `no epoch has moved for ${PATIENCE_MS / 60_000} minutes; look at: kubectl get subnets,miners,validators -A, and the logs of ledger, scoring and the validators`,
      );
    }
    await delay(POLL_MS, undefined, { signal: options.signal });
  }
}

interface Look {
  readonly netuid: number;
  readonly index: bigint;
  readonly block: bigint;
  readonly nextBlock: bigint;
  readonly paid: readonly EpochSummary[];
}

/** Undefined while the subnet is not there yet, or a service cannot be reached. */
async function look(services: EpochSource): Promise<Look | undefined> {
  try {
    const network = await services.ledger.getNetwork({});
    const subnet = await services.ledger.getSubnet({ by: { case: 'handle', value: SUBNET } });
    const { epochs } = await services.scoring.listEpochs({ netuid: subnet.netuid, limit: 100 });
    const paid = epochs
      .filter((epoch) => epoch.incentivesAboveZero && epoch.revealed > 0 && epoch.index <= subnet.lastPaidIndex)
      .toSorted((one, other) => Number(one.index - other.index));
    return {
      netuid: subnet.netuid,
      index: subnet.epochIndex,
      block: network.block,
      nextBlock: subnet.nextEpochBlock,
      paid,
    };
  } catch (error) {
    if (isOutage(error) || (error instanceof RpcError && error.code === RpcCode.NOT_FOUND)) return undefined;
    throw error;
  }
}
