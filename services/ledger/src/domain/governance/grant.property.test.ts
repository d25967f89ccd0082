import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grantOf, TREASURY } from '#domain/book/account.ts';
import { cast, expectRefused, governed, order, passed, proposeTo } from '#test/governed.ts';
import { done, expectConserved, produce, TAO } from '#test/ledger-state.ts';
import { vestedAt } from './grant.ts';

const vestings = fc
  .record({
    amount: fc.bigInt({ min: 1n, max: 500n * TAO }),
    vestingBlocks: fc.integer({ min: 1, max: 60 }),
    cliffPpm: fc.nat(1_000_000),
  })
  .map(({ amount, vestingBlocks, cliffPpm }) => ({
    amount,
    vestingBlocks,
    cliffBlocks: Math.floor((vestingBlocks * cliffPpm) / 1_000_000),
  }));

test('a grant pays what came free, all of it in the end, whenever it is claimed and whether it is revoked', () => {
  fc.assert(
    fc.property(
      vestings,
      fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 8 }),
      fc.option(fc.nat(7), { nil: undefined }),
      (vesting, pauses, revokeAfter) => {
        const ledger = governed({ timelockBlocks: 1, votingBlocks: 1 });
        const id = proposeTo(ledger, { type: 'Grant', to: 'ann', ...vesting });
        done(cast(ledger, 'desk', id));
        produce(ledger, 2);
        const grant = ledger.governance.grant(id);
        if (grant === undefined) throw new Error('the grant did not begin');
        const before = ledger.book.posted('TAO', 'ann');
        let revoked: bigint | undefined;
        for (const [at, pause] of pauses.entries()) {
          produce(ledger, pause);
          const free = revoked ?? vestedAt(grant, ledger.block);
          const has = ledger.book.posted('TAO', 'ann') - before;
          const claimed = order(ledger, 'ann', { type: 'ClaimGrant', grant: id });
          expect(claimed.ok).toBe(free > has);
          expect(ledger.book.posted('TAO', 'ann') - before).toBe(free > has ? free : has);
          if (at !== revokeAfter || ledger.governance.grant(id) === undefined) continue;
          const end = proposeTo(ledger, { type: 'RevokeGrant', grant: id });
          done(cast(ledger, 'desk', end));
          produce(ledger, 2);
          revoked = vestedAt(grant, ledger.block);
        }
        produce(ledger, 70);
        order(ledger, 'ann', { type: 'ClaimGrant', grant: id });
        const all = revoked ?? vesting.amount;
        expect(ledger.book.posted('TAO', 'ann') - before).toBe(all);
        expect(ledger.book.posted('TAO', TREASURY)).toBe(1000n * TAO - all);
        expect([ledger.book.posted('TAO', grantOf(id)), ledger.governance.record.grants]).toEqual([0n, []]);
        expectConserved(ledger);
      },
    ),
    { numRuns: 200 },
  );
});

test('only its beneficiary claims a grant, after its cliff', () => {
  const ledger = governed();
  const { id } = passed(ledger, { type: 'Grant', to: 'ann', amount: 100n, cliffBlocks: 10, vestingBlocks: 100 });
  const claim = { type: 'ClaimGrant', grant: id } as const;
  expectRefused(order(ledger, 'bob', claim), 'NOT_OWNER');
  expectRefused(order(ledger, 'ann', { type: 'ClaimGrant', grant: 99 }), 'GRANT_UNKNOWN');
  produce(ledger, 9);
  expectRefused(order(ledger, 'ann', claim), 'NOTHING_VESTED');
  produce(ledger, 1);
  done(order(ledger, 'ann', claim));
  expectRefused(order(ledger, 'ann', claim), 'NOTHING_VESTED');
  expect(ledger.governance.grant(id)?.claimed).toBe(10n);
});
