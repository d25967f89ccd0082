import { expect, test } from 'vitest';
import { BURNED } from '#domain/book/account.ts';
import { done, enroll, firstSubnet, newLedger, payNothing, produce, put, TAO, testPolicy } from '#test/ledger-state.ts';
import { burnPriceAt } from './burn-price.ts';
import type { BurnDraft } from './burn-terms.ts';
import type { Ledger } from './ledger.ts';

function marketWith(burn?: BurnDraft): Ledger {
  const ledger = newLedger();
  const { hyperparameters } = testPolicy;
  const policy = { ...testPolicy, hyperparameters: { ...hyperparameters, ...(burn === undefined ? {} : { burn }) } };
  done(put(ledger, 'sp500', { policy }));
  return ledger;
}

const price = (ledger: Ledger): bigint => burnPriceAt(firstSubnet(ledger), ledger.block);

test('where a policy says nothing of it a registration costs a flat token, and its hash is the one it had', () => {
  const ledger = marketWith();
  expect(firstSubnet(ledger).active.policy.hyperparameters).not.toHaveProperty('burn');
  done(enroll(ledger, 'h1'));
  produce(ledger, 25);
  expect(price(ledger)).toBe(TAO);
  expect(firstSubnet(ledger)).not.toHaveProperty('burn');
});

test('each registration costs more than the one before in its block, and the price falls with the blocks', () => {
  const ledger = marketWith({});
  const costs = ['h1', 'h2', 'h3'].map((hotkey) => done(enroll(ledger, hotkey)).cost);
  // 1.26 has no finite binary form: each product is floored.
  expect(costs).toEqual([TAO, 1_259_999_999n, 1_587_599_998n]);
  expect(ledger.book.posted('TAO', BURNED)).toBe(costs.reduce((sum, cost) => sum + cost, 0n));
  const raised = price(ledger);
  produce(ledger, 9);
  expect(price(ledger)).toBeLessThan(raised);
});

test('a repeated registration is told what it cost when it was made', () => {
  const ledger = marketWith({});
  const first = done(enroll(ledger, 'h1'));
  done(enroll(ledger, 'h2'));
  expect(done(enroll(ledger, 'h1'))).toMatchObject({ alreadyRegistered: true, cost: first.cost });
});

test('who says what it may cost at most is not charged more', () => {
  const ledger = marketWith({ increasePpm: 3_000_000 });
  done(enroll(ledger, 'h1'));
  const spent = ledger.book.posted('TAO', 'desk');
  expect(enroll(ledger, 'h2', { maxCost: 3n * TAO - 1n })).toMatchObject({ ok: false, code: 'COST_ABOVE_MAX' });
  expect(ledger.book.posted('TAO', 'desk')).toBe(spent);
  expect(done(enroll(ledger, 'h2', { maxCost: 3n * TAO })).cost).toBe(3n * TAO);
});

test('what is asked at every block and what is asked once is the same price', () => {
  const [often, once] = [marketWith({ halfLifeBlocks: 7 }), marketWith({ halfLifeBlocks: 7 })];
  for (const ledger of [often, once]) done(enroll(ledger, 'h1'));
  for (let block = 0; block < 60; block += 1) {
    produce(often, 1);
    price(often);
  }
  produce(once, 60);
  expect(price(often)).toBe(price(once));
});

test('terms that begin with an epoch go on from the price before, and terms that end leave the flat token', () => {
  const ledger = marketWith();
  const change = (burn: BurnDraft | undefined) =>
    done(
      put(ledger, 'sp500', {
        policy: {
          ...testPolicy,
          hyperparameters: { ...testPolicy.hyperparameters, ...(burn === undefined ? {} : { burn }) },
        },
      }),
    );
  change({ halfLifeBlocks: 10 });
  expect(price(ledger)).toBe(TAO);
  produce(ledger, 10);
  expect(price(ledger)).toBe(TAO);
  produce(ledger, 1);
  const moved = price(ledger);
  expect(moved).toBeLessThan(TAO);
  expect(moved).toBeGreaterThan(TAO / 2n);
  payNothing(ledger);
  change(undefined);
  expect(price(ledger)).toBe(moved);
  produce(ledger, 10);
  expect(price(ledger)).toBe(TAO);
  expect(firstSubnet(ledger)).not.toHaveProperty('burn');
});

test.for<[string, BurnDraft]>([
  ['minRao must be below 1000000000, not 1000000000', { minRao: '1000000000' }],
  ['maxRao must be above 100000000, not 100000000', { maxRao: '100000000' }],
  ['minRao (600000000) must be below maxRao (500000000)', { minRao: '600000000', maxRao: '500000000' }],
  ['minRao must be rao as digits', { minRao: '-1' }],
  ['halfLifeBlocks must be 1 to 36100, not 0', { halfLifeBlocks: 0 }],
  ['halfLifeBlocks must be 1 to 36100, not 1.5', { halfLifeBlocks: 1.5 }],
  ['increasePpm must be 1000000 to 3000000, not 999999', { increasePpm: 999_999 }],
])('%s', ([message, burn]) => {
  const policy = { ...testPolicy, hyperparameters: { ...testPolicy.hyperparameters, burn } };
  expect(put(newLedger(), 'sp500', { policy })).toMatchObject({
    ok: false,
    code: 'POLICY_INVALID',
    message: `hyperparameters.burn.${message}`,
  });
});
