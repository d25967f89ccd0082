import { expect, test } from 'vitest';
import type { MoneyOrder } from '#domain/economy/money-order.ts';
import { memoryJournal } from '#adapters/memory-journal.ts';
import { expectConserved, TAO, testGenesis, testHashes } from '#test/ledger-state.ts';
import { type LinkedOrder, makeMoveMoney, type MoneyResult } from './move-money.ts';
import { openLedger } from './open-ledger.ts';

const SHOP = 'billing:shop';

async function open() {
  const store = memoryJournal();
  const sequencer = await openLedger({
    store,
    genesis: testGenesis,
    hashes: testHashes,
    monotonicMs: () => 0,
    retryDelay: async () => {},
    onHalt: (cause) => {
      throw cause;
    },
  });
  return { sequencer, move: makeMoveMoney({ sequencer, store }) };
}

const pay = (id: string, amount: bigint, change: object = {}): MoneyOrder => ({
  type: 'Transfer',
  request: { id, from: SHOP, to: 'billing:other', amount, code: 'sale', ...change },
});
const hold = (id: string, amount: bigint, change: object = {}): MoneyOrder => ({
  type: 'Hold',
  request: { id, account: SHOP, amount, expiresAtBlock: 9, ...change },
});
const post = (id: string, holdId: string, amount: bigint, change: object = {}): MoneyOrder => ({
  type: 'Post',
  request: { id, holdId, parts: [{ to: 'network', amount, code: '' }], close: true, ...change },
});
const voidHold = (id: string): MoneyOrder => ({ type: 'Void', request: { id } });
const reverse = (id: string, reverses: string): MoneyOrder => ({
  type: 'Reverse',
  request: { id, reverses, code: 'refund' },
  original: undefined,
});
const alone = (...orders: MoneyOrder[]): LinkedOrder[] => orders.map((order) => ({ order, linked: false }));
const group = (...orders: MoneyOrder[]): LinkedOrder[] =>
  orders.map((order, at) => ({ order, linked: at < orders.length - 1 }));
const codes = (results: readonly MoneyResult[]) => results.map((result) => (result.ok ? 'ok' : result.code));

test('linked orders happen together or not at all, and each is told which one failed', async () => {
  const { move, sequencer } = await open();
  const results = await move([
    ...alone(pay('a', 1n)),
    ...group(hold('h', 10n), post('p', 'h', 4n), pay('b', 10n ** 30n), pay('c', 1n)),
    ...group(hold('g', 10n), post('q', 'g', 4n)),
    ...alone(pay('d', 1n)),
  ]);
  expect(codes(results)).toEqual([
    'ok',
    'GROUP_FAILED',
    'GROUP_FAILED',
    'INSUFFICIENT_FUNDS',
    'GROUP_FAILED',
    'ok',
    'ok',
    'ok',
  ]);
  expect(results[1]).toMatchObject({ message: 'b of the same group was refused: INSUFFICIENT_FUNDS' });
  const balances = await sequencer.read((ledger) =>
    [SHOP, 'billing:other', 'network'].map((account) => ledger.book.spendable('TAO', account)),
  );
  expect(balances).toEqual([100n * TAO - 6n, 2n, 4n]);
  await sequencer.read(expectConserved);
  // Nothing of the failed group took its id.
  expect(codes(await move(group(hold('h', 5n), voidHold('h'))))).toEqual(['ok', 'ok']);
  await sequencer.read(expectConserved);
});

test('a group that is sent again is answered again', async () => {
  const { move } = await open();
  const orders = group(pay('a', 1n), pay('b', 2n));
  const first = await move(orders);
  const again = await move(orders);
  expect(again.map((result) => result.ok && [result.value.sequence, result.value.repeated])).toEqual(
    first.map((result) => result.ok && [result.value.sequence, true]),
  );
  expect(codes(await move(group(pay('a', 1n), pay('b', 3n))))).toEqual([
    'GROUP_FAILED',
    'EXISTS_WITH_DIFFERENT_AMOUNT',
  ]);
});

test('a group that the batch cuts off, and one that pays a stranger, are refused whole', async () => {
  const { move } = await open();
  const cut: LinkedOrder[] = group(pay('a', 1n), pay('b', 1n)).map(({ order }) => ({ order, linked: true }));
  expect(codes(await move(cut))).toEqual(['GROUP_OPEN', 'GROUP_OPEN']);
  expect(codes(await move(group(pay('a', 1n), pay('b', 1n, { to: 'pot:1' }))))).toEqual([
    'GROUP_FAILED',
    'INVALID_ARGUMENT',
  ]);
  expect(codes(await move(alone(pay('a', 1n))))).toEqual(['ok']);
});

test('a group of a thousand is one', async () => {
  const { move, sequencer } = await open();
  const many = Array.from({ length: 1000 }, (_, at) => pay(`t${at}`, 1n));
  const failed = await move(group(...many.slice(0, -1), pay('last', 101n * TAO)));
  expect(new Set(codes(failed.slice(0, -1)))).toEqual(new Set(['GROUP_FAILED']));
  expect(new Set(codes(await move(group(...many))))).toEqual(new Set(['ok']));
  expect(await sequencer.read((ledger) => ledger.book.posted('TAO', 'billing:other'))).toBe(1000n);
});

