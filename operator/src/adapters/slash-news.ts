import type { RpcClient } from '@subnetes/proto/grpc-client';
import { type Slash, type Slashing, SlashStatus, SlashType } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import type { SlashNews, SlashView } from '#domain/slashed.ts';
import { rao } from './views.ts';

/** Of one neuron: eight can be open, and older ones come after them. */
const SLASHES_MAX = 50;

const TYPES: Readonly<Partial<Record<SlashType, SlashView['type']>>> = {
  [SlashType.DOUBLE_SIGNING]: 'DoubleSigning',
  [SlashType.FAILED_AUDITS]: 'FailedAudits',
  [SlashType.DEVIATION]: 'Deviation',
  [SlashType.UNAVAILABLE]: 'Unavailable',
};
const STATUSES: Readonly<Partial<Record<SlashStatus, SlashView['status']>>> = {
  [SlashStatus.PENDING]: 'Pending',
  [SlashStatus.DISPUTED]: 'Disputed',
  [SlashStatus.EXECUTED]: 'Executed',
  [SlashStatus.DROPPED]: 'Dropped',
};

/** Slashes of neurons. Terms are asked for each time: a proposal may begin to slash. */
export function slashNews(
  client: RpcClient<typeof Slashing>,
): (netuid: number, hotkey: string, signal: AbortSignal) => Promise<SlashNews | undefined> {
  return async (netuid, hotkey, signal) => {
    const { enabled, windowBlocks } = await client.getSlashingTerms({}, { signal });
    if (!enabled) return undefined;
    const page = { size: SLASHES_MAX, token: '' };
    const { slashes, block } = await client.listSlashes({ page, netuid, hotkey }, { signal });
    return { block: Number(block), windowBlocks: Number(windowBlocks), slashes: slashes.map(slashView) };
  };
}

function slashView(slash: Slash): SlashView {
  return {
    id: Buffer.from(slash.slashId).toString('hex'),
    type: TYPES[slash.type] ?? 'unknown',
    status: STATUSES[slash.status] ?? 'Dropped',
    reportedAtBlock: Number(slash.reportedAtBlock),
    disputeUntilBlock: Number(slash.disputeUntilBlock),
    dueBlock: Number(slash.dueBlock),
    amountRao: rao(slash.amountRao),
    takenRao: rao(slash.takenRao),
  };
}
