import { type Slash, SlashStatus, type Slashing, SlashType } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import type { RpcClient } from '@subnetes/proto/grpc-client';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { MarketUnavailable, type SlashReader } from '#application/ports.ts';
import type { SlashRecord } from '#domain/slash-view.ts';
import { raoOfText } from './rao.ts';

/** Slashes of one neuron that a page shows, the newest first. */
const SHOWN_MAX = 16;

const TYPES: ReadonlyMap<SlashType, SlashRecord['type']> = new Map([
  [SlashType.DOUBLE_SIGNING, 'DoubleSigning'],
  [SlashType.FAILED_AUDITS, 'FailedAudits'],
  [SlashType.DEVIATION, 'Deviation'],
  [SlashType.UNAVAILABLE, 'Unavailable'],
]);
const STATUSES: ReadonlyMap<SlashStatus, SlashRecord['status']> = new Map([
  [SlashStatus.PENDING, 'Pending'],
  [SlashStatus.DISPUTED, 'Disputed'],
  [SlashStatus.EXECUTED, 'Executed'],
  [SlashStatus.DROPPED, 'Dropped'],
]);

/** Reads the ledger's slashes over gRPC. A ledger of before there were any has none. */
export function slashReader(client: RpcClient<typeof Slashing>): SlashReader {
  return async ({ netuid, hotkey }, signal) => {
    try {
      const page = { size: SHOWN_MAX, token: '' };
      return (await client.listSlashes({ page, netuid, hotkey }, { signal })).slashes.flatMap(slashRecord);
    } catch (cause) {
      if (cause instanceof RpcError && cause.code === RpcCode.UNIMPLEMENTED) return [];
      throw new MarketUnavailable('ledger', cause);
    }
  };
}

/** None of a type or status that this console does not know. */
function slashRecord(slash: Slash): readonly SlashRecord[] {
  const [type, status] = [TYPES.get(slash.type), STATUSES.get(slash.status)];
  if (type === undefined || status === undefined) return [];
  return [
    {
      slashId: Buffer.from(slash.slashId).toString('hex'),
      type,
      status,
      instance: slash.instance,
      amountRao: raoOfText(slash.amountRao),
      takenRao: raoOfText(slash.takenRao),
      disputeUntilBlock: slash.disputeUntilBlock,
      dueBlock: slash.dueBlock,
    },
  ];
}
