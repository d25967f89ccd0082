import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TAKE_MAX_U16, TAKE_RISES_AFTER_BLOCKS } from '#domain/economy/take.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import {
  done,
  enroll,
  expectConserved,
  mandateOf,
  newLedger,
  orderBy,
  payDividends,
  payNothing,
  produce,
  put,
  skipTo,
  stateText,
  TAO,
  testPolicy,
} from '#test/ledger-state.ts';
import { delegationsOf } from '#domain/economy/delegation.ts';
import { inheritanceOf } from './inherit.ts';
import { type Child, childrenOf, parentsOf, PROPORTION_WHOLE } from './links.ts';
import { parentParts } from './pay-parents.ts';
import { CHILDREN_COOLDOWN_BLOCKS, CHILDREN_EVERY_BLOCKS } from './set-children.ts';

const HALF = PROPORTION_WHOLE / 2n;

/** Parents p1 and p2 and the child c of three owners, 60, 40 and 10 tokens. */
function market(): Ledger {
  const ledger = newLedger();
  done(put(ledger, 'sp500'));
  const money = (wallet: string) => done(orderBy(ledger, 'desk', { type: 'Transfer', to: wallet, amount: 500n * TAO }));
  for (const wallet of ['ann', 'bob']) money(wallet);
  const stakes = { p1: ['desk', 60n], p2: ['ann', 40n], c: ['bob', 10n] } as const;
  for (const [hotkey, [coldkey, tokens]] of Object.entries(stakes)) {
    done(enroll(ledger, hotkey, { coldkey, payer: coldkey, mandate: mandateOf(coldkey), initialStake: tokens * TAO }));
  }
  return ledger;
}

const give = (ledger: Ledger, signer: string, hotkey: string, children: readonly Child[]) =>
  orderBy(ledger, signer, { type: 'SetChildren', netuid: 1, hotkey, children });
const toC = (proportion: bigint) => [{ hotkey: 'c', proportion }];
const stakes = (ledger: Ledger) =>
  Object.fromEntries((ledger.sealed.get('1')?.neurons ?? []).map((each) => [each.hotkey, each.stake]));
const has = (ledger: Ledger, wallet: string) => ledger.book.posted('TAO', wallet);

/** Goes on until what waits is in force and the next epoch is sealed by it. */
function takeEffect(ledger: Ledger): void {
  skipTo(ledger, ledger.block + CHILDREN_COOLDOWN_BLOCKS);
  for (let seals = 0; seals < 2; seals += 1) {
    while (ledger.sealed.get('1') === undefined) produce(ledger, 1);
    if (seals === 0) payNothing(ledger);
  }
}

test('children count after the cooldown and the seal that follows it, not before', () => {
  const ledger = market();
  done(give(ledger, 'desk', 'p1', toC(HALF)));
  produce(ledger, 10);
  expect(stakes(ledger)).toEqual({ p1: 60n * TAO, p2: 40n * TAO, c: 10n * TAO });
  payNothing(ledger);
  skipTo(ledger, CHILDREN_COOLDOWN_BLOCKS - 1);
  produce(ledger, 1);
  expect(stakes(ledger), 'the seal that puts it in force is sealed without it').toMatchObject({ c: 10n * TAO });
  payNothing(ledger);
  produce(ledger, 10);
  const { p1 = 0n, c = 0n } = stakes(ledger);
  expect(p1 + c).toBeLessThanOrEqual(70n * TAO);
  expect(c).toBeGreaterThan(39n * TAO);
  expect(ledger.sealed.get('1')?.neurons.find(({ hotkey }) => hotkey === 'p2')).not.toHaveProperty('inherits');
});

