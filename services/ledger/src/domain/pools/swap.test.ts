import { describe, expect, test } from 'vitest';
import { BURNED, MINT, poolOf, protocolOf } from '#domain/book/account.ts';
import { produceBlock } from '#domain/economy/emission.ts';
import { emissionSplit } from '#domain/economy/emission-split.ts';
import {
  done,
  enroll,
  expectConserved,
  mandateOf,
  newLedger,
  produce,
  put,
  stateText,
  TAO,
} from '#test/ledger-state.ts';
import { buy, genesisWithTokens, ledgerWithPool, order, poolIn, sell, setPool } from '#test/pool-state.ts';
import { quoteSwap } from './quote.ts';
import { holdingsOf, poolView } from './pool-view.ts';
import { SWAP_MIN } from './swap.ts';
import { tokenOf } from './token-terms.ts';

const ALPHA = tokenOf(1);
const RAO = 1_000_000_000n;

describe('a subnet that begins', () => {
  test('has a pool of what its owner’s payer put in, at a price of one, and the owner has no token', () => {
    const ledger = ledgerWithPool();
    expect(poolView(ledger, poolIn(ledger))).toMatchObject({
      taoReserve: 100n * TAO,
      alphaReserve: 100n * TAO,
      price: RAO,
    });
    expect(ledger.book.posted('TAO', 'owner')).toBe(900n * TAO);
    expect(holdingsOf(ledger, 'owner')).toEqual([]);
    expect(ledger.mandates.get('owner/mandate-of-owner')?.used).toBe(100n * TAO);
    expectConserved(ledger);
  });

  test('takes the median price of the others', () => {
    const ledger = ledgerWithPool();
    setPool(ledger, { tao: 400n * TAO });
    done(put(ledger, 'gold'));
    expect(poolIn(ledger, 2).curve).toMatchObject({ tao: 100n * TAO, alpha: 25n * TAO });
  });

  test('does not begin without the money or without the mandate for it', () => {
    const ledger = newLedger(genesisWithTokens({ initialLiquidity: 2000n * TAO }));
    const before = stateText(ledger);
    expect(put(ledger, 'sp500')).toMatchObject({ ok: false, code: 'INSUFFICIENT_FUNDS' });
    const mandate = mandateOf('owner', { maxPerOperation: TAO });
    expect(put(ledger, 'sp500', { mandate })).toMatchObject({ ok: false, code: 'MANDATE_EXHAUSTED' });
    expect(stateText(ledger)).toBe(before);
  });
});

