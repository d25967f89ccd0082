import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  AccountChange,
  AccountChangeSchema,
  MoneyOrderBatchSchema,
} from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { desk, orderOf } from './market.ts';
import { type ServedLedger, serveLedger } from './served-ledger.ts';

let served: ServedLedger;

beforeEach(async () => {
  served = await serveLedger();
  await fund('billing:shop', 1000n, 1n);
});
afterEach(async () => {
  await served[Symbol.asyncDispose]();
});

type Change = NonNullable<Exclude<MessageInitShape<typeof AccountChangeSchema>, AccountChange>['change']>;

const SHOP = 'billing:shop';
const refusal = (reason: string) => expect.objectContaining({ name: 'RpcError', reason });

async function fund(to: string, rao: bigint, sequence: bigint): Promise<void> {
  const order = {
    case: 'transfer' as const,
    value: { $typeName: 'subnetes.ledger.v1.TransferOrder' as const, to, amountRao: rao.toString() },
  };
  await served.neuron.submitOrder({ order: orderOf(desk, sequence, order) });
}
const money = (amount: bigint) => ({ asset: 'TAO', amount: amount.toString() });
const transfer = (id: string, amount: bigint, linked = false) => ({
  linked,
  order: { case: 'transfer' as const, value: { id, from: SHOP, to: 'network', amount: money(amount), code: 'fee' } },
});
const hold = (id: string, amount: bigint) => ({
  order: { case: 'hold' as const, value: { id, account: SHOP, amount: money(amount), expiresAtBlock: 50n } },
});

test('accounts are opened, limited, frozen and closed by those who may', async () => {
  const change = (id: string, what: Change) => ({ changes: [{ id, account: SHOP, change: what }] });
  const freeze = { case: 'frozen' as const, value: true };
  await expect(served.neuron.changeAccounts(change('x', freeze))).rejects.toEqual(refusal('CALLER_NOT_ALLOWED'));
  const limits = { creditRao: '', limitRao: '1000' };
  const open: Change = { case: 'open', value: { owner: desk.address, limits } };
  const { results } = await served.billing.changeAccounts(change('open', open));
  expect(results).toMatchObject([{ ok: true, after: [{ account: SHOP, postedRao: '1000', spendableRao: '1000' }] }]);
  await expect(fund(SHOP, 1n, 2n)).rejects.toEqual(refusal('ACCOUNT_LIMIT'));
  const byOperator = await served.operator.changeAccounts(change('close', { case: 'close', value: { to: 'network' } }));
  expect(byOperator.results).toMatchObject([{ ok: false, reason: 'ACCOUNT_PROTECTED' }]);
  expect((await served.operator.changeAccounts(change('freeze', freeze))).results).toMatchObject([{ ok: true }]);
  expect((await served.billing.submitMoneyOrders({ orders: [transfer('t', 1n)] })).results).toMatchObject([
    { ok: false, reason: 'ACCOUNT_FROZEN' },
  ]);
  expect(await served.neuron.getAccount({ account: SHOP })).toMatchObject({
    kind: 'Billing',
    owner: desk.address,
    postedRao: '1000',
    terms: { floorRao: '0', limitRao: '1000', frozen: true, closed: false },
  });
  await served.operator.changeAccounts(change('free', { case: 'frozen', value: false }));
  const closed = await served.billing.changeAccounts(change('close', { case: 'close', value: { to: desk.address } }));
  expect(closed.results).toMatchObject([{ ok: true, after: [{ postedRao: '0' }, { account: desk.address }] }]);
  await expect(fund(SHOP, 1n, 2n)).rejects.toEqual(refusal('ACCOUNT_CLOSED'));
  const strange: Change = { case: 'open', value: { owner: 'nobody', limits } };
  expect((await served.billing.changeAccounts(change('other', strange))).results[0]?.reason).toBe('INVALID_ARGUMENT');
});

test('balance and open holds of an account are of one moment, in pages', async () => {
  await served.billing.submitMoneyOrders({ orders: ['a', 'b', 'c'].map((id) => hold(id, 100n)) });
  const first = await served.neuron.getAccount({ account: SHOP, holds: { size: 2, token: '' } });
  expect(first).toMatchObject({ postedRao: '1000', heldRao: '300', spendableRao: '700', holdsTotal: 3, sequence: 5n });
  expect(first.holds.map(({ id, remainingRao }) => [id, remainingRao])).toEqual([
    ['a', '100'],
    ['b', '100'],
  ]);
  const next = await served.neuron.getAccount({ account: SHOP, holds: { size: 2, token: first.nextPageToken } });
  expect([next.holds.map(({ id }) => id), next.nextPageToken]).toEqual([['c'], '']);
  const elsewhere = served.neuron.getAccount({ account: 'network', holds: { size: 2, token: first.nextPageToken } });
  await expect(elsewhere).rejects.toMatchObject({ fieldViolations: [{ field: 'page.token' }] });
  await expect(served.neuron.getAccount({ account: 'a b' })).rejects.toMatchObject({
    fieldViolations: [{ field: 'account' }],
  });
});

test('what was held is read as of any entry', async () => {
  await served.billing.submitMoneyOrders({ orders: [hold('a', 100n), hold('b', 20n), transfer('t', 1n)] });
  await served.billing.voidHolds({ holdIds: ['a'] });
  const at = async (atSequence: bigint) => {
    const { balances } = await served.neuron.getBalances({ accounts: [SHOP, 'network'], atSequence });
    return balances.map(({ held }) => held?.amount);
  };
  expect(await at(2n)).toEqual(['0', '0']);
  expect(await at(3n)).toEqual(['100', '0']);
  expect(await at(5n)).toEqual(['120', '0']);
  expect(await at(6n)).toEqual(['20', '0']);
});