test('what a child earns with its parents’ stake goes on to them and to those who delegated, without its take', () => {
  const ledger = market();
  done(orderBy(ledger, 'owner', { type: 'AddStake', netuid: 1, hotkey: 'p1', amount: 20n * TAO }));
  done(orderBy(ledger, 'bob', { type: 'SetChildTake', netuid: 1, hotkey: 'c', u16: 6553 }));
  done(give(ledger, 'desk', 'p1', toC(PROPORTION_WHOLE)));
  done(give(ledger, 'ann', 'p2', toC(PROPORTION_WHOLE)));
  takeEffect(ledger);
  expect(stakes(ledger)).toEqual({ p1: 0n, p2: 0n, c: 130n * TAO });
  const before = { desk: has(ledger, 'desk'), ann: has(ledger, 'ann'), bob: has(ledger, 'bob') };
  const dividend = payDividends(ledger, 2);
  const part = (stake: bigint) => (dividend * stake) / 130n;
  const [fromDesk, fromAnn] = [part(80n), part(40n)];
  const kept = (rao: bigint) => (rao * 6553n) / 65_535n;
  const toDesk = fromDesk - kept(fromDesk);
  const delegated = (toDesk * 20n) / 80n;
  const passedOn = delegated - (delegated * BigInt(TAKE_MAX_U16)) / 65_535n;
  expect(has(ledger, 'ann') - before.ann).toBe(fromAnn - kept(fromAnn));
  expect(has(ledger, 'desk') - before.desk).toBe(toDesk - passedOn);
  expect(delegationsOf(ledger, 'owner')[0]?.worth).toBe(20n * TAO + passedOn);
  expect(has(ledger, 'bob') - before.bob).toBe(dividend - toDesk - (fromAnn - kept(fromAnn)));
  expectConserved(ledger);
});

test('a parent of the same owner pays no take, and a parent that is gone gets and gives nothing', () => {
  const inherits = { held: 0n, own: 0n, takeU16: 65_535, parents: [{ uid: 0, gives: 1n }] };
  expect(parentParts(100n, { coldkey: 'a', inherits }, () => 'a')).toEqual([{ uid: 0, rao: 100n, take: 0n }]);
  expect(parentParts(100n, { coldkey: 'a', inherits }, () => 'b')).toEqual([{ uid: 0, rao: 0n, take: 100n }]);
  const ledger = market();
  done(give(ledger, 'desk', 'p1', toC(HALF)));
  takeEffect(ledger);
  payNothing(ledger);
  expect(parentsOf(ledger, 1, 'c')).toEqual([{ hotkey: 'p1', proportion: HALF }]);
  done(give(ledger, 'desk', 'p1', []));
  takeEffect(ledger);
  expect([childrenOf(ledger, 1, 'p1'), parentsOf(ledger, 1, 'c')]).toEqual([[], []]);
  expect(stakes(ledger)).toMatchObject({ c: 10n * TAO });
});

