import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BURNED, poolOf, stakeOf, unbondingOf } from '#domain/book/account.ts';
import { childrenOf, parentsOf, pendingOf } from '#domain/children/links.ts';
import { moveDelegations } from '#domain/economy/delegation.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { findPool } from '#domain/pools/pool.ts';
import {
  done,
  enroll,
  expectConserved,
  newLedger,
  orderBy,
  payNothing,
  produce,
  put,
  TAO,
  testGenesis,
} from '#test/ledger-state.ts';
import { genesisWithTokens } from '#test/pool-state.ts';
import { DISPUTE, posted, report, slashingGenesis, slashingMarket, slashOf, UNBONDING } from '#test/slashing-market.ts';
import { HOLDERS_PER_BLOCK } from './close-pool.ts';

const NOTICE = 5;
const subnetRemoval = { noticeBlocks: NOTICE };
const phase = (ledger: Ledger) => ledger.subnet(1)?.dissolution?.phase;

const announce = (ledger: Ledger) => done(orderBy(ledger, 'owner', { type: 'DissolveSubnet', netuid: 1, atBlock: 0 }));

function runOut(ledger: Ledger): void {
  for (let blocks = 0; phase(ledger) !== 'Dissolved'; blocks += 1) {
    if (blocks > 200) throw new Error('the subnet never ended');
    produce(ledger, 1);
    if (ledger.sealed.get('1') !== undefined) payNothing(ledger);
  }
}

describe('stake of a subnet that ends', () => {
  test('answers for what its neurons did until it is released, delegated or not', () => {
    const ledger = slashingMarket({ ...slashingGenesis, subnetRemoval });
    done(orderBy(ledger, 'ann', { type: 'AddStake', netuid: 1, hotkey: 'v1', amount: 60n * TAO }));
    while (ledger.sealed.get('1') === undefined) produce(ledger, 1);
    payNothing(ledger);
    announce(ledger);
    const { slash } = done(report(ledger));
    const before = posted(ledger, 'ann');
    runOut(ledger);
    expect([posted(ledger, 'ann') - before, posted(ledger, stakeOf(1, 'v1', 'desk'))]).toEqual([0n, 0n]);
    expect(posted(ledger, unbondingOf(1, 'v1'))).toBe(160n * TAO);
    while (slashOf(ledger, slash.id).status === 'Pending') produce(ledger, 1);
    expect(slashOf(ledger, slash.id)).toMatchObject({ status: 'Executed', taken: 16n * TAO });
    produce(ledger, UNBONDING + DISPUTE);
    expect(posted(ledger, 'ann') - before).toBe(54n * TAO);
    expect(posted(ledger, unbondingOf(1, 'v1'))).toBe(0n);
    expectConserved(ledger);
  });

  test('comes back to a coldkey that has followed a delegator meanwhile', () => {
    const ledger = newLedger({ ...testGenesis, subnetRemoval });
    done(put(ledger, 'sp500', { emission: 'Held' }));
    done(enroll(ledger, 'v1', { initialStake: 60n * TAO }));
    done(orderBy(ledger, 'owner', { type: 'AddStake', netuid: 1, hotkey: 'v1', amount: 40n * TAO }));
    announce(ledger);
    while (ledger.subnet(1)?.dissolution?.slices === undefined) {
      produce(ledger, 1);
      if (ledger.sealed.get('1') !== undefined) payNothing(ledger);
    }
    moveDelegations(ledger, 'owner', 'vault');
    runOut(ledger);
    expect(posted(ledger, 'vault')).toBe(40n * TAO);
    expect(ledger.delegations.size).toBe(0);
    expectConserved(ledger);
  });

  test('is reported after the end as well, while it is unbonding', () => {
    const ledger = slashingMarket({ ...slashingGenesis, subnetRemoval });
    const { registrationId = '' } = ledger.neuronByHotkey(1, 'v1') ?? {};
    announce(ledger);
    runOut(ledger);
    expect(done(report(ledger, { registrationId })).slash).toMatchObject({ base: 100n * TAO });
  });
});

test('links of children end with their subnet, and what waits', () => {
  const ledger = newLedger({ ...testGenesis, subnetRemoval });
  done(put(ledger, 'sp500', { emission: 'Held' }));
  done(put(ledger, 'gold', { emission: 'Held' }));
  for (const netuid of [1, 2]) {
    for (const hotkey of ['p', 'c']) done(enroll(ledger, hotkey, { netuid, initialStake: 10n * TAO }));
    const children = [{ hotkey: 'c', proportion: 1n << 62n }];
    done(orderBy(ledger, 'desk', { type: 'SetChildren', netuid, hotkey: 'p', children }));
    done(orderBy(ledger, 'desk', { type: 'SetChildTake', netuid, hotkey: 'c', u16: 100 }));
  }
  produce(ledger, 25);
  announce(ledger);
  runOut(ledger);
  expect([pendingOf(ledger, 1), childrenOf(ledger, 1, 'p'), parentsOf(ledger, 1, 'c')]).toEqual([[], [], []]);
  expect([...ledger.childTakes.entries()].map(([key]) => key)).toEqual(['2/c']);
  expect(childrenOf(ledger, 2, 'p').length + pendingOf(ledger, 2).length).toBe(1);
});

