import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { accept } from '#domain/book/refusal.ts';
import { afterRegistration, burnPriceAt } from '#domain/economy/burn-price.ts';
import type { BurnTerms, ContinuousBurn } from '#domain/economy/burn-terms.ts';
import { produceBlock } from '#domain/economy/emission.ts';
import type { Subnet } from '#domain/economy/subnet.ts';
import { done, newLedger, put, skipTo } from './ledger-state.ts';

const U64_MAX = (2n ** 64n - 1n).toString();
/** Past the first two blocks of a network, in which nothing decays. */
const FROM_BLOCK = 100;

/** A subnet whose price was `rao` at FROM_BLOCK, under terms that no policy could have. */
function pricedAt(rao: number, terms: Partial<ContinuousBurn>): Subnet {
  const { subnet } = done(put(newLedger(), 'sp500'));
  return priced(subnet, rao, { minRao: '0', maxRao: U64_MAX, halfLifeBlocks: 0, increasePpm: 1_000_000, ...terms });
}

function priced(subnet: Subnet, rao: number, burn: BurnTerms): Subnet {
  const { policy } = subnet.active;
  const hyperparameters = { ...policy.hyperparameters, burn };
  return {
    ...subnet,
    active: { ...subnet.active, policy: { ...policy, hyperparameters } },
    burn: { rao: BigInt(rao), block: FROM_BLOCK },
  };
}

interface Case {
  readonly inputs: { readonly items: readonly Item[] };
  readonly expected: { readonly items: readonly unknown[] };
}

interface Item {
  readonly burn: number;
  readonly half_life: number;
  readonly mult: number;
  readonly actions: readonly ('block' | 'register')[];
}

const read = (name: string): Case =>
  JSON.parse(
    readFileSync(new URL(`../../../../packages/consensus/test/vectors/${name}.json`, import.meta.url), 'utf8'),
  ) as Case;

test('one block takes the part that the chain takes, for each half-life', () => {
  const { inputs, expected } = read('burn-decay-factors');
  expect(inputs.items.length).toBeGreaterThan(0);
  for (const [at, { half_life: halfLifeBlocks }] of inputs.items.entries()) {
    // The part is a count of 2^-32: a price of 2^32 shows all of it.
    const subnet = pricedAt(2 ** 32, { halfLifeBlocks });
    expect(burnPriceAt(subnet, FROM_BLOCK + 1), `half-life ${halfLifeBlocks}`).toBe(BigInt(Number(expected.items[at])));
  }
});

test("the chain's figures over thousands of blocks", () => {
  const { inputs, expected } = read('burn-decay-5000-blocks');
  expect(inputs.items.length).toBeGreaterThan(0);
  for (const [at, { burn, half_life: halfLifeBlocks }] of inputs.items.entries()) {
    const subnet = pricedAt(burn, { halfLifeBlocks });
    const figures = Object.entries(expected.items[at] as Record<string, number>);
    expect(figures.length).toBeGreaterThan(0);
    for (const [blocks, rao] of figures) {
      expect(burnPriceAt(subnet, FROM_BLOCK + Number(blocks))).toBe(BigInt(rao));
    }
  }
});

test("the chain's figures of registrations and blocks in turn", () => {
  const { inputs, expected } = read('burn-decay-and-bump');
  expect(inputs.items.length).toBeGreaterThan(0);
  for (const [at, item] of inputs.items.entries()) {
    let subnet = pricedAt(item.burn, { halfLifeBlocks: item.half_life, increasePpm: item.mult * 1_000_000 });
    let block = FROM_BLOCK;
    const prices: (number | null)[] = [];
    for (const [step, action] of item.actions.entries()) {
      if (action === 'block') block += 1;
      else subnet = afterRegistration(subnet, block);
      const isTold = (expected.items[at] as readonly (number | null)[])[step] !== null;
      prices.push(isTold ? Number(burnPriceAt(subnet, block)) : null);
    }
    expect(prices).toEqual(expected.items[at]); // null: the source does not say
  }
});

test("the chain's figures of an interval, out of the ledger's blocks", () => {
  const name = new URL('../../../../packages/consensus/test/vectors/burn-interval-adjustment.json', import.meta.url);
  // An alpha of 58000 of 2^64 - 1 is nothing in 18 bits, so numbers hold all of these.
  const { inputs, expected } = JSON.parse(readFileSync(name, 'utf8')) as {
    readonly inputs: { readonly items: readonly Record<string, number>[] };
    readonly expected: { readonly items: readonly number[] };
  };
  expect(inputs.items.length).toBeGreaterThan(4);
  for (const [
    at,
    { value = 0, actual = 0, target, alpha_u64: alpha, min, max, tolerance = 0 },
  ] of inputs.items.entries()) {
    const ledger = newLedger();
    done(put(ledger, 'sp500'));
    skipTo(ledger, FROM_BLOCK);
    const blocks = 3;
    const terms = {
      type: 'Interval',
      minRao: String(min),
      maxRao: String(BigInt(max ?? 0)),
      interval: { blocks, targetRegistrations: Number(target), alphaU64: String(alpha) },
    } as const;
    let subnet = priced(done(put(ledger, 'sp500')).subnet, value, terms);
    for (let count = 0; count < actual; count += 1) subnet = afterRegistration(subnet, FROM_BLOCK);
    ledger.decide((state) => accept(state.putSubnet(subnet)));
    for (let block = 0; block < blocks; block += 1) done(ledger.decide((state) => produceBlock(state, 0)));
    const { burn } = ledger.subnet(1) ?? {};
    expect(burn?.block).toBe(FROM_BLOCK + blocks);
    expect(Math.abs(Number(burn?.rao) - Number(expected.items[at]))).toBeLessThanOrEqual(tolerance);
  }
});
