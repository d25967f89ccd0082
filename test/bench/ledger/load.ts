import type { MoneyOrder } from '@subnetes/ledger/domain/economy/money-order';
import type { FundedLedger } from './funded-ledger.ts';
import { percentile } from './percentile.ts';

/** How a closed loop asks: each caller sends its next call when the last one has been answered. */
export interface Load {
  readonly callers: number;
  /** Orders that a call brings along. */
  readonly perCall: number;
  readonly seconds: number;
}

export interface LoadFigures {
  /** Orders (or pairs) answered per second. */
  readonly tps: number;
  /** Of a call, from its first order to its last answer. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Until the engine has compiled what it runs, nothing is counted. */
const WARM_UP_SECONDS = 2;

/** Runs a load. `call` sends so many orders at once and answers how many count. */
export async function runLoad(load: Load, call: (orders: number) => Promise<number>): Promise<LoadFigures> {
  const startMs = performance.now() + WARM_UP_SECONDS * 1000;
  const endMs = startMs + load.seconds * 1000;
  const durations: number[] = [];
  let done = 0;
  const drive = async (): Promise<void> => {
    for (;;) {
      const sentMs = performance.now();
      if (sentMs > endMs) return;
      const answered = await call(load.perCall);
      const answeredMs = performance.now();
      if (answeredMs < startMs || answeredMs > endMs) continue;
      durations.push(answeredMs - sentMs);
      done += answered;
    }
  };
  await Promise.all(Array.from({ length: load.callers }, drive));
  return { tps: done / load.seconds, p50Ms: percentile(durations, 0.5), p99Ms: percentile(durations, 0.99) };
}

/** Transfers from and to any of the accounts. */
export function uniformTransfers({ money, accounts }: FundedLedger, run: string): (orders: number) => Promise<number> {
  const next = orderIds(run);
  return (orders) =>
    allDone(
      money,
      Array.from({ length: orders }, () => {
        const from = indexBelow(accounts.length);
        const to = (from + 1 + indexBelow(accounts.length - 1)) % accounts.length;
        return transfer({ id: next(), from: at(accounts, from), to: at(accounts, to) });
      }),
    );
}

/** Transfers in each of which the first account pays or is paid. */
export function hotTransfers({ money, accounts }: FundedLedger, run: string): (orders: number) => Promise<number> {
  const next = orderIds(run);
  const hot = at(accounts, 0);
  return (orders) =>
    allDone(
      money,
      Array.from({ length: orders }, () => {
        const other = at(accounts, 1 + indexBelow(accounts.length - 1));
        const [from, to] = indexBelow(2) === 0 ? [hot, other] : [other, hot];
        return transfer({ id: next(), from, to });
      }),
    );
}

/** Holds on any of the accounts, each posted whole in a second call. */
export function holdsAndPosts({ money, accounts }: FundedLedger, run: string): (pairs: number) => Promise<number> {
  const next = orderIds(run);
  return async (pairs) => {
    const holds = Array.from({ length: pairs }, () => ({
      id: next(),
      account: at(accounts, indexBelow(accounts.length)),
      amount: 2n,
      expiresAtBlock: 1000,
    }));
    await allDone(
      money,
      holds.map((request) => ({ type: 'Hold', request })),
    );
    return allDone(
      money,
      holds.map(({ id, account }) => {
        const to = at(accounts, indexBelow(accounts.length));
        const parts = [{ to: to === account ? 'network' : to, amount: 1n, code: 'bench' }];
        return { type: 'Post', request: { id, holdId: id, parts, close: true } };
      }),
    );
  };
}

function transfer(request: { readonly id: string; readonly from: string; readonly to: string }): MoneyOrder {
  return { type: 'Transfer', request: { ...request, amount: 1n, code: 'bench' } };
}

/** Gives the orders in one call and answers how many; a refusal is a bug of the load. */
async function allDone(money: FundedLedger['money'], orders: readonly MoneyOrder[]): Promise<number> {
  for (const result of await money(orders.map((order) => ({ order, linked: false })))) {
    if (!result.ok) throw new Error(`an order was refused: ${result.message}`);
    if (result.value.repeated) throw new Error('an id was given twice');
  }
  return orders.length;
}

/** Ids as clients make them: in no order, so that the index of ids is met in all places. */
function orderIds(run: string): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `${scrambled(count)}-${run}-${count.toString(36)}`;
  };
}

/** Eight digits of base 36 that follow from a number and look like chance. */
function scrambled(count: number): string {
  const mixed = Math.imul(count ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  return (mixed ^ (mixed >>> 13)).toString(36).replace('-', 'z').padStart(8, '0');
}

function indexBelow(limit: number): number {
  return Math.floor(Math.random() * limit);
}

function at(accounts: readonly string[], index: number): string {
  const account = accounts[index];
  if (account === undefined) throw new Error(`there is no account ${index}`);
  return account;
}
