import { type Slash, SlashStatus, type Slashing, SlashType } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import type { RpcClient } from '@subnetes/proto/grpc-client';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { MarketUnavailable, type SlashReader } from '#application/ports.ts';
import type { SlashRecord } from '#domain/slash-view.ts';
import { raoOfText } from './rao.ts';

/** Slashes that a neuron's page shows, and a subnet's. */
const OF_NEURON_MAX = 16;
const OPEN_MAX = 64;

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
  const list = async (
    asked: { netuid: number; hotkey?: string; openOnly?: boolean },
    size: number,
    signal: AbortSignal,
  ) => {
    try {
      const { slashes } = await client.listSlashes({ ...asked, page: { size, token: '' } }, { signal });
      return slashes.flatMap(slashRecord);
    } catch (cause) {
      if (cause instanceof RpcError && cause.code === RpcCode.UNIMPLEMENTED) return [];
      throw new MarketUnavailable('ledger', cause);
    }
  };
  return {
    ofNeuron: (neuron, signal) => list(neuron, OF_NEURON_MAX, signal),
    openIn: (netuid, signal) => list({ netuid, openOnly: true }, OPEN_MAX, signal),
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
      hotkey: slash.hotkey,
      instance: slash.instance,
      amountRao: raoOfText(slash.amountRao),
      takenRao: raoOfText(slash.takenRao),
      disputeUntilBlock: slash.disputeUntilBlock,
      dueBlock: slash.dueBlock,
    },
  ];
}
