import type { Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { EpochScored } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import type { RpcClient } from '@subnetes/proto/grpc-client';
import { openDatabase } from '@subnetes/runtime/postgres';
import type { Database } from '@subnetes/runtime/sql';
import { startNats } from '@subnetes/testkit/nats';
import { startPostgres } from '@subnetes/testkit/postgres';
import type { ServerProcess } from '@subnetes/testkit/processes';
import { dueMessage } from './ledger-messages.ts';
import { openTestLedger, prepareDatabase, startScoring } from './live-market.ts';
import { NETUID } from './market.ts';
import { SIGNING_NEURONS } from './signed-weights.ts';

/** One process of scoring. */
export interface Replica {
  readonly process: ServerProcess;
  readonly rpc: RpcClient<typeof Scoring>;
  leads(): Promise<boolean>;
}

/** Servers, and the test as the ledger and as the validators. */
export interface PlayedMarket {
  readonly natsUrl: string;
  readonly database: Database;
  /** All that was published, in the stream's order, repetitions included. */
  readonly scored: readonly EpochScored[];
  startReplica(natsUrl?: string): Promise<Replica>;
  due(index: number, netuid?: number): Promise<void>;
  untilScored(index: number, netuid?: number): Promise<EpochScored>;
}

export async function playMarket(teardown: AsyncDisposableStack): Promise<PlayedMarket> {
  const nats = teardown.use(await startNats());
  const postgres = teardown.use(await startPostgres({ fsync: true }));
  const url = await postgres.createDatabase('scoring');
  await prepareDatabase(url);
  const database = teardown.use(await openDatabase({ url }));
  const ledger = teardown.use(await openTestLedger(nats.url));
  return {
    natsUrl: nats.url,
    database,
    scored: ledger.scored,
    startReplica: async (natsUrl = nats.url) => {
      const replica = teardown.use(await startScoring({ databaseUrl: url, natsUrl, env: { LOG_LEVEL: 'info' } }));
      const leads = async (): Promise<boolean> => /^subnetes_scoring_leader 1$/m.test(await replica.metrics());
      return { process: replica.server, rpc: replica.client, leads };
    },
    due: (index, netuid = NETUID) => ledger.due(netuid, dueMessage(index, SIGNING_NEURONS)),
    untilScored: (index, netuid = NETUID) => ledger.untilScored(netuid, index, 60_000),
  };
}
