import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT, tools } from '../e2e/market.ts';
import { booksAfter, lastPaid, PayingClients, SOUND_BOOKS } from './paying-clients.ts';

const SYSTEM = 'subnetes-system';
const PODS = ['-n', SYSTEM, 'get', 'pods', '-l', 'app.kubernetes.io/component=ledger'] as const;
const KILLS = 3;
const upgrading = { timeout: 300_000 };

async function runLedgers(count: number): Promise<void> {
  const chart = path.join(ROOT, 'charts/subnetes');
  const settings = ['--reuse-values', '--set', `ledger.replicas=${count}`, '--wait', '--timeout', '240s'];
  await tools().helm(['upgrade', 'subnetes', chart, '-n', SYSTEM, ...settings]);
}

/** Of the pods that are there to stay, by address. */
async function ledgersByAddress(): Promise<ReadonlyMap<string, string>> {
  const text = await tools().kubectl([...PODS, '-o', 'json']);
  const { items } = JSON.parse(text) as {
    items: readonly {
      metadata: { name: string; deletionTimestamp?: string };
      status: { podIP?: string };
    }[];
  };
  const staying = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return new Map(staying.map(({ metadata, status }) => [status.podIP ?? '', metadata.name]));
}

/** Name of the pod that writes, as it says in the database; undefined while that one is gone. */
async function writer(): Promise<string | undefined> {
  const psql = ['/usr/lib/postgresql/15/bin/psql', '-h', '/tmp', '-U', 'postgres', '-d', 'ledger', '-Atc'];
  const query = 'SELECT address FROM writer_seat';
  const address = (await tools().kubectl(['-n', SYSTEM, 'exec', 'postgres-0', '--', ...psql, query])).trim();
  return (await ledgersByAddress()).get(address.slice(0, address.lastIndexOf(':')));
}

beforeAll(() => runLedgers(2), 300_000);
afterAll(() => runLedgers(1), 300_000);

test(
  'of two ledgers the one that writes is killed again and again under load: the other goes on, and all bills are exact',
  { timeout: 900_000 },
  async () => {
    await expect.poll(writer, upgrading).toBeDefined();
    const paid = await lastPaid();
    const clients = await PayingClients.start();
    for (let kill = 0; kill < KILLS; kill += 1) {
      const victim = await writer();
      expect(victim).toBeDefined();
      const gone = ['-n', SYSTEM, 'delete', 'pod', String(victim), '--grace-period=0', '--force'];
      await tools().kubectl(gone);
      const another = async (): Promise<boolean> => ![undefined, victim].includes(await writer());
      await expect.poll(another, { timeout: 120_000, interval: 500 }).toBe(true);
      await clients.areAnswered();
      const wait = ['-n', SYSTEM, 'rollout', 'status', 'deployment/ledger', '--timeout=120s'];
      await tools().kubectl(wait);
    }
    const { answers, ...bills } = await clients.end();
    expect(answers).toBeGreaterThan(50);
    expect(bills).toEqual({ doubled: 0, unanswered: [], differenceRao: 0n });
    expect(await booksAfter(paid)).toEqual(SOUND_BOOKS);
  },
);
