import { readFile } from 'node:fs/promises';
import { networkIdOf } from '@subnetes/keys/canonical-hash';
import { startNats } from '@subnetes/testkit/nats';
import type { TestPostgres } from '@subnetes/testkit/postgres';
import { temporaryFolder } from '@subnetes/testkit/processes';
import { type LedgerProcess, startLedger } from '../../../services/ledger/test/ledger-process.ts';
import { desk, genesis, orderOn } from '../../../services/ledger/test/market.ts';
import { loadJournal } from './loaded-journal.ts';
import { type LoadFigures, runLoad } from './load.ts';
import { openPlainClient, type PlainClient } from './plain-client.ts';
import { createDatabase } from './server.ts';

const SHOP = 'billing:shop';
const FUNDS_RAO = 10_000_000_000_000n;
const IN_FLIGHT = 64;
/** What `ledger.heapMib` of the chart would have to be for a million accounts: without a limit V8 keeps garbage as it likes. */
const HEAP_MIB = 384;

/** The service's default. What starts it for tests audits five times a second, each time over all accounts. */
const AUDIT_INTERVAL = '5s';

/** A service that has just started compiles beside its work for as long, which is a part of no other figure. */
const WARM_UP_SECONDS = 10;

/** Blocks as a lively network has them: what starts it for tests makes ten a second, each with its events and documents. */
const network = { ...genesis, blockTimeMs: 1000 };

/** The service as a process, one transfer a call. The client runs on the same cores, so it is a cheap one. */
export async function measureUnary(server: TestPostgres, seconds: number): Promise<LoadFigures> {
  await using nats = await startNats();
  const databaseUrl = await createDatabase(server, 'unary');
  await using ledger = await startLedger({
    databaseUrl,
    natsUrl: nats.url,
    genesis: network,
    environment: { AUDIT_INTERVAL },
  });
  await fund(ledger);
  using client = openPlainClient(ledger.grpcPort);
  const call = unaryTransfers(client);
  await runLoad({ callers: IN_FLIGHT, perCall: 1, seconds: WARM_UP_SECONDS }, call);
  return await runLoad({ callers: IN_FLIGHT, perCall: 1, seconds }, call);
}

export interface RestartFigures {
  readonly entries: number;
  readonly seconds: number;
  /** Of the process, after it was asked for something. 10^6 bytes. */
  readonly rssMb: number;
}

/** Start of the service on a database that a long life left, from the process to its readiness. */
export async function measureRestart(
  server: TestPostgres,
  size: { readonly entries: number; readonly accounts: number },
): Promise<RestartFigures> {
  await using nats = await startNats();
  // Images hold programs of one file; here a start would make JavaScript of all files first.
  await using compiled = await temporaryFolder('compiled');
  const databaseUrl = await createDatabase(server, 'restart');
  const environment = {
    AUDIT_INTERVAL,
    NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}`,
    NODE_COMPILE_CACHE: compiled.path,
  };
  const options = { databaseUrl, natsUrl: nats.url, genesis: network, environment };
  const first = await startLedger(options);
  await fund(first);
  await first[Symbol.asyncDispose]();
  await loadJournal({ ...size, databaseUrl, payer: SHOP });
  const startedMs = performance.now();
  await using ledger = await startLedger(options);
  const seconds = (performance.now() - startedMs) / 1000;
  await runLoad({ callers: IN_FLIGHT, perCall: 1, seconds: 3 }, unaryTransfers(ledger.client));
  return { entries: size.entries, seconds, rssMb: await rssMbOf(ledger) };
}

async function fund(ledger: LedgerProcess): Promise<void> {
  const transfer = { $typeName: 'subnetes.ledger.v1.TransferOrder' as const, to: SHOP, amountRao: String(FUNDS_RAO) };
  const order = orderOn(networkIdOf(network))(desk, 1n, { case: 'transfer', value: transfer });
  await ledger.client.submitOrder({ order });
}

/** Sends single transfers out of the shop, to a thousand accounts in turn. */
function unaryTransfers(client: Pick<PlainClient, 'submitTransfers'>): () => Promise<number> {
  let count = 0;
  const run = performance.timeOrigin.toString(36);
  return async () => {
    count += 1;
    const transfer = {
      id: `${run}/${count}`,
      from: SHOP,
      to: `billing:u${count % 1000}`,
      amount: { asset: 'TAO', amount: '1' },
      code: 'bench',
    };
    const { results } = await client.submitTransfers({ transfers: [transfer] });
    if (results[0]?.ok !== true) throw new Error(`a transfer was refused: ${results[0]?.message}`);
    return 1;
  };
}

async function rssMbOf({ child }: LedgerProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  if (kilobytes === undefined) throw new Error('the system does not tell memory');
  return (Number(kilobytes) * 1024) / 1e6;
}