describe('a swap', () => {
  test('does exactly what was quoted, and the journal tells the price before and after', () => {
    const ledger = ledgerWithPool();
    const quote = done(quoteSwap(poolIn(ledger), { side: 'buy', amount: 10n * TAO, allowPartial: false }));
    done(buy(ledger, 10n * TAO, { minOut: quote.out }));
    expect(ledger.book.posted(ALPHA, 'desk')).toBe(quote.out);
    expect(ledger.book.posted('TAO', 'desk')).toBe(9990n * TAO);
    expect(ledger.book.posted('TAO', BURNED)).toBe(quote.fee);
    expect(poolIn(ledger).curve).toEqual(quote.after);
    const entry = ledger.journal.takeEntries().at(-1);
    expect(entry?.kind).toBe('OrderSwapBuy');
    expect(JSON.parse(entry?.payloadText ?? '')).toMatchObject({
      netuid: 1,
      paid: (10n * TAO).toString(),
      out: quote.out.toString(),
      priceBefore: RAO.toString(),
      priceAfter: quote.priceAfter.toString(),
    });
    expectConserved(ledger);
  });

  test.for(['Burned', 'Pool'] as const)('there and back loses more than the fees; fees go to: %s', (feeTo) => {
    const ledger = ledgerWithPool({ feeTo });
    done(buy(ledger, 10n * TAO));
    done(sell(ledger, undefined));
    expect(ledger.book.posted(ALPHA, 'desk')).toBe(0n);
    const lost = 10_000n * TAO - ledger.book.posted('TAO', 'desk');
    expect(lost).toBeGreaterThanOrEqual(5_035_477n);
    expect(ledger.book.posted('TAO', BURNED) > 0n).toBe(feeTo === 'Burned');
    expect(ledger.book.posted(ALPHA, BURNED) > 0n).toBe(feeTo === 'Burned');
    expectConserved(ledger);
  });

  test('stops at its limit price: in part where that is allowed, else not at all', () => {
    const ledger = ledgerWithPool();
    const limitPrice = (RAO * 11n) / 10n;
    const before = stateText(ledger);
    const whole = { limitPrice, allowPartial: false };
    expect(buy(ledger, 50n * TAO, whole)).toMatchObject({ ok: false, code: 'SLIPPAGE_TOO_HIGH' });
    expect(stateText(ledger)).toBe(before);
    done(buy(ledger, 50n * TAO, { ...whole, allowPartial: true }));
    const { price } = poolView(ledger, poolIn(ledger));
    expect(price).toBeLessThanOrEqual(limitPrice);
    expect(price).toBeGreaterThan(limitPrice - 1000n);
    expect(buy(ledger, TAO, { ...whole, allowPartial: true })).toMatchObject({ ok: false, code: 'SLIPPAGE_TOO_HIGH' });
  });

  test('under a constant product a limit bounds what is paid on average', () => {
    const ledger = ledgerWithPool({ type: 'Product' });
    const limitPrice = (RAO * 11n) / 10n;
    done(buy(ledger, 50n * TAO, { limitPrice, allowPartial: true }));
    const paid = 10_000n * TAO - ledger.book.posted('TAO', 'desk') - ledger.book.posted('TAO', BURNED);
    expect(paid).toBe(10n * TAO);
    expect((paid * RAO) / ledger.book.posted(ALPHA, 'desk')).toBeLessThanOrEqual(limitPrice + 1n);
  });

  test.for<[string, bigint, object, string]>([
    ['without any bound', TAO, { minOut: undefined }, 'SLIPPAGE_UNBOUNDED'],
    ['for more than it brings', TAO, { minOut: TAO }, 'SLIPPAGE_TOO_HIGH'],
    ['of less than the least', SWAP_MIN - 1n, {}, 'SWAP_TOO_SMALL'],
    ['of more than the wallet has', 10_001n * TAO, {}, 'INSUFFICIENT_FUNDS'],
    ['of more than a thousand reserves', 200_000n * TAO, {}, 'SWAP_TOO_LARGE'],
    ['in a subnet without pool', TAO, { netuid: 9 }, 'POOL_UNKNOWN'],
  ])('%s is refused and changes nothing', ([, amount, change, code]) => {
    const ledger = ledgerWithPool();
    const before = stateText(ledger);
    expect(buy(ledger, amount, change)).toMatchObject({ ok: false, code });
    expect(stateText(ledger)).toBe(before);
  });

  test('sells in small parts no less than the least, and all of it always', () => {
    const ledger = ledgerWithPool();
    expect(sell(ledger, undefined)).toMatchObject({ ok: false, code: 'INSUFFICIENT_FUNDS' });
    done(buy(ledger, SWAP_MIN));
    expect(sell(ledger, 1000n)).toMatchObject({ ok: false, code: 'SWAP_TOO_SMALL' });
    done(sell(ledger, undefined));
    expect(ledger.book.posted(ALPHA, 'desk')).toBe(0n);
  });

  test('finds no pool where genesis names no tokens', () => {
    const ledger = newLedger();
    done(put(ledger, 'sp500'));
    expect(buy(ledger, TAO)).toMatchObject({ ok: false, code: 'POOL_UNKNOWN' });
  });

  test('has nothing to buy from a reserve that is all but gone', () => {
    const ledger = ledgerWithPool();
    setPool(ledger, { alpha: 999_999n });
    expect(buy(ledger, TAO)).toMatchObject({ ok: false, code: 'POOL_TOO_SHALLOW' });
  });
});

test('a token is passed on like money', () => {
  const ledger = ledgerWithPool();
  done(buy(ledger, TAO));
  const units = ledger.book.posted(ALPHA, 'desk');
  const passOn = { type: 'TransferAlpha', netuid: 1, to: 'owner' } as const;
  expect(order(ledger, 'desk', { ...passOn, amount: units + 1n })).toMatchObject({ code: 'INSUFFICIENT_FUNDS' });
  expect(order(ledger, 'desk', { ...passOn, amount: 0n })).toMatchObject({ code: 'INVALID_ARGUMENT' });
  done(order(ledger, 'desk', { ...passOn, amount: units }));
  expect(holdingsOf(ledger, 'owner')).toMatchObject([{ netuid: 1, token: ALPHA, units }]);
  expectConserved(ledger);
});

