import { fromBinary } from '@bufbuild/protobuf';
import { type Metagraph, MetagraphSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { Store } from '#application/ports.ts';

/** Each subnet's newest metagraph, so that a restart does not empty the gauges until the next epoch. */
export async function newestMetagraphs(store: Store): Promise<Metagraph[]> {
  const epochs = await Promise.all((await store.netuids()).map((netuid) => store.epoch(netuid, undefined)));
  return epochs.flatMap((epoch) => (epoch === undefined ? [] : [fromBinary(MetagraphSchema, epoch.metagraph)]));
}
