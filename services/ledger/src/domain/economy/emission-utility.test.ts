import { splitByLargestRemainder } from '@subnetes/money/split';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BURNED, NETWORK, potOf } from '#domain/book/account.ts';
import { done, expectConserved, newLedger, produce, put, stateText, TAO, testGenesis } from '#test/ledger-state.ts';
import { emissionSplit, sharesPpm } from './emission-split.ts';
import { nextUse, splitByUse } from './emission-utility.ts';
import type { Genesis } from './genesis.ts';
import type { Ledger } from './ledger.ts';
import { createHold, postHold, type PostRequest } from './money-orders.ts';

const SHOP = 'billing:shop';

const genesisOf = (change: Partial<Extract<Genesis['emissionPolicy'], { name: 'Utility' }>> = {}): Genesis => ({
  ...testGenesis,
  emissionPolicy: { name: 'Utility', version: 1, ...change },
});

function market(handles: readonly string[], genesis = genesisOf({ smoothingBlocks: 10 })): Ledger {
  const ledger = newLedger(genesis);
  for (const handle of handles) done(put(ledger, handle));
  return ledger;
}

let posts = 0;
/** Settles one call of a market whose owner gets one rao and whose network fee is `fee`. */
function settle(ledger: Ledger, netuid: number, fee: bigint, parts?: PostRequest['parts']) {
  posts += 1;
  const id = `h${posts}`;
  const opened = { id, account: SHOP, amount: fee + 1n, expiresAtBlock: ledger.block + 1 };
  done(ledger.decide((state) => createHold(state, opened)));
  const given = parts ?? [
    { to: 'owner', amount: 1n, code: 'usage-owner' },
    { to: BURNED, amount: fee, code: 'usage-network', netuid },
  ];
  return ledger.decide((state) => postHold(state, { id: `p${posts}`, holdId: id, parts: given, close: true }));
}

const pot = (ledger: Ledger, netuid: number): bigint => ledger.book.posted('TAO', potOf(netuid));

