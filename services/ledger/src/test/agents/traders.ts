import type { CurveType } from '#domain/pools/token-terms.ts';
import { tokenOf } from '#domain/pools/token-terms.ts';
import { quoteSwap } from '#domain/pools/quote.ts';
import { done, newLedger, put, TAO, testGenesis, testPolicy } from '../ledger-state.ts';
import { genesisWithTokens } from '../pool-state.ts';
import { Draws } from './draws.ts';
import { priceOf, TraderWorld } from './trader-world.ts';

const EACH = 200n * TAO;
/** Actors that have a turn in a block. */
const TURNS = 4;
const ALL_EVERY = 100;
const HANDLES = ['a', 'b', 'c', 'd'];
/** No epoch ends: whatever somebody has more came out of a pool. */
const TEMPO = 20_000;

export interface TraderPlan {
  readonly seed: number;
  readonly actors: number;
  readonly blocks: number;
  readonly type: CurveType;
  readonly feeTo: 'Burned' | 'Pool';
}

type Turn = (world: TraderWorld, wallet: string, draws: Draws) => void;

/**
 * Lets actors loose on pools of subnets' tokens, of which blocks fill each and one ends on the way. Throws when somebody has more or
 * less than the curve gives for what they gave, when a round trip gains, within a block or around one, or when many small swaps
 * bring more than a large one. `meddle` is called after each block, for tests of these checks. Answers how often each thing happened.
 */
export function simulateTraders(plan: TraderPlan, meddle?: (world: TraderWorld) => void): ReadonlyMap<string, number> {
  const draws = new Draws(plan.seed);
  const wallets = Array.from({ length: plan.actors }, (_, at) => `w${at}`);
  const world = new TraderWorld(market(plan, wallets), [...wallets, 'owner']);
  for (let block = 1; block <= plan.blocks; block += 1) {
    const sandwich = block % 3 === 0 ? moveBefore(world, draws.pick(wallets), draws) : undefined;
    world.block(() => meddle?.(world));
    sandwich?.();
    if (block === Math.floor(plan.blocks / 2)) world.order('owner', { type: 'DissolveSubnet', netuid: 4, atBlock: 0 });
    for (let turn = 0; turn < TURNS; turn += 1) {
      const at = draws.below(plan.actors);
      TURN_OF[at % TURN_OF.length]?.(world, `w${at}`, draws);
    }
    if (block % ALL_EVERY === 0 || block === plan.blocks) world.checkAll();
  }
  return world.counts;
}

function market({ type, feeTo, blocks }: TraderPlan, wallets: readonly string[]) {
  const accounts = [...testGenesis.accounts, ...wallets.map((account) => ({ account, amount: EACH }))];
  const given = accounts.reduce((sum, { amount }) => sum + amount, 0n);
  const tokens = { type, feeTo, poolPpm: 500_000, movingPpm: 100_000, movingHalvingBlocks: 500 } as const;
  const ledger = newLedger({
    ...genesisWithTokens(tokens),
    cap: (given * 20n) / 9n,
    blockReward: (given * 4n) / (3n * BigInt(blocks)),
    emissionPolicy: { name: feeTo === 'Pool' ? 'Flow' : 'MovingPrice', version: 1 },
    subnetRemoval: { noticeBlocks: 20 },
    accounts,
  });
  const policy = {
    ...testPolicy,
    hyperparameters: { ...testPolicy.hyperparameters, tempo: TEMPO, immunityPeriodBlocks: 3 * TEMPO },
  };
  for (const handle of HANDLES) done(put(ledger, handle, { policy }));
  return ledger;
}

function anyMarket(world: TraderWorld, draws: Draws): number {
  return draws.pick(world.open());
}

/** A part of what a wallet has, whole ones, crumbs and too much among them. */
function partOf(has: bigint, draws: Draws): bigint {
  return draws.pick([
    () => (has * BigInt(1 + draws.below(999))) / 1000n,
    () => has / 20n,
    () => 2_000_000n + BigInt(draws.below(3)),
    () => has,
    () => has + 1n,
  ])();
}

function buy(world: TraderWorld, wallet: string, netuid: number, amount: bigint): bigint | undefined {
  return world.order(wallet, { type: 'SwapBuy', netuid, amount, minOut: 1n, allowPartial: false });
}

function sell(world: TraderWorld, wallet: string, netuid: number, amount: bigint | undefined): bigint | undefined {
  return world.order(wallet, { type: 'SwapSell', netuid, amount, minOut: 1n, allowPartial: false });
}

/** Asks for a quote and orders with half a percent of room, or up to a limit price; passes tokens on. */
const honest: Turn = (world, wallet, draws) => {
  const netuid = anyMarket(world, draws);
  const pool = world.pool(netuid);
  if (pool === undefined) return;
  const side = draws.below(2) === 0 ? 'buy' : 'sell';
  const amount = partOf(world.has(wallet, side === 'buy' ? undefined : tokenOf(netuid)), draws);
  const quote = amount > 0n ? quoteSwap(pool, { side, amount, allowPartial: false }) : undefined;
  if (quote?.ok !== true) return;
  const limitPrice = BigInt(Math.max(1000, Math.round(priceOf(pool.curve) * 1e9 * (side === 'buy' ? 1.02 : 0.98))));
  const bounds =
    draws.below(3) === 0
      ? { limitPrice, allowPartial: draws.below(2) === 0 }
      : { minOut: (quote.value.out * 995n) / 1000n, allowPartial: false };
  const swap = { netuid, amount, ...bounds };
  world.order(wallet, side === 'buy' ? { type: 'SwapBuy', ...swap } : { type: 'SwapSell', ...swap });
  if (draws.below(4) > 0) return;
  const units = partOf(world.has(wallet, tokenOf(netuid)), draws);
  world.order(wallet, { type: 'TransferAlpha', netuid, to: draws.pick(world.wallets), amount: units });
};