describe('an order for children', () => {
  const six = Array.from({ length: 6 }, (_, at) => ({ hotkey: `x${at}`, proportion: 1n }));
  test.each<[string, string, readonly Child[], string]>([
    ['six of them', 'p1', six, 'INVALID_ARGUMENT'],
    ['itself', 'p1', [{ hotkey: 'p1', proportion: 1n }], 'INVALID_ARGUMENT'],
    ['one twice', 'p1', [...toC(1n), ...toC(1n)], 'INVALID_ARGUMENT'],
    ['more than everything', 'p1', [...toC(PROPORTION_WHOLE), { hotkey: 'p2', proportion: 1n }], 'INVALID_ARGUMENT'],
    ['nothing of it', 'p1', toC(0n), 'INVALID_ARGUMENT'],
    ['another’s hotkey', 'p2', toC(1n), 'NOT_OWNER'],
    ['an unknown hotkey', 'zz', toC(1n), 'NOT_REGISTERED'],
  ])('%s is refused', (_name, hotkey, children, code) => {
    const ledger = market();
    const before = stateText(ledger);
    expect(give(ledger, 'desk', hotkey, children)).toMatchObject({ ok: false, code });
    expect(stateText(ledger)).toBe(before);
  });

  test('a cycle has a code of its own, whether it is in force or waits', () => {
    const ledger = market();
    done(give(ledger, 'desk', 'p1', toC(HALF)));
    expect(give(ledger, 'bob', 'c', [{ hotkey: 'p1', proportion: 1n }])).toMatchObject({ code: 'CHILD_CYCLE' });
    expect(give(ledger, 'bob', 'c', [{ hotkey: 'p2', proportion: 1n }])).toMatchObject({ code: 'CHILD_CYCLE' });
    expect(give(ledger, 'ann', 'p2', [{ hotkey: 'p1', proportion: 1n }])).toMatchObject({ code: 'CHILD_CYCLE' });
    takeEffect(ledger);
    expect(give(ledger, 'bob', 'c', [{ hotkey: 'p2', proportion: 1n }])).toMatchObject({ code: 'CHILD_CYCLE' });
    expect(give(ledger, 'ann', 'p2', [{ hotkey: 'p1', proportion: 1n }])).toMatchObject({ code: 'CHILD_CYCLE' });
  });

  test('comes once in so many blocks, and the newest counts', () => {
    const ledger = market();
    done(give(ledger, 'desk', 'p1', toC(HALF)));
    expect(give(ledger, 'desk', 'p1', toC(1n))).toMatchObject({ code: 'CHILDREN_CHANGE_LATER' });
    skipTo(ledger, ledger.block + CHILDREN_EVERY_BLOCKS);
    done(give(ledger, 'desk', 'p1', toC(1n)));
    takeEffect(ledger);
    expect(childrenOf(ledger, 1, 'p1')).toEqual(toC(1n));
  });

  test('needs the stake that the subnet asks for, when it is given and when it comes into force', () => {
    const poor = newLedger();
    const policy = {
      ...testPolicy,
      hyperparameters: { ...testPolicy.hyperparameters, stakeThresholdRao: `${50n * TAO}` },
    };
    done(put(poor, 'sp500', { policy }));
    done(enroll(poor, 'p1', { initialStake: 60n * TAO }));
    done(enroll(poor, 'p2', { initialStake: 40n * TAO }));
    expect(give(poor, 'desk', 'p2', toC(1n))).toMatchObject({ code: 'INSUFFICIENT_STAKE' });
    done(give(poor, 'desk', 'p1', toC(1n)));
    done(orderBy(poor, 'desk', { type: 'RemoveStake', netuid: 1, hotkey: 'p1', amount: 20n * TAO }));
    takeEffect(poor);
    expect(childrenOf(poor, 1, 'p1')).toEqual([]);
  });

  test('a child take is 18 % at most and rises seldom', () => {
    const ledger = market();
    const take = (u16: number) => orderBy(ledger, 'bob', { type: 'SetChildTake', netuid: 1, hotkey: 'c', u16 });
    expect(take(TAKE_MAX_U16 + 1)).toMatchObject({ code: 'INVALID_ARGUMENT' });
    produce(ledger, 1);
    done(take(100));
    done(take(50));
    expect(take(60)).toMatchObject({ code: 'TAKE_RISES_LATER' });
    skipTo(ledger, TAKE_RISES_AFTER_BLOCKS + 1);
    done(take(60));
  });
});

test('whatever is given to whom, no stake comes into being and no dividend is paid twice', () => {
  const part = fc.bigInt({ min: 1n, max: PROPORTION_WHOLE / 2n });
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 2 }),
      part,
      fc.bigInt({ min: 1n, max: 10n ** 9n }),
      (mine, other, extra) => {
        const ledger = market();
        done(orderBy(ledger, 'ann', { type: 'AddStake', netuid: 1, hotkey: 'p2', amount: extra }));
        done(
          give(
            ledger,
            'desk',
            'p1',
            mine.map((proportion, at) => ({ hotkey: ['c', 'd'][at] ?? 'e', proportion })),
          ),
        );
        done(give(ledger, 'ann', 'p2', toC(other)));
        takeEffect(ledger);
        const sealed = ledger.sealed.get('1')?.neurons ?? [];
        expect(sealed.reduce((sum, { stake }) => sum + stake, 0n)).toBeLessThanOrEqual(110n * TAO + extra);
        for (const neuron of sealed) expect(neuron.stake).toBeGreaterThanOrEqual(0n);
        const before = ['desk', 'ann', 'bob'].reduce((sum, wallet) => sum + has(ledger, wallet), 0n);
        const dividend = payDividends(ledger, 2);
        const after = ['desk', 'ann', 'bob'].reduce((sum, wallet) => sum + has(ledger, wallet), 0n);
        expect(after - before).toBe(dividend);
        expectConserved(ledger);
      },
    ),
    { numRuns: 30 },
  );
});

test('stake that nobody inherits is as it was', () => {
  const ledger = market();
  expect(ledger.neuronsOf(1).map((neuron) => inheritanceOf(ledger, neuron))).toEqual([undefined, undefined, undefined]);
});
