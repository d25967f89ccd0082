import { credentials } from '@grpc/grpc-js';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { startNats } from '@subnetes/testkit/nats';
import type { TestPostgres } from '@subnetes/testkit/postgres';
import { type LedgerProcess, startLedger } from '../../../services/ledger/test/ledger-process.ts';
import { desk, genesis, orderOf, owner } from '../../../services/ledger/test/market.ts';
import { type LoadFigures, runLoad } from './load.ts';
import { createDatabase } from './server.ts';

const AUDIT_INTERVAL = '5s';
const WARM_UP_SECONDS = 5;
const WRONG_IN_FLIGHT = 64;
/** Different ones, so that nothing about them can be remembered. */
const WRONG_ORDERS = 512;

export interface FloodFigures {
  /** A wallet's own signed orders, one after the other. */
  readonly alone: LoadFigures;
  /** The same while wrongly signed ones come as fast as they are refused. */
  readonly flooded: LoadFigures;
  /** Wrong ones refused a second. */
  readonly refused: number;
}

/**
 * What orders of a wallet wait while somebody else sends orders whose signatures are wrong, each over a connection of its own. The
 * clients run on the same cores.
 */
export async function measureFlood(server: TestPostgres, seconds: number): Promise<FloodFigures> {
  await using nats = await startNats();
  const databaseUrl = await createDatabase(server, 'flood');
  await using ledger = await startLedger({ databaseUrl, natsUrl: nats.url, genesis, environment: { AUDIT_INTERVAL } });
  const honest = signedTransfers(ledger);
  using stranger = createRpcClient(Ledger, {
    address: `127.0.0.1:${ledger.grpcPort}`,
    credentials: credentials.createInsecure(),
    // Else both clients would share one connection.
    channelOptions: { 'grpc.use_local_subchannel_pool': 1 },
  });
  const wrong = wrongTransfers(stranger);
  const flood = { callers: WRONG_IN_FLIGHT, perCall: 1 };
  await Promise.all([
    runLoad({ callers: 1, perCall: 1, seconds: WARM_UP_SECONDS }, honest),
    runLoad({ ...flood, seconds: WARM_UP_SECONDS }, wrong),
  ]);
  const alone = await runLoad({ callers: 1, perCall: 1, seconds }, honest);
  const [flooded, refused] = await Promise.all([
    runLoad({ callers: 1, perCall: 1, seconds }, honest),
    runLoad({ ...flood, seconds }, wrong),
  ]);
  return { alone, flooded, refused: refused.tps };
}

function transferOf(amount: bigint) {
  return {
    case: 'transfer' as const,
    value: {
      $typeName: 'subnetes.ledger.v1.TransferOrder' as const,
      to: owner.address,
      amountRao: String(amount),
    },
  };
}

/** One order after the other; signing them is the caller's time, and is not measured by the server's. */
function signedTransfers({ client }: LedgerProcess): () => Promise<number> {
  let sequence = 0n;
  return async () => {
    sequence += 1n;
    await client.submitOrder({ order: orderOf(desk, sequence, transferOf(1n)) });
    return 1;
  };
}

function wrongTransfers(client: LedgerProcess['client']): () => Promise<number> {
  const orders = Array.from({ length: WRONG_ORDERS }, (_, at) => {
    const order = orderOf(owner, BigInt(at + 1), transferOf(1n));
    const signature = Uint8Array.from(order.signature);
    signature[at % 32] = (signature[at % 32] ?? 0) ^ 1;
    return { ...order, signature };
  });
  let next = 0;
  return async () => {
    next += 1;
    const refusal = await client.submitOrder({ order: orders[next % WRONG_ORDERS] }).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(refusal instanceof Error) || !refusal.message.includes('signature')) {
      throw new Error('a wrong signature was not refused as one', { cause: refusal });
    }
    return 1;
  };
}
