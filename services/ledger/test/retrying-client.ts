import { isOutage } from '@subnetes/proto/rpc-error';
import { waitFor } from '@subnetes/testkit/processes';
import { expect } from 'vitest';
import type { LedgerProcess } from './ledger-process.ts';
import { desk, orderOf, putSubnetOf } from './market.ts';

export const SHOP = 'billing:shop';
export const FUNDS = 1_000_000n;

const BATCH = 5;
const DEADLINE_MS = 2000;

/** A market with one subnet, and an account that billing may spend. */
export async function fund({ client }: Pick<LedgerProcess, 'client'>): Promise<void> {
  await client.putSubnet(putSubnetOf('sp500'));
  const order = { $typeName: 'subnetes.ledger.v1.TransferOrder' as const, to: SHOP, amountRao: String(FUNDS) };
  await client.submitOrder({ order: orderOf(desk, 1n, { case: 'transfer', value: order }) });
}

export function send(
  { client }: Pick<LedgerProcess, 'client'>,
  ids: readonly string[],
  deadlineMs = DEADLINE_MS,
  code = 'sale',
): ReturnType<LedgerProcess['client']['submitTransfers']> {
  const transfers = ids.map((id) => ({
    id,
    from: SHOP,
    to: 'network',
    amount: { asset: 'TAO', amount: '1' },
    code,
  }));
  return client.submitTransfers({ transfers }, { deadlineMs });
}

export async function balanceOf({ client }: Pick<LedgerProcess, 'client'>, account: string): Promise<bigint> {
  const { balances } = await client.getBalances({ accounts: [account] });
  return BigInt(balances[0]?.posted?.amount ?? '0');
}

/** Clients that never give up: what was not answered is sent again, under the same ids, wherever a ledger is to be found. */
export interface RetryingLoad {
  /** Ids that were acknowledged, in order: the clients' own log. */
  readonly acknowledged: readonly string[];
  /** Acknowledgements by sequence of the journal; two ids may never have one. */
  readonly sequences: ReadonlyMap<string, bigint>;
  /** Resolves when every id that was sent has been acknowledged. */
  stop(): Promise<void>;
}

/** As many more payments were acknowledged. */
export async function untilMore({ acknowledged }: RetryingLoad, more: number): Promise<void> {
  const before = acknowledged.length;
  await waitFor('payments go on', () => acknowledged.length > before + more, 60_000);
}

/** Compares the books with what the clients wrote down. */
export async function expectBooks(
  ledger: Pick<LedgerProcess, 'client'>,
  { acknowledged, sequences }: RetryingLoad,
): Promise<void> {
  expect(new Set(acknowledged).size).toBe(acknowledged.length);
  expect(new Set(sequences.values()).size).toBe(acknowledged.length);
  expect(await balanceOf(ledger, 'network')).toBe(BigInt(acknowledged.length));
  expect(await balanceOf(ledger, SHOP)).toBe(FUNDS - BigInt(acknowledged.length));
  const audit = await ledger.client.audit({ verifyChain: true });
  expect(audit).toMatchObject({ differenceRao: '0', chainVerified: true, findings: [] });
}

/**
 * @param ledgers where to send, read anew for each try, as a Service picks one of its pods
 * @param prefix of the ids, for a second load on the same books
 */
export function startLoad(
  ledgers: () => readonly Pick<LedgerProcess, 'client'>[],
  clients: number,
  prefix = 'c',
): RetryingLoad {
  const acknowledged: string[] = [];
  const sequences = new Map<string, bigint>();
  let stopped = false;
  const untilDone = async (ids: readonly string[], first: number): Promise<void> => {
    for (let attempt = first; ; attempt += 1) {
      const places = ledgers();
      const ledger = places[attempt % places.length];
      if (ledger === undefined) throw new Error('there is no ledger to send to');
      try {
        const { results } = await send(ledger, ids);
        for (const { id, ok, reason, sequence } of results) {
          if (!ok) throw new Error(`transfer ${id} was refused: ${reason}`);
          acknowledged.push(id);
          sequences.set(id, sequence);
        }
        return;
      } catch (error) {
        if (!isOutage(error)) throw error;
      }
    }
  };
  const drive = async (name: number): Promise<void> => {
    for (let at = 0; !stopped; at += 1) {
      await untilDone(
        Array.from({ length: BATCH }, (_, index) => `${prefix}${name}/${at}/${index}`),
        name + at,
      );
    }
  };
  const done = Promise.all(Array.from({ length: clients }, (_, name) => drive(name)));
  done.catch(() => {}); // whoever stops the load has the error
  return {
    acknowledged,
    sequences,
    async stop() {
      stopped = true;
      await done;
    },
  };
}