describe('a reward split by use', () => {
  test.for<[string, bigint, bigint[], bigint[]]>([
    ['of nobody is split in equal parts', 10n, [0n, 0n, 0n], [4n, 3n, 3n]],
    ['follows use and splits the rest', 10n, [3n, 1n, 0n], [5n, 3n, 2n]],
    ['that is just enough leaves no rest', 10n, [7n, 3n, 0n], [7n, 3n, 0n]],
    ['that is not enough is divided in proportion', 10n, [30n, 20n, 0n], [6n, 4n, 0n]],
    ['gives odd rao to the highest use a rao', 10n, [67n, 22n, 11n], [7n, 2n, 1n]],
    ['that is huge stays exact', 7n, [10n ** 38n, 10n ** 38n, 1n], [4n, 3n, 0n]],
    ['of one market is all of it', 10n, [4n], [10n]],
    ['of nothing is nothing', 0n, [4n, 0n], [0n, 0n]],
    ['between nobody is nobody’s', 10n, [], []],
  ])('%s', ([, reward, use, parts]) => {
    expect(splitByUse(reward, use)).toEqual(parts);
  });

  const rao = (max: bigint) => fc.oneof(fc.bigInt({ min: 0n, max: 12n }), fc.bigInt({ min: 0n, max }));
  const uses = fc.array(rao(10n ** 12n), { minLength: 1, maxLength: 12 });

  test('is all of it, and equal to giving out rao by rao to the highest quotient', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 60n }),
        fc.array(rao(40n), { minLength: 1, maxLength: 6 }),
        (reward, use) => {
          const rest = reward - use.reduce((sum, amount) => sum + amount, 0n);
          const equal = byQuotients(rest, [...use].fill(1n));
          const expected = rest < 0n ? byQuotients(reward, use) : use.map((amount, at) => amount + (equal[at] ?? 0n));
          expect(splitByUse(reward, use)).toEqual(expected);
        },
      ),
    );
  });

  test('gives any set of markets no more for more use than that use, and the others no more at all', () => {
    fc.assert(
      fc.property(
        rao(10n ** 12n),
        uses,
        fc.array(fc.tuple(fc.nat(11), rao(10n ** 12n), fc.boolean()), { maxLength: 8 }),
        (reward, use, bought) => {
          const after = [...use];
          const ours = new Set<number>();
          let paid = 0n;
          for (const [at, amount, joins] of bought) {
            const market = at % use.length;
            ours.add(market);
            if (joins) ours.add((market + 1) % use.length);
            after[market] = (after[market] ?? 0n) + amount;
            paid += amount;
          }
          const gains = splitByUse(reward, after).map((part, at) => part - (splitByUse(reward, use)[at] ?? 0n));
          expect(gains.reduce((sum, gain, at) => (ours.has(at) ? sum + gain : sum), 0n)).toBeLessThanOrEqual(paid);
          expect(gains.some((gain, at) => !ours.has(at) && gain > 0n)).toBe(false);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('by largest remainders one rao of use could bring two, which is why it is not', () => {
    const [before, after] = [
      [5n, 17n, 29n],
      [6n, 17n, 29n],
    ];
    expect([splitByLargestRemainder(47n, before)[0], splitByLargestRemainder(47n, after)[0]]).toEqual([4n, 6n]);
    expect([splitByUse(47n, before)[0], splitByUse(47n, after)[0]]).toEqual([4n, 5n]);
  });
});

/** Rao by rao to the highest use for every rao got. */
function byQuotients(reward: bigint, use: readonly bigint[]): readonly bigint[] {
  const parts = use.map(() => 0n);
  for (let given = 0n; given < reward; given += 1n) {
    const best = use.reduce(
      (top, amount, at) =>
        (use[top] ?? 0n) * ((parts[at] ?? 0n) + 1n) < amount * ((parts[top] ?? 0n) + 1n) ? at : top,
      0,
    );
    parts[best] = (parts[best] ?? 0n) + 1n;
  }
  return parts;
}

describe('a network that splits by use', () => {
  test('begins in equal parts, follows fees as they are burned, and forgets them', () => {
    const ledger = market(['sp500', 'weather']);
    produce(ledger, 1);
    expect(emissionSplit(ledger)).toMatchObject({ basis: 'EqualUntilUtility', epoch: 0 });
    done(settle(ledger, 1, TAO));
    expect(ledger.use.get('1')).toEqual({ netuid: 1, waiting: TAO });
    expect(emissionSplit(ledger).basis).toBe('Utility');
    expect(sharesPpm(emissionSplit(ledger))).toEqual([
      { netuid: 1, sharePpm: 550_000 },
      { netuid: 2, sharePpm: 450_000 },
    ]);
    const before = pot(ledger, 1);
    produce(ledger, 1);
    expect(pot(ledger, 1) - before).toBe((55n * TAO) / 100n);
    expect(nextUse(ledger, 1)).toBe((9n * TAO) / 100n);
    produce(ledger, 400);
    // What is less than a rao a block waits for more.
    expect(ledger.use.get('1')?.waiting).toBeLessThan(10n);
    expect(emissionSplit(ledger).basis).toBe('EqualUntilUtility');
    expect(ledger.book.posted('TAO', BURNED)).toBe(TAO);
    expectConserved(ledger);
  });

  test('writes into each block what use brought, and nothing while there is none', () => {
    const ledger = market(['sp500', 'weather']);
    ledger.journal.takeEntries();
    produce(ledger, 1);
    done(settle(ledger, 2, 95n));
    produce(ledger, 1);
    const blocks = ledger.journal.takeEntries().filter(({ kind }) => kind === 'Block');
    expect(blocks.map(({ payloadText }) => JSON.parse(payloadText) as object)).toEqual([
      { block: 1, timeMs: 0, minted: String(TAO) },
      { block: 2, timeMs: 0, minted: String(TAO), use: [{ netuid: 2, amount: '9' }] },
    ]);
    expect(blocks[1]?.postings.slice(1).map(({ account, delta }) => [account, delta])).toEqual([
      ['pot:1', TAO / 2n - 4n],
      ['pot:2', TAO / 2n + 4n],
    ]);
  });

  test('goes over to use at the block that genesis names, says so once, and knows use from before', () => {
    const ledger = market(['sp500', 'weather'], genesisOf({ smoothingBlocks: 10, fromBlock: 3 }));
    done(settle(ledger, 1, TAO));
    ledger.journal.takeEntries();
    produce(ledger, 2);
    expect([pot(ledger, 1), pot(ledger, 2)]).toEqual([TAO, TAO]);
    expect(ledger.use.get('1')?.waiting).toBe((81n * TAO) / 100n);
    produce(ledger, 2);
    expect(pot(ledger, 1)).toBeGreaterThan(2n * TAO);
    const switches = ledger.journal.takeEntries().filter(({ kind }) => kind === 'EmissionSwitched');
    expect(switches.map(({ block, payloadText }) => [block, payloadText])).toEqual([
      [3, '{"block":3,"from":"Equal","to":"Utility"}'],
    ]);
  });

  test('gives a new market equal parts of the rest, one alone all, a held one nothing and its use to nobody', () => {
    const ledger = market(['sp500']);
    done(settle(ledger, 1, 5n * TAO));
    produce(ledger, 1);
    expect(pot(ledger, 1)).toBe(TAO);
    done(put(ledger, 'weather'));
    produce(ledger, 1);
    expect(pot(ledger, 2)).toBe((275n * TAO) / 1000n);
    done(put(ledger, 'sp500', { emission: 'Held' }));
    const [held, waiting] = [pot(ledger, 1), ledger.use.get('1')?.waiting ?? 0n];
    produce(ledger, 1);
    expect(pot(ledger, 1)).toBe(held);
    expect(pot(ledger, 2)).toBe((1275n * TAO) / 1000n);
    expect(ledger.use.get('1')?.waiting).toBe(waiting - waiting / 10n);
    expect(ledger.issued).toBe(ledger.network.genesisIssued + 3n * TAO);
  });

  test('divides the whole reward by use when more was burned than is minted, and adds none later', () => {
    const ledger = market(['sp500', 'weather'], genesisOf({ smoothingBlocks: 1 }));
    done(settle(ledger, 1, 30n * TAO));
    done(settle(ledger, 2, 10n * TAO));
    produce(ledger, 1);
    expect([pot(ledger, 1), pot(ledger, 2)]).toEqual([(3n * TAO) / 4n, TAO / 4n]);
    expect(ledger.use.size).toBe(0);
    expect(emissionSplit(ledger).basis).toBe('EqualUntilUtility');
  });

  test.for<[string, PostRequest['parts'], string]>([
    ['not burned', [{ to: NETWORK, amount: 5n, code: 'usage-network', netuid: 1 }], 'INVALID_ARGUMENT'],
    ['of no market', [{ to: BURNED, amount: 5n, code: 'usage-network', netuid: 9 }], 'SUBNET_UNKNOWN'],
    ['of the root network', [{ to: BURNED, amount: 5n, code: 'usage-network', netuid: 0 }], 'SUBNET_UNKNOWN'],
    [
      'of a market whose owner gets nothing',
      [
        { to: BURNED, amount: 5n, code: 'usage-network', netuid: 1 },
        { to: 'owner', amount: 0n, code: 'usage-owner' },
      ],
      'INVALID_ARGUMENT',
    ],
  ])('refuses a fee that is %s, and changes nothing', ([, parts, code]) => {
    const ledger = market(['sp500']);
    const opened = { id: 'h', account: SHOP, amount: 9n, expiresAtBlock: 9 };
    done(ledger.decide((state) => createHold(state, opened)));
    const before = stateText(ledger);
    const order = { id: 'p', holdId: 'h', parts, close: true };
    expect(ledger.decide((state) => postHold(state, order))).toMatchObject({ ok: false, code });
    expect(stateText(ledger)).toBe(before);
  });

  test('counts a posting once, and money that is burned otherwise not at all', () => {
    const ledger = market(['sp500']);
    done(settle(ledger, 1, 5n, [{ to: BURNED, amount: 5n, code: 'usage-network' }]));
    expect(ledger.use.size).toBe(0);
    const opened = { id: 'h', account: SHOP, amount: 9n, expiresAtBlock: 9 };
    done(ledger.decide((state) => createHold(state, opened)));
    const parts = [
      { to: 'owner', amount: 1n, code: 'usage-owner' },
      { to: BURNED, amount: 5n, code: 'usage-network', netuid: 1 },
    ];
    for (const repeated of [false, true]) {
      const order = { id: 'p', holdId: 'h', parts, close: true };
      expect(done(ledger.decide((state) => postHold(state, order)))).toMatchObject({ repeated });
    }
    expect(ledger.use.get('1')?.waiting).toBe(5n);
  });

  test('keeps no account of use under another policy', () => {
    const ledger = market(['sp500'], testGenesis);
    done(settle(ledger, 1, 5n));
    expect(ledger.use.size).toBe(0);
    expect(emissionSplit(ledger).basis).toBe('Equal');
  });
});
