import { fromBinary } from '@bufbuild/protobuf';
import { type Metagraph, MetagraphSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { Store } from '#application/ports.ts';

/** Each subnet's newest metagraph where it was made, so that a new leader does not show empty gauges until the next epoch. */
export async function* newestMetagraphs(store: Pick<Store, 'netuids' | 'metagraph'>): AsyncGenerator<Metagraph> {
  for (const netuid of await store.netuids()) {
    const newest = await store.metagraph(netuid, undefined);
    if (newest?.metagraph !== undefined) yield fromBinary(MetagraphSchema, newest.metagraph);
  }
}
