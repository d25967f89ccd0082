import { blockReward } from '@subnetes/consensus/issuance';
import { UNITS_MAX, U96F32 } from '@subnetes/consensus/number-form';
import { rootProportion, taoWeightOf } from '@subnetes/consensus/root-proportion';
import { MINT, poolOf, protocolOf } from '../book/account.ts';
import { accept, type Decision } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import { ROOT_NETUID } from '../economy/root-netuid.ts';
import { stakeView } from '../economy/views.ts';
import { type Injection, injectionInto, mostInjected } from './injection.ts';
import { findPool, type OpenPool, putPool, tokenIssued } from './pool.ts';
import { tokenOf } from './token-terms.ts';

/** What a started subnet gets of a block, in rao. */
export interface BlockPart {
  readonly netuid: number;
  readonly amount: bigint;
}

/** What a block did to a pool, as the journal tells it. */
export interface PoolFill extends Pick<Injection, 'tao' | 'alpha' | 'spent' | 'bought'> {
  readonly netuid: number;
}

export interface PoolsFilled {
  /** What is left for the pots. */
  readonly rest: readonly BlockPart[];
  /** Rao that went into pools. */
  readonly minted: bigint;
  readonly fills: readonly PoolFill[];
}

const PPM = 1_000_000n;

/** Puts the pools' part of what subnets get of a block into the pools; what a pool does not take is left for the pot. */
export function fillPools(ledger: Ledger, parts: readonly BlockPart[]): Decision<PoolsFilled> {
  const terms = ledger.network.genesis.subnetTokens;
  if (terms === undefined) return accept({ rest: parts, minted: 0n, fills: [] });
  const onRoot = rootStake(ledger);
  const rest: BlockPart[] = [];
  const fills: PoolFill[] = [];
  let minted = 0n;
  for (const { netuid, amount } of parts) {
    const tao = (amount * BigInt(terms.poolPpm)) / PPM;
    const pool = tao === 0n ? undefined : findPool(ledger, netuid);
    if (pool === undefined) {
      rest.push({ netuid, amount });
      continue;
    }
    const most = mostInjected(pool.curve, { ...pool.terms, moved: pool.record.moved ?? 0n });
    const injection = injectionInto(pool.curve, { tao, most, ...alphaFor(ledger, pool, onRoot) });
    const filled = pay(ledger, pool, injection);
    if (!filled.ok) return filled;
    minted += filled.value;
    rest.push({ netuid, amount: amount - filled.value });
    const { tao: entered, alpha, spent, bought } = injection;
    fills.push({ netuid, tao: entered, alpha, spent, bought });
  }
  return accept({ rest, minted, fills });
}

/** Of the token: what the issuance curve gives for this block, and how much of that may enter the pool. */
function alphaFor(ledger: Ledger, { record, terms }: OpenPool, onRoot: bigint | undefined) {
  const issued = tokenIssued(ledger, record.netuid);
  const alphaEmission = blockReward(ledger.network.genesis, issued);
  if (onRoot === undefined) return { alphaEmission, rootProportion: U96F32.one };
  const taoWeight = taoWeightOf((BigInt(terms.taoWeightPpm) * UNITS_MAX) / PPM);
  return { alphaEmission, rootProportion: rootProportion({ rootTao: onRoot, taoWeight, alphaIssuance: issued }) };
}

/** Rao on the root network; undefined where there is none, and the token's cap is all of its block. */
function rootStake(ledger: Ledger): bigint | undefined {
  if (ledger.subnet(ROOT_NETUID) === undefined) return undefined;
  return ledger.neuronsOf(ROOT_NETUID).reduce((sum, neuron) => sum + stakeView(ledger, neuron).stake, 0n);
}

/** Answers the rao that were minted. */
function pay(ledger: Ledger, { record }: OpenPool, injection: Injection): Decision<bigint> {
  const { netuid } = record;
  const { tao, alpha, spent, bought, quoteWeight } = injection;
  const [asset, token, account] = [ledger.asset, tokenOf(netuid), poolOf(netuid)];
  const moves = [
    { asset, from: MINT, to: account, amount: tao + spent },
    { asset: token, from: MINT, to: account, amount: alpha },
    { asset: token, from: account, to: protocolOf(netuid), amount: bought },
  ];
  for (const { to, amount, ...payment } of moves) {
    if (amount === 0n) continue;
    const paid = ledger.book.pay({ ...payment, parts: [{ to, amount }] });
    if (!paid.ok) return paid;
  }
  putPool(ledger, { ...record, quoteWeight, injected: tao + spent });
  return accept(tao + spent);
}