/** Puts all it has where the price is lowest, and sells all where it is highest. */
const greedy: Turn = (world, wallet, draws) => {
  const prices = world
    .open()
    .map((netuid) => ({ netuid, pool: world.pool(netuid) }))
    .flatMap(({ netuid, pool }) => (pool === undefined ? [] : [{ netuid, price: priceOf(pool.curve) }]))
    .toSorted((a, b) => a.price - b.price);
  const [lowest, highest] = [prices[0], prices.at(-1)];
  if (lowest === undefined || highest === undefined) return;
  if (draws.below(2) === 0) sell(world, wallet, highest.netuid, undefined);
  else buy(world, wallet, lowest.netuid, world.has(wallet));
};

/** There and back within a block, many times: whatever rounding gives away would come together. */
const arbitrageur: Turn = (world, wallet, draws) => {
  const netuid = anyMarket(world, draws);
  for (let round = 0; round < 3; round += 1) {
    const [rao, units] = [world.has(wallet), world.has(wallet, tokenOf(netuid))];
    if (draws.below(2) === 0) {
      const out = buy(world, wallet, netuid, partOf(rao, draws));
      if (out !== undefined) sell(world, wallet, netuid, out);
    } else {
      const out = sell(world, wallet, netuid, partOf(units, draws));
      if (out !== undefined) buy(world, wallet, netuid, out);
    }
    noGain(world, wallet, { netuid, rao, units });
  }
};

/** Throws where somebody has more of one and no less of the other. */
function noGain(
  world: TraderWorld,
  wallet: string,
  before: { readonly netuid: number; readonly rao: bigint; readonly units: bigint },
): void {
  const [rao, units] = [world.has(wallet), world.has(wallet, tokenOf(before.netuid))];
  const isMore = rao > before.rao || units > before.units;
  if (isMore && rao >= before.rao && units >= before.units) {
    throw new Error(`${wallet} has gained by a round trip: ${rao - before.rao} rao and ${units - before.units} units`);
  }
  world.count('RoundTrip');
}

/** Buys or sells as the last of a block; answers how to go back as the first of the next one. */
function moveBefore(world: TraderWorld, wallet: string, draws: Draws): () => void {
  const netuid = anyMarket(world, draws);
  const [rao, units] = [world.has(wallet), world.has(wallet, tokenOf(netuid))];
  const isBuy = units === 0n || draws.below(2) === 0;
  const given = isBuy ? partOf(rao, draws) : partOf(units, draws);
  const out = isBuy ? buy(world, wallet, netuid, given) : sell(world, wallet, netuid, given);
  return () => {
    if (out === undefined || !world.open().includes(netuid)) return;
    const back = isBuy ? sell(world, wallet, netuid, out) : buy(world, wallet, netuid, out);
    if (back !== undefined && back > given) throw new Error(`${wallet} has gained ${back - given} around a block`);
    world.count('Sandwich');
  };
}

/** Orders that must be refused. */
const griefer: Turn = (world, wallet, draws) => {
  const netuid = anyMarket(world, draws);
  const amount = draws.pick([-1n, 0n, 1n, world.has(wallet) + 1n, 2n ** 64n, 2n ** 100n]);
  buy(world, wallet, netuid, amount);
  const bound = draws.below(2) === 0 ? {} : { minOut: 2n ** 80n };
  world.order(wallet, { type: 'SwapSell', netuid, amount, allowPartial: false, ...bound });
  world.order(wallet, { type: 'SwapBuy', netuid, amount: 3_000_000n, minOut: 2n ** 80n, allowPartial: true });
  world.order(wallet, { type: 'TransferAlpha', netuid, to: 'w0', amount });
  buy(world, wallet, 99, 3_000_000n);
  const ended = HANDLES.map((_, at) => at + 1).find((each) => !world.open().includes(each));
  if (ended !== undefined) buy(world, wallet, ended, 3_000_000n);
};

/** One person with many wallets: buys in parts by all of them what one would buy at once. */
const sybil: Turn = (world, wallet, draws) => {
  const at = Number(wallet.slice(1));
  const parts = Array.from({ length: 3 }, (_, of) => `w${at - (at % 5) + ((at + of) % 5)}`);
  const netuid = anyMarket(world, draws);
  const pool = world.pool(netuid);
  const each = parts.map((part) => world.has(part)).reduce((least, has) => (has < least ? has : least)) / 10n;
  if (pool === undefined || each < 2_000_000n) return;
  const once = quoteSwap(pool, { side: 'buy', amount: each * BigInt(parts.length), allowPartial: false });
  const out = parts.map((part) => buy(world, part, netuid, each) ?? 0n).reduce((sum, units) => sum + units, 0n);
  // A rao of the fee is rounded off for each.
  const rounding = BigInt(parts.length) * (2n + BigInt(Math.ceil(1 / priceOf(pool.curve))));
  if (once.ok && out > once.value.out + rounding) {
    throw new Error(`${out} units for parts of what brings ${once.value.out} at once`);
  }
  if (draws.below(2) === 0) for (const part of parts) sell(world, part, netuid, undefined);
  world.count('Split');
};

const TURN_OF: readonly Turn[] = [honest, greedy, arbitrageur, griefer, sybil, honest, sybil];