describe('a token that ends', () => {
  function market(): Ledger {
    const ledger = newLedger({ ...genesisWithTokens(), subnetRemoval });
    done(put(ledger, 'sp500'));
    return ledger;
  }
  const buy = (ledger: Ledger, amount: bigint) =>
    orderBy(ledger, 'desk', { type: 'SwapBuy', netuid: 1, amount, minOut: 1n, allowPartial: false });
  const give = (ledger: Ledger, to: string, amount: bigint) =>
    orderBy(ledger, 'desk', { type: 'TransferAlpha', netuid: 1, to, amount });
  const has = (ledger: Ledger, wallet: string) => ledger.book.posted('ALPHA1', wallet);

  test('brings each holder the same price, what all would get who sold at once', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 2_000_000n, max: 400n * TAO }),
        fc.array(fc.bigInt({ min: 1n, max: 10n * TAO }), { maxLength: 6 }),
        (bought, gifts) => {
          const ledger = market();
          produce(ledger, 3);
          done(buy(ledger, bought));
          gifts.forEach((amount, at) => void give(ledger, `w${at}`, amount));
          const wallets = ['desk', ...gifts.map((_, at) => `w${at}`)];
          announce(ledger);
          while (phase(ledger) === 'Announced') produce(ledger, 1);
          const held = wallets.map((wallet) => has(ledger, wallet));
          const before = wallets.map((wallet) => posted(ledger, wallet));
          const pool = findPool(ledger, 1)?.curve;
          runOut(ledger);
          const got = wallets.map((wallet, at) => posted(ledger, wallet) - (before[at] ?? 0n));
          const [tokens, tao] = [held, got].map((each) => each.reduce((sum, units) => sum + units, 0n));
          if (tokens === undefined || tao === undefined || pool === undefined) throw new Error('nothing was held');
          expect(tao).toBeLessThan(pool.tao);
          expect(tao).toBeGreaterThan(0n);
          for (const [at, units] of held.entries()) {
            const off = (got[at] ?? 0n) * tokens - units * tao;
            expect(off < tokens && off > -tokens, `${got[at]} rao for ${units}`).toBe(true);
          }
          expect([findPool(ledger, 1), ...wallets.map((wallet) => has(ledger, wallet))]).toEqual([
            undefined,
            ...wallets.map(() => 0n),
          ]);
          expect([posted(ledger, poolOf(1)), ledger.book.posted('ALPHA1', poolOf(1))]).toEqual([0n, 0n]);
          expectConserved(ledger);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('brings nothing to who buys on the last day, and cannot be traded while it ends', () => {
    const ledger = market();
    announce(ledger);
    produce(ledger, NOTICE - 2);
    const before = posted(ledger, 'desk');
    done(buy(ledger, 90n * TAO));
    while (phase(ledger) === 'Announced') produce(ledger, 1);
    expect(buy(ledger, TAO)).toMatchObject({ code: 'SUBNET_DISSOLVING' });
    expect(give(ledger, 'ann', 1n)).toMatchObject({ code: 'SUBNET_DISSOLVING' });
    runOut(ledger);
    expect(posted(ledger, 'desk')).toBeLessThan(before);
    expect(posted(ledger, 'desk')).toBeGreaterThan(before - TAO);
  });

  test('is paid a bounded number a block, and to a coldkey that has followed a holder meanwhile', () => {
    const ledger = market();
    done(buy(ledger, 50n * TAO));
    const holders = Array.from({ length: HOLDERS_PER_BLOCK * 2 }, (_, at) => `w${String(at).padStart(4, '0')}`);
    for (const to of holders) done(give(ledger, to, 1_000_000n));
    const [first = ''] = holders;
    announce(ledger);
    while (ledger.subnet(1)?.dissolution?.buyout === undefined) produce(ledger, 1);
    produce(ledger, 1);
    const paid = holders.filter((wallet) => has(ledger, wallet) === 0n).length;
    expect(paid).toBeLessThanOrEqual(HOLDERS_PER_BLOCK);
    done(
      ledger.decide((state) => {
        const moved = state.book.pay({ asset: 'ALPHA1', from: first, parts: [{ to: 'zz', amount: 1_000_000n }] });
        state.journal.write({ block: state.block, kind: 'Test', payload: {} });
        return moved;
      }),
    );
    runOut(ledger);
    expect([first, 'zz', 'desk'].map((wallet) => has(ledger, wallet))).toEqual([0n, 0n, 0n]);
    expect([posted(ledger, first), posted(ledger, 'zz') > 0n]).toEqual([0n, true]);
    expectConserved(ledger);
  });

  test('that nobody and no block has touched gives its owner the first liquidity back', () => {
    const ledger = newLedger({ ...genesisWithTokens(), subnetRemoval });
    const before = posted(ledger, 'owner');
    done(put(ledger, 'sp500', { emission: 'Held' }));
    expect(posted(ledger, 'owner')).toBe(before - 100n * TAO);
    announce(ledger);
    const burned = posted(ledger, BURNED);
    runOut(ledger);
    expect([posted(ledger, 'owner'), posted(ledger, BURNED)]).toEqual([before, burned]);
    expectConserved(ledger);
  });
});