test('a balance is read as of any entry, and postings between entries and between blocks', async () => {
  for (const id of ['1', '2', '3']) {
    await served.billing.submitMoneyOrders({ orders: [transfer(id, 10n)] });
    await served.produce(1);
  }
  const at = async (atSequence: bigint) => {
    const { balances, sequence } = await served.neuron.getBalances({ accounts: [SHOP, 'network'], atSequence });
    return [sequence, ...balances.map(({ posted }) => posted?.amount)];
  };
  expect(await at(2n)).toEqual([2n, '1000', '0']);
  expect(await at(3n)).toEqual([3n, '990', '10']);
  expect(await at(0n)).toEqual([8n, '970', '30']);
  await expect(at(9n)).rejects.toMatchObject({ fieldViolations: [{ field: 'at_sequence' }] });
  const list = async (query: object) => {
    const { postings, nextPageToken } = await served.neuron.listPostings({ account: SHOP, ...query });
    return [postings.map(({ sequence }) => Number(sequence)), nextPageToken] as const;
  };
  expect((await list({}))[0]).toEqual([2, 3, 5, 7]);
  expect((await list({ newestFirst: true }))[0]).toEqual([7, 5, 3, 2]);
  expect((await list({ fromBlock: 1n, toBlock: 1n }))[0]).toEqual([5]);
  expect((await list({ fromBlock: 9n }))[0]).toEqual([]);
  expect((await list({ fromSequence: 3n, toSequence: 5n }))[0]).toEqual([3, 5]);
  const [page, token] = await list({ page: { size: 3, token: '' } });
  expect(page).toEqual([2, 3, 5]);
  expect(await list({ page: { size: 3, token } })).toEqual([[7], '']);
  await expect(list({ page: { size: 3, token }, newestFirst: true })).rejects.toMatchObject({
    fieldViolations: [{ field: 'page.token' }],
  });
  const { accounts, nextPageToken } = await served.neuron.listAccounts({ page: { size: 2, token: '' } });
  expect(accounts).toHaveLength(2);
  const rest = await served.neuron.listAccounts({ page: { size: 9, token: nextPageToken } });
  const all = [...accounts, ...rest.accounts].map(({ kind }) => kind);
  expect(all.toSorted()).toEqual(['Billing', 'Mint', 'Network', 'Wallet', 'Wallet']);
  expect((await served.neuron.listAccounts({ prefix: 'billing:' })).accounts.map(({ account }) => account)).toEqual([
    SHOP,
  ]);
});

test('a stream answers each batch in order, and ends with the first malformed one', async () => {
  await expect(
    served.operator
      .streamMoneyOrders(once({ orders: [] }))
      [Symbol.asyncIterator]()
      .next(),
  ).rejects.toEqual(refusal('CALLER_NOT_ALLOWED'));
  const batches = Array.from({ length: 40 }, (_, at) => ({
    orders: [transfer(`a${at}`, 1n, at % 2 === 1), transfer(`b${at}`, at % 4 === 3 ? 10_000n : 1n)],
  }));
  const heard: string[] = [];
  for await (const { results } of served.billing.streamMoneyOrders(once(...batches))) {
    heard.push(results.map(({ id, reason }) => `${id} ${reason}`).join(', '));
  }
  expect(heard).toEqual(
    batches.map((_batch, at) => (at % 4 === 3 ? `a${at} GROUP_FAILED, b${at} INSUFFICIENT_FUNDS` : `a${at} , b${at} `)),
  );
  const malformed = { orders: [{ order: { case: 'hold' as const, value: { id: 'x', amount: money(-1n) } } }] };
  const answers = served.billing.streamMoneyOrders(
    once<MessageInitShape<typeof MoneyOrderBatchSchema>>({ orders: [transfer('c', 1n)] }, malformed),
  );
  const told = async () => {
    for await (const { results } of answers) expect(results).toMatchObject([{ id: 'c', ok: true }]);
  };
  await expect(told()).rejects.toMatchObject({ fieldViolations: [{ field: 'orders[0].hold.amount.amount' }] });
});

async function* once<T>(...items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

test('a reader of the journal goes on from what is stored to what is written', async () => {
  await served.produce(600);
  const stop = new AbortController();
  const pages = served.neuron.watchJournal({ fromSequence: 2n }, { signal: stop.signal })[Symbol.asyncIterator]();
  const heard: bigint[] = [];
  const hear = async (until: bigint): Promise<void> => {
    while ((heard.at(-1) ?? 0n) < until) {
      const { value } = await pages.next();
      heard.push(...(value?.entries ?? []).map(({ sequence }: { readonly sequence: bigint }) => sequence));
    }
  };
  await hear(602n);
  const live = hear(700n);
  await served.produce(98);
  await live;
  expect(heard).toEqual(Array.from({ length: 699 }, (_, at) => BigInt(at + 2)));
  stop.abort();
});

test('readers of the journal are limited', async () => {
  const stop = new AbortController();
  const watch = () => served.neuron.watchJournal({}, { signal: stop.signal })[Symbol.asyncIterator]().next();
  const firsts = await Promise.all(Array.from({ length: 64 }, watch));
  expect(firsts).toHaveLength(64);
  await expect(watch()).rejects.toEqual(refusal('TOO_MANY_WATCHERS'));
  stop.abort();
});
