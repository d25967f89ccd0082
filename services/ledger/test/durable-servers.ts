import { startNats, type TestNats } from '@subnetes/testkit/nats';
import { startPostgres, type TestPostgres } from '@subnetes/testkit/postgres';
import { afterAll, beforeAll } from 'vitest';

export interface DurableServers {
  readonly postgres: TestPostgres;
  readonly nats: TestNats;
}

/** A PostgreSQL that syncs what it commits, and a bus, for the tests of the file that calls this. They are there within tests. */
export function durableServers(): DurableServers {
  const started: { servers?: DurableServers } = {};
  const servers = (): DurableServers => {
    if (started.servers === undefined) throw new Error('servers are there once a test runs');
    return started.servers;
  };
  beforeAll(async () => {
    const [postgres, nats] = await Promise.all([startPostgres({ fsync: true }), startNats()]);
    started.servers = { postgres, nats };
  });
  afterAll(async () => {
    await started.servers?.postgres[Symbol.asyncDispose]();
    await started.servers?.nats[Symbol.asyncDispose]();
  });
  return {
    get postgres() {
      return servers().postgres;
    },
    get nats() {
      return servers().nats;
    },
  };
}