test('money that goes round in a circle is where it was, and no account needs more than it pays on', async () => {
  const { move, sequencer } = await open();
  const [one, two] = ['billing:one', 'billing:two'];
  const before = await sequencer.read((ledger) => ledger.book.posted('TAO', SHOP));
  const round = (run: number) =>
    group(
      pay(`${run}/a`, 7n, { to: one }),
      pay(`${run}/b`, 7n, { from: one, to: two }),
      pay(`${run}/c`, 7n, { from: two, to: SHOP }),
    );
  expect(codes(await move(Array.from({ length: 300 }, (_, run) => round(run)).flat()))).toEqual(
    Array.from({ length: 900 }, () => 'ok'),
  );
  const early = group(pay('x', 7n, { from: one, to: two }), pay('y', 7n, { to: one }));
  expect(codes(await move(early))).toEqual(['INSUFFICIENT_FUNDS', 'GROUP_FAILED']);
  const after = await sequencer.read((ledger) => [SHOP, one, two].map((account) => ledger.book.posted('TAO', account)));
  expect(after).toEqual([before, 0n, 0n]);
  await sequencer.read(expectConserved);
});

test('the reply tells both balances as they are right after each order', async () => {
  const { move } = await open();
  const results = await move(alone(hold('h', 10n), pay('a', 5n), pay('b', 5n), post('p', 'h', 4n)));
  const after = results.map((result) => (result.ok ? result.value.after : []));
  const shop = 100n * TAO;
  expect(after).toEqual([
    [{ account: SHOP, posted: shop, held: 10n, spendable: shop - 10n }],
    [
      { account: SHOP, posted: shop - 5n, held: 10n, spendable: shop - 15n },
      { account: 'billing:other', posted: 5n, held: 0n, spendable: 5n },
    ],
    [
      { account: SHOP, posted: shop - 10n, held: 10n, spendable: shop - 20n },
      { account: 'billing:other', posted: 10n, held: 0n, spendable: 10n },
    ],
    [
      { account: SHOP, posted: shop - 14n, held: 0n, spendable: shop - 14n },
      { account: 'network', posted: 4n, held: 0n, spendable: 4n },
    ],
  ]);
});

test.for<readonly [string, MoneyOrder, string, string]>([
  ['amount', pay('a', 2n), 'EXISTS_WITH_DIFFERENT_AMOUNT', 'amount'],
  ['payer', pay('a', 1n, { from: 'billing:other' }), 'EXISTS_WITH_DIFFERENT_ACCOUNT', 'from'],
  ['payee', pay('a', 1n, { to: 'network' }), 'EXISTS_WITH_DIFFERENT_ACCOUNT', 'to'],
  ['code', pay('a', 1n, { code: 'x' }), 'EXISTS_WITH_DIFFERENT_CODE', 'code'],
  ['time', pay('a', 1n, { effectiveAtMs: 5 }), 'EXISTS_WITH_DIFFERENT_TIME', 'effective_at_ms'],
  ['held amount', hold('h', 11n), 'EXISTS_WITH_DIFFERENT_AMOUNT', 'amount'],
  ['held account', hold('h', 10n, { account: 'billing:other' }), 'EXISTS_WITH_DIFFERENT_ACCOUNT', 'account'],
  ['expiry', hold('h', 10n, { expiresAtBlock: 10 }), 'EXISTS_WITH_DIFFERENT_EXPIRY', 'expires_at_block'],
  ['hold', post('p', 'g', 4n), 'EXISTS_WITH_DIFFERENT_HOLD', 'hold_id'],
  ['parts', post('p', 'h', 5n), 'EXISTS_WITH_DIFFERENT_PARTS', 'parts'],
  ['close', post('p', 'h', 4n, { close: false }), 'EXISTS_WITH_DIFFERENT_CLOSE', 'close'],
  ['reversed entry', reverse('r', 'post:p'), 'EXISTS_WITH_DIFFERENT_REVERSES', 'reverses'],
])('the same id with another %s is refused by a code that names it', async ([, order, code, field]) => {
  const { move } = await open();
  await move(alone(pay('a', 1n), hold('h', 10n), post('p', 'h', 4n)));
  expect(codes(await move(alone(reverse('r', 'transfer:a'))))).toEqual(['ok']);
  expect(await move(alone(order))).toEqual([expect.objectContaining({ ok: false, code, field })]);
});

test('a reversal finds its entry in the journal, and orders after it in the batch wait for it', async () => {
  const { move, sequencer } = await open();
  expect(codes(await move(alone(pay('a', 5n), reverse('r', 'transfer:a'))))).toEqual(['ok', 'ENTRY_UNKNOWN']);
  const [, spent] = await move(alone(reverse('r', 'transfer:a'), pay('b', 1n, { from: 'billing:other', to: SHOP })));
  expect(spent).toMatchObject({ ok: false, code: 'INSUFFICIENT_FUNDS' });
  await sequencer.read(expectConserved);
});
