import { setTimeout as delay } from 'node:timers/promises';
import type { EpochSummary, MetagraphNeuron } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { isOutage, RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import type { ServiceClients } from '../endpoints.ts';
import { tokenName } from '../token-name.ts';

const POLL_MS = 250;
/** Newest first; more are not looked through at once. */
const EPOCHS_MAX = 100;

/** An epoch that the ledger has paid. */
export interface PaidEpoch {
  readonly index: bigint;
  readonly potRao: bigint;
  /** What the network's token is called at present. */
  readonly token: string;
  /** True if miners were paid from weights that validators revealed. */
  readonly paysMiners: boolean;
  /** Metagraph rows, those with the highest incentive first. */
  readonly neurons: readonly MetagraphNeuron[];
}

export interface FollowOptions {
  readonly netuid: number;
  readonly signal: AbortSignal;
  /** Is told what comes next. */
  readonly report: (detail: string) => void;
}

type Services = Pick<ServiceClients, 'ledger' | 'scoring'>;

/** Each epoch that is paid from now on, once. A service that is away (restarting under --watch) is waited for. */
export async function* paidEpochs(services: Services, options: FollowOptions): AsyncGenerator<PaidEpoch, never> {
  let after: bigint | undefined;
  for (;;) {
    options.signal.throwIfAborted();
    const seen = await look(services, options, after);
    if (seen !== undefined) {
      after = seen.lastPaid;
      yield* seen.fresh;
    }
    await delay(POLL_MS, undefined, { signal: options.signal });
  }
}

interface Look {
  readonly lastPaid: bigint;
  readonly fresh: readonly PaidEpoch[];
}

async function look(
  { ledger, scoring }: Services,
  { netuid, report }: FollowOptions,
  after: bigint | undefined,
): Promise<Look | undefined> {
  try {
    const network = await ledger.getNetwork({});
    const subnet = await ledger.getSubnet({ by: { case: 'netuid', value: netuid } });
    report(`block ${network.block}, epoch ${subnet.epochIndex}, next at block ${subnet.nextEpochBlock}`);
    const lastPaid = subnet.lastPaidIndex;
    if (after === undefined || lastPaid <= after) return { lastPaid, fresh: [] };
    const { epochs } = await scoring.listEpochs({ netuid, limit: EPOCHS_MAX });
    const fresh: PaidEpoch[] = [];
    for (const summary of epochs.filter(({ index }) => index > after && index <= lastPaid)) {
      const { metagraph } = await scoring.getEpoch({ netuid, index: summary.index });
      fresh.push(paidEpoch(summary, { neurons: metagraph?.neurons ?? [], token: tokenName(network) }));
    }
    return { lastPaid, fresh: fresh.toSorted((one, other) => Number(one.index - other.index)) };
  } catch (error) {
    if (isOutage(error)) {
      report(`a service does not answer: ${(error as Error).message}`);
      return undefined;
    }
    if (error instanceof RpcError && error.code === RpcCode.NOT_FOUND) return undefined;
    throw error;
  }
}

function paidEpoch(summary: EpochSummary, { neurons, token }: Pick<PaidEpoch, 'neurons' | 'token'>): PaidEpoch {
  return {
    index: summary.index,
    token,
    potRao: BigInt(summary.potRao || '0'),
    paysMiners: summary.incentivesAboveZero && summary.revealed > 0,
    neurons: neurons.toSorted((one, other) => other.incentiveU16 - one.incentiveU16 || one.uid - other.uid),
  };
}
