import { adjustByInterval } from '@subnetes/consensus/interval-adjustment';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { done, enroll, firstSubnet, newLedger, payNothing, produce, put, TAO, testPolicy } from '#test/ledger-state.ts';
import { burnPriceAt, registrationInterval } from './burn-price.ts';
import type { BurnDraft, BurnInterval } from './burn-terms.ts';
import type { Ledger } from './ledger.ts';
import { subnetView } from './views.ts';

const policyWith = (burn: BurnDraft) => ({
  ...testPolicy,
  hyperparameters: { ...testPolicy.hyperparameters, maxUids: 32, burn },
});

function marketWith(interval: Partial<BurnInterval>, bounds: Pick<BurnDraft, 'minRao' | 'maxRao'> = {}): Ledger {
  const ledger = newLedger();
  done(put(ledger, 'sp500', { policy: policyWith({ type: 'Interval', interval, ...bounds }) }));
  return ledger;
}

const price = (ledger: Ledger): bigint => burnPriceAt(firstSubnet(ledger), ledger.block);

test('all of an interval pay the same, and the next price follows how many they were', () => {
  const ledger = marketWith({ blocks: 5, targetRegistrations: 2 });
  const costs = ['h1', 'h2', 'h3', 'h4'].map((hotkey) => done(enroll(ledger, hotkey)).cost);
  expect(costs).toEqual([TAO, TAO, TAO, TAO]);
  produce(ledger, 4);
  expect(price(ledger)).toBe(TAO);
  produce(ledger, 1);
  expect(price(ledger)).toBe((3n * TAO) / 2n); // twice the target
  produce(ledger, 5);
  expect(price(ledger)).toBe((3n * TAO) / 4n); // nobody
});

test('views tell how far the interval is; elsewhere they say nothing of one', () => {
  const ledger = marketWith({ blocks: 5, targetRegistrations: 3 });
  const { startBlock } = firstSubnet(ledger);
  done(enroll(ledger, 'h1'));
  produce(ledger, 4);
  const running = { endsAtBlock: startBlock + 5, registrations: 1, targetRegistrations: 3 };
  expect(subnetView(ledger, firstSubnet(ledger)).registrationInterval).toEqual(running);
  produce(ledger, 1);
  expect(registrationInterval(firstSubnet(ledger), ledger.block)).toEqual({
    ...running,
    endsAtBlock: startBlock + 10,
    registrations: 0,
  });
  const other = newLedger();
  done(put(other, 'sp500', { policy: policyWith({}) }));
  expect(subnetView(other, firstSubnet(other))).not.toHaveProperty('registrationInterval');
});

test('an interval goes on across epochs, and other terms begin one at the price of that moment', () => {
  const ledger = marketWith({ blocks: 15, targetRegistrations: 1 });
  done(enroll(ledger, 'h1'));
  done(enroll(ledger, 'h2'));
  produce(ledger, 12); // the tempo is 10: sealed in between
  expect(firstSubnet(ledger).epochIndex).toBe(1);
  expect(price(ledger)).toBe(TAO);
  produce(ledger, 3);
  expect(price(ledger)).toBe((3n * TAO) / 2n);
  payNothing(ledger);
  done(put(ledger, 'sp500', { policy: policyWith({ type: 'Interval', interval: { blocks: 4 } }) }));
  done(enroll(ledger, 'h3'));
  produce(ledger, 5);
  expect(firstSubnet(ledger)).toMatchObject({ epochIndex: 2, burn: { rao: (3n * TAO) / 2n, block: ledger.block } });
  produce(ledger, 4);
  expect(price(ledger)).toBe((3n * TAO) / 4n);
});

test('bounds hold at once, not from the end of the first interval on', () => {
  const ledger = marketWith({ blocks: 50 }, { maxRao: '300000000' });
  expect(done(enroll(ledger, 'h1')).cost).toBe(300_000_000n);
});

