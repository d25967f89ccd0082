import type { Root } from '@subnetes/proto/gen/subnetes/ledger/v1/root_pb';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import type { Sequencer } from '#application/sequencer.ts';
import { rootView } from '#domain/root/root-view.ts';
import { accountField } from './grpc-fields.ts';
import { type CountRefusal, valueOf } from './grpc-refusals.ts';
import { moneyToWire } from './wire.ts';

interface RootPorts {
  readonly sequencer: Sequencer;
  readonly countRefusal: CountRefusal;
}

/** The whole service `subnetes.ledger.v1.Root`; all of it is committed state. */
export function rootHandlers({ sequencer, countRefusal }: RootPorts): RpcHandlers<typeof Root> {
  return {
    getRootStake: async ({ hotkey: name }) => {
      const hotkey = accountField('hotkey', name);
      const read = sequencer.read((ledger) => ({
        view: rootView(ledger, hotkey),
        asset: ledger.asset,
        block: ledger.block,
      }));
      const { asset, block, view } = await read;
      const { hasSeat, stake, delegated, waiting, counts, ...named } = await valueOf(
        Promise.resolve(view),
        countRefusal,
      );
      return {
        ...named,
        places: [...named.places],
        seat: hasSeat,
        stake: moneyToWire(asset, stake),
        delegated: moneyToWire(asset, delegated),
        waiting: moneyToWire(asset, waiting),
        counts: moneyToWire(asset, counts),
        block: BigInt(block),
      };
    },
  };
}
