import { MINT, poolOf } from '#domain/book/account.ts';
import type { Genesis } from '#domain/economy/genesis.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { carryOut, type WalletOrder } from '#domain/economy/wallet-order.ts';
import type { Curve } from '#domain/pools/curve.ts';
import { findPool, type OpenPool, type PoolRecord, putPool } from '#domain/pools/pool.ts';
import { type SubnetTokens, TOKEN_DEFAULTS, tokenOf } from '#domain/pools/token-terms.ts';
import { done, newLedger, put, TAO, testGenesis } from './ledger-state.ts';

/** A network whose subnets have tokens; a pool begins with a hundred of each. */
export function genesisWithTokens(tokens: Partial<SubnetTokens> = {}, change: Partial<Genesis> = {}): Genesis {
  return {
    ...testGenesis,
    ...change,
    subnetTokens: { ...TOKEN_DEFAULTS, type: 'Balancer', initialLiquidity: 100n * TAO, ...tokens },
  };
}

/** A ledger with subnet 1 and its pool. */
export function ledgerWithPool(tokens: Partial<SubnetTokens> = {}, change: Partial<Genesis> = {}): Ledger {
  const ledger = newLedger(genesisWithTokens(tokens, change));
  done(put(ledger, 'sp500'));
  return ledger;
}

export function poolIn(ledger: Ledger, netuid = 1): OpenPool {
  const pool = findPool(ledger, netuid);
  if (pool === undefined) throw new Error(`subnet ${netuid} has no pool`);
  return pool;
}

/** Puts reserves and weight of a pool in place, out of nothing or into an account of nobody. */
export function setPool(ledger: Ledger, wanted: Partial<Omit<Curve, 'type'>> & Partial<PoolRecord>, netuid = 1): void {
  const { tao, alpha, ...record } = wanted;
  const account = poolOf(netuid);
  for (const [asset, units] of [
    [ledger.asset, tao],
    [tokenOf(netuid), alpha],
  ] as const) {
    if (units === undefined) continue;
    const more = units - ledger.book.posted(asset, account);
    if (more === 0n) continue;
    const [from, to] = more > 0n ? [MINT, account] : [account, 'nobody'];
    done(ledger.book.pay({ asset, from, parts: [{ to, amount: more > 0n ? more : -more }] }));
    if (asset !== ledger.asset || more < 0n) continue;
    ledger.network = { ...ledger.network, genesisIssued: ledger.network.genesisIssued + more };
  }
  putPool(ledger, { ...poolIn(ledger, netuid).record, ...record });
  done(
    ledger.decide((state) => {
      state.journal.write({ block: state.block, kind: 'Test', payload: {} });
      return { ok: true, value: undefined };
    }),
  );
}

let sequence = 0;
/** What a wallet signs at the ledger. */
export function order(ledger: Ledger, signer: string, wanted: WalletOrder) {
  sequence += 1;
  return ledger.decide((state) => carryOut(state, { signer, sequence, expiresAtBlock: 1_000_000_000, order: wanted }));
}

export function buy(ledger: Ledger, amount: bigint, change: Partial<Extract<WalletOrder, { type: 'SwapBuy' }>> = {}) {
  return order(ledger, 'desk', { type: 'SwapBuy', netuid: 1, amount, minOut: 1n, allowPartial: false, ...change });
}

export function sell(
  ledger: Ledger,
  amount: bigint | undefined,
  change: Partial<Extract<WalletOrder, { type: 'SwapSell' }>> = {},
) {
  return order(ledger, 'desk', { type: 'SwapSell', netuid: 1, amount, minOut: 1n, allowPartial: false, ...change });
}