const U64_MAX = 2n ** 64n - 1n;
const terms = fc.record({
  blocks: fc.integer({ min: 1, max: 12 }),
  targetRegistrations: fc.integer({ min: 1, max: 4 }),
  alphaU64: fc
    .oneof(fc.constantFrom(0n, U64_MAX, U64_MAX / 2n), fc.bigInt({ min: 0n, max: U64_MAX }))
    .map((alpha) => alpha.toString()),
});
const steps = fc.array(fc.oneof(fc.constant('register' as const), fc.integer({ min: 1, max: 9 })), { maxLength: 14 });

/** Block by block and with a counter, as the chain does it. */
function watched(interval: BurnInterval, bounds: { readonly min: bigint; readonly max: bigint }) {
  let [rao, since, registrations] = [TAO, 0, 0];
  return {
    price: () => rao,
    register: () => (registrations += 1),
    pass: (blocks: number) => {
      for (let block = 0; block < blocks; block += 1) {
        since += 1;
        if (since < interval.blocks) continue;
        const { targetRegistrations: target, alphaU64 } = interval;
        rao = adjustByInterval(rao, { actual: registrations, target, alpha: BigInt(alphaU64), ...bounds });
        [since, registrations] = [0, 0];
      }
    },
  };
}

test("whoever asks and whenever: the price is the one of the chain's loop, and stays within its bounds", () => {
  const bounds = { min: 400_000_000n, max: 5_000_000_000n };
  const written = { minRao: bounds.min.toString(), maxRao: bounds.max.toString() };
  fc.assert(
    fc.property(terms, steps, (interval, all) => {
      const ledger = marketWith(interval, written);
      const chain = watched(interval, bounds);
      for (const [at, step] of all.entries()) {
        const blocks = step === 'register' ? 0 : step;
        const told = burnPriceAt(firstSubnet(ledger), ledger.block + blocks);
        produce(ledger, blocks);
        chain.pass(blocks);
        // What was told before is what came, and what whoever registers pays.
        const paid = step === 'register' ? done(enroll(ledger, `h${at}`)).cost : told;
        expect([told, paid]).toEqual([chain.price(), chain.price()]);
        if (step === 'register') chain.register();
        expect(price(ledger)).toBe(chain.price());
        expect(price(ledger) >= bounds.min && price(ledger) <= bounds.max).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

test('a long time without anybody is looked at in a moment', () => {
  const ledger = marketWith({ blocks: 1, alphaU64: '0' });
  expect(burnPriceAt(firstSubnet(ledger), 1_000_000_000_000)).toBe(500_000n);
});

test.for<[string, BurnDraft]>([
  ['type must be Continuous or Interval, not Weekly', { type: 'Weekly' }],
  ['interval must be set exactly when type is Interval', { type: 'Interval' }],
  ['interval must be set exactly when type is Interval', { interval: {} }],
  ['halfLifeBlocks is of Continuous', { type: 'Interval', interval: {}, halfLifeBlocks: 360 }],
  ['increasePpm is of Continuous', { type: 'Interval', interval: {}, increasePpm: 1_260_000 }],
  ['interval.blocks must be 1 to 65535, not 0', { type: 'Interval', interval: { blocks: 0 } }],
  ['interval.targetRegistrations must be 1', { type: 'Interval', interval: { targetRegistrations: 65_536 } }],
  ['interval.alphaU64 must be a whole', { type: 'Interval', interval: { alphaU64: '18446744073709551616' } }],
  ['interval.alphaU64 must be a whole', { type: 'Interval', interval: { alphaU64: '0.5' } }],
  ['minRao must be below 1000000000', { type: 'Interval', interval: {}, minRao: '1000000000' }],
])('%s', ([message, burn]) => {
  const refusal = put(newLedger(), 'sp500', { policy: policyWith(burn) });
  expect(refusal).toMatchObject({ ok: false, code: 'POLICY_INVALID' });
  expect(refusal).toHaveProperty('message', expect.stringContaining(`hyperparameters.burn.${message}`));
});

test('Continuous is what no type means, hash and all', () => {
  const [named, unnamed] = [newLedger(), newLedger()];
  done(put(named, 'sp500', { policy: policyWith({ type: 'Continuous' }) }));
  done(put(unnamed, 'sp500', { policy: policyWith({}) }));
  expect(firstSubnet(named).active).toEqual(firstSubnet(unnamed).active);
});
