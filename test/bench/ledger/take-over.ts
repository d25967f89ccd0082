import { startNats } from '@subnetes/testkit/nats';
import type { TestPostgres } from '@subnetes/testkit/postgres';
import { waitFor } from '@subnetes/testkit/processes';
import { LEASE_MS } from '../../../services/ledger/src/application/hold-lease.ts';
import { type LedgerProcess, startLedger } from '../../../services/ledger/test/ledger-process.ts';
import { genesis } from '../../../services/ledger/test/market.ts';
import { createDatabase } from './server.ts';

export interface TakeOverFigures {
  /** How long a writer that is silent keeps its right to write. */
  readonly leaseMs: number;
  /** From SIGKILL of the writer until another ledger writes. */
  readonly killedMs: number;
  /** From SIGSTOP: the writer is there and says nothing, so its lease has to end. */
  readonly stoppedMs: number;
}

/** Two ledgers on one database, the writer of which dies, and then one that is stopped. */
export async function measureTakeOver(server: TestPostgres): Promise<TakeOverFigures> {
  await using nats = await startNats();
  const databaseUrl = await createDatabase(server, 'take_over');
  const start = () => startLedger({ databaseUrl, natsUrl: nats.url, genesis });
  const first = await start();
  await using second = await start();
  const killedMs = await takenOver(second, () => first.kill('SIGKILL'));
  await first[Symbol.asyncDispose]();
  await using third = await start();
  const stoppedMs = await takenOver(third, () => second.child.kill('SIGSTOP'));
  second.child.kill('SIGCONT');
  return { leaseMs: LEASE_MS, killedMs: Math.round(killedMs), stoppedMs: Math.round(stoppedMs) };
}

async function takenOver(next: LedgerProcess, trouble: () => unknown): Promise<number> {
  const began = performance.now();
  await trouble();
  await waitFor('the other ledger to write', () => next.writes());
  return performance.now() - began;
}
