import path from 'node:path';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import { openStore } from '@subnetes/ledger/adapters/open-store';
import { keepSettled } from '@subnetes/ledger/application/keep-settled';
import { type MoveMoney, makeMoveMoney } from '@subnetes/ledger/application/move-money';
import { ledgerHashes, openLedger } from '@subnetes/ledger/application/open-ledger';
import type { Sequencer } from '@subnetes/ledger/application/sequencer';
import type { Genesis } from '@subnetes/ledger/domain/economy/genesis';

export const LEDGER_MIGRATIONS = path.join(import.meta.dirname, '../../../services/ledger/migrations');

const BANK = 'billing:bank';
const RAO_EACH = 1_000_000_000n;
/** Transfers that one call brings along while accounts are funded. */
const FUNDING = 512;

/** A ledger in this process: the service's own store, sequencer and money orders, without its servers. */
export interface FundedLedger extends AsyncDisposable {
  readonly sequencer: Sequencer;
  readonly money: MoveMoney;
  /** Names of the funded accounts. */
  readonly accounts: readonly string[];
}

export async function openFundedLedger(url: string, count: number): Promise<FundedLedger> {
  await using opening = new AsyncDisposableStack();
  const opened = opening.use(await openStore({ url, migrations: LEDGER_MIGRATIONS }));
  const halted = Promise.withResolvers<never>();
  halted.promise.catch(() => {}); // the call that met it rejects too
  const sequencer = await openLedger({
    store: opened.store,
    genesis: genesisOf(count),
    hashes: ledgerHashes(() => {
      throw new Error('nothing is registered here');
    }),
    monotonicMs: () => performance.now(),
    nextTurn: () => setImmediate(),
    retryDelay: () => Promise.reject(new Error('the database is away')),
    onHalt: halted.reject,
  });
  opening.defer(() => sequencer.close());
  opening.use(settling({ store: opened.store, sequencer, onFailure: halted.reject }));
  const money = makeMoveMoney({ sequencer, store: opened.store });
  const accounts = Array.from({ length: count }, (_, at) => `billing:u${at}`);
  for (let at = 0; at < count; at += FUNDING) {
    await fund(money, accounts.slice(at, at + FUNDING));
  }
  const teardown = opening.move();
  return { sequencer, money, accounts, [Symbol.asyncDispose]: () => teardown.disposeAsync() };
}

/** As the service has it done beside its batches. */
function settling(
  parts: Pick<Parameters<typeof keepSettled>[0], 'store' | 'sequencer' | 'onFailure'>,
): AsyncDisposable {
  const stop = new AbortController();
  const ended = keepSettled({
    ...parts,
    sleep: async (ms, signal) => {
      await delay(ms, undefined, { signal }).catch(() => {});
    },
    monotonicMs: () => performance.now(),
    signal: stop.signal,
  });
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}

async function fund(money: MoveMoney, accounts: readonly string[]): Promise<void> {
  const requests = accounts.map((to) => ({ id: `fund/${to}`, from: BANK, to, amount: RAO_EACH, code: 'fund' }));
  const results = await money(requests.map((request) => ({ order: { type: 'Transfer', request }, linked: false })));
  const refused = results.find((result) => !result.ok);
  if (refused !== undefined) throw new Error(`an account could not be funded: ${refused.message}`);
}

function genesisOf(accounts: number): Genesis {
  return {
    networkId: 'b'.repeat(64),
    symbol: 'TAO',
    decimals: 9,
    cap: 21_000_000n * 1_000_000_000n,
    blockTimeMs: 1000,
    blockReward: 1_000_000_000n,
    halving: 'ByIssuance',
    emissionPolicy: { name: 'Equal', version: 1 },
    accounts: [{ account: BANK, amount: BigInt(accounts) * RAO_EACH }],
  };
}