describe('a block', () => {
  test('puts its part into the pool with as much of the token as it is worth, at the same price', () => {
    const ledger = ledgerWithPool();
    setPool(ledger, { tao: 1000n * TAO, alpha: 2000n * TAO });
    const before = poolIn(ledger);
    const { minted } = done(ledger.decide((state) => produceBlock(state, 0)));
    const after = poolIn(ledger);
    expect(minted).toBe(TAO);
    expect(ledger.book.posted('TAO', 'pot:1')).toBe((TAO * 8n) / 10n);
    expect(after.curve.tao - before.curve.tao).toBe(TAO / 5n);
    const [priceBefore, priceAfter] = [poolView(ledger, before).price, poolView(ledger, after).price];
    expect(priceAfter - priceBefore).toBeLessThanOrEqual(1n);
    expect(priceBefore - priceAfter).toBeLessThanOrEqual(1n);
    expect(after.record.firstEmissionBlock).toBe(1);
    expect(after.record.movingPrice).toBeGreaterThanOrEqual(0n);
    expectConserved(ledger);
  });

  test.for(['Balancer', 'Product'] as const)('buys with what its token’s cap leaves over: %s', (type) => {
    // A block makes 100 tokens at most, worth ten TAO here: a tenth of the most. Of the other ninety nine tenths of a twentieth of
    // the reserve buy.
    const tokens = { type, poolPpm: 1_000_000, feeU16: 6554 } as const;
    const ledger = ledgerWithPool(tokens, { blockReward: 100n * TAO, halving: 'None' });
    setPool(ledger, { tao: 1000n * TAO, alpha: 10_000n * TAO });
    produce(ledger, 1);
    const entered = ledger.book.posted('TAO', poolOf(1)) - 1000n * TAO;
    expect(55n * TAO - entered).toBeGreaterThanOrEqual(-TAO / 100n);
    expect(55n * TAO - entered).toBeLessThanOrEqual(TAO / 100n);
    expect(ledger.book.posted('TAO', 'pot:1') + entered).toBe(100n * TAO);
    const bought = ledger.book.posted(ALPHA, protocolOf(1));
    expect(bought).toBeGreaterThan(400n * TAO);
    expect(bought).toBeLessThan(450n * TAO);
    expectConserved(ledger);
  });

  test('puts in no more than the fee’s part of the reserve, and the rest into the pot', () => {
    const ledger = ledgerWithPool({ poolPpm: 1_000_000 });
    produce(ledger, 1);
    const most = (100n * TAO * 33n) / 65_535n;
    expect(ledger.book.posted('TAO', poolOf(1))).toBe(100n * TAO + most);
    expect(ledger.book.posted('TAO', 'pot:1')).toBe(TAO - most);
    const free = ledgerWithPool({ poolPpm: 1_000_000, feeU16: 0 });
    produce(free, 1);
    expect(free.book.posted('TAO', 'pot:1')).toBe(TAO);
  });

  test('where there is a root network the token’s cap is root’s proportion', () => {
    const policy = { name: 'RootWeights', version: 1, tempo: 360 } as const;
    const reward = { blockReward: 100n * TAO, halving: 'None' } as const;
    const ledger = ledgerWithPool({ poolPpm: 1_000_000, feeU16: 10_000 }, { emissionPolicy: policy, ...reward });
    produce(ledger, 1);
    expect(ledger.journal.takeEntries().at(-1)?.payloadText).toContain('"alpha":"0"');
    setPool(ledger, { tao: 1000n * TAO, alpha: 1000n * TAO, quoteWeight: 5n * 10n ** 17n });
    const issued = -ledger.book.posted(ALPHA, MINT);
    done(enroll(ledger, 'member', { netuid: 0, initialStake: 1000n * TAO }));
    produce(ledger, 1);
    // 1000 TAO on root weigh 180 against what there is of the token, and so much of 100 tokens may enter.
    const cap = (100n * TAO * 180n * TAO) / (180n * TAO + issued);
    const entered = -ledger.book.posted(ALPHA, MINT) - issued;
    expect(cap - entered).toBeGreaterThanOrEqual(0n);
    expect(cap - entered).toBeLessThan(100n);
  });

  test('leaves a held subnet alone', () => {
    const ledger = ledgerWithPool();
    done(put(ledger, 'sp500', { emission: 'Held' }));
    const before = poolIn(ledger).curve;
    produce(ledger, 3);
    expect(poolIn(ledger).curve).toEqual(before);
    expect(poolIn(ledger).record.firstEmissionBlock).toBeNull();
  });
});

describe('emission', () => {
  test('follows what traders put in, from the block that genesis names, and says so', () => {
    const policy = { name: 'Flow', version: 1, fromBlock: 3, net: false } as const;
    const ledger = ledgerWithPool({}, { emissionPolicy: policy });
    done(put(ledger, 'gold'));
    done(buy(ledger, 10n * TAO));
    produce(ledger, 1);
    expect(emissionSplit(ledger).basis).toBe('EqualUntilFlow');
    produce(ledger, 1);
    ledger.journal.takeEntries();
    const split = emissionSplit(ledger);
    expect(split).toMatchObject({ basis: 'Flow', parts: [{ netuid: 1 }, { netuid: 2, weight: 0n }] });
    produce(ledger, 1);
    expect(ledger.journal.takeEntries().map(({ kind }) => kind)).toContain('EmissionSwitched');
    done(sell(ledger, undefined));
    produce(ledger, 1);
    // Out is nearly what came in: the flow is a little above zero, as fees and slippage stay.
    expect(poolIn(ledger).record.userFlow).toBeGreaterThan(0n);
  });

  test('follows moving prices, of which a young subnet’s is low', () => {
    const ledger = ledgerWithPool(
      { movingPpm: 500_000, movingHalvingBlocks: 10 },
      { emissionPolicy: { name: 'MovingPrice', version: 1 } },
    );
    produce(ledger, 50);
    done(put(ledger, 'gold'));
    produce(ledger, 1);
    const { basis, parts } = emissionSplit(ledger);
    expect(basis).toBe('MovingPrice');
    expect(parts[0]?.weight).toBeGreaterThan(10n * (parts[1]?.weight ?? 0n));
  });
});
