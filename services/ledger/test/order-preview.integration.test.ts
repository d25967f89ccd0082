import { create, type MessageInitShape, toJson } from '@bufbuild/protobuf';
import { type WalletOrder, WalletOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { RpcError } from '@subnetes/proto/rpc-error';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveHttpLog } from '#adapters/http-log.ts';
import { lazyHttpApi } from '#adapters/lazy-http-api.ts';
import { memoryDatabase, memoryJournal } from '#adapters/memory-journal.ts';
import { ledgerHashes, openLedger } from '#application/open-ledger.ts';
import { previewOrder } from '#domain/preview/preview-order.ts';
import { stateText, testHashes } from '#test/ledger-state.ts';
import { governance } from './kills/governance.ts';
import { keys } from './kills/keys.ts';
import type { OpenLedger, Room } from './kills/kill-run.ts';
import { lives } from './kills/lives.ts';
import { mandates } from './kills/mandates.ts';
import { money } from './kills/money.ts';
import { pools } from './kills/pools.ts';
import { root } from './kills/root.ts';
import { slashes } from './kills/slashes.ts';
import { stake } from './kills/stake.ts';
import { bindingOf, desk, keyOf, orderOf, owner, putSubnetOf } from './market.ts';
import { type ServedLedger, serveLedger } from './served-ledger.ts';

/** What an order would do is told before it is signed: to the rao what it then does, and nothing is changed by asking. */
const ROOMS: readonly Room[] = [money, stake, root, pools, lives, keys, mandates, governance, slashes];
const previewed = new Set<string>();

async function openInMemory({ genesis }: Room): Promise<OpenLedger> {
  const store = memoryJournal(memoryDatabase());
  const sequencer = await openLedger({
    store,
    genesis,
    hashes: ledgerHashes(testHashes.registrationId),
    monotonicMs: () => performance.now(),
    retryDelay: async () => {},
    onHalt: () => {},
  });
  return { sequencer, store };
}

/** Without what is of the signature. */
function unsigned(payloadText: string): unknown {
  const { orderSequence: _sequence, ...payload } = JSON.parse(payloadText) as Record<string, unknown>;
  return payload;
}

test.each(ROOMS)('$name: each order does what its preview told, and the preview did nothing', async (room) => {
  const ledger = await openInMemory(room);
  const written: object[] = [];
  ledger.sequencer.subscribe(({ entries }) => {
    for (const { kind, payloadText, postings } of entries) {
      written.push({ kind, payload: unsigned(payloadText), postings: [...postings] });
    }
  });
  for (const step of room.script()) {
    const told = await ledger.sequencer.read((state) => {
      const wanted = step.order?.(state);
      if (wanted === undefined) return undefined;
      const before = [stateText(state), state.journal.head, state.journal.untaken.length];
      const preview = previewOrder(state, wanted);
      expect([stateText(state), state.journal.head, state.journal.untaken.length]).toEqual(before);
      const { book, documents } = state;
      expect([book.accounts, book.holds, ...documents].flatMap<unknown>((table) => table.takeChanges())).toEqual([]);
      previewed.add(wanted.order.type);
      return preview;
    });
    written.length = 0;
    const done = await step.send(ledger);
    if (told === undefined) continue;
    expect([step.name, told.ok]).toEqual([step.name, done.ok]);
    if (!told.ok) continue;
    const { entries, changes } = told.value;
    expect(written).toEqual(entries.map(({ payloadText, ...entry }) => ({ ...entry, payload: unsigned(payloadText) })));
    await ledger.sequencer.read((state) => {
      for (const { account, asset, after } of changes) expect(state.book.posted(asset, account)).toBe(after);
    });
  }
  await ledger.sequencer.close();
});

test('no order was left out: a new one needs a step in one of the rooms', () => {
  const orders = WalletOrderSchema.fields.map(({ localName }) => localName);
  expect(
    orders.map((name) => name.charAt(0).toUpperCase() + name.slice(1)).filter((type) => !previewed.has(type)),
  ).toEqual([]);
});

let served: ServedLedger;
let http: Awaited<ReturnType<typeof serveHttpLog>>;
beforeAll(async () => {
  served = await serveLedger();
  await served.operator.putSubnet(putSubnetOf('sp500'));
  const onFailure = (error: unknown): void => {
    throw error;
  };
  const api = lazyHttpApi({ handlers: served.handlers, version: '1.2.3', onFailure });
  http = await serveHttpLog({ port: 0, host: '127.0.0.1', tree: served.tree, onFailure, api });
});
afterAll(async () => {
  await http[Symbol.asyncDispose]();
  await served[Symbol.asyncDispose]();
});

type Order = WalletOrder['order'];
const orderIn = (order: MessageInitShape<typeof WalletOrderSchema>['order']): WalletOrder =>
  create(WalletOrderSchema, order === undefined ? {} : { order });
const transfer = (amountRao: string, to = owner.address): WalletOrder =>
  orderIn({ case: 'transfer', value: { to, amountRao } });

async function refusalOf(signer: string, order: WalletOrder | undefined): Promise<unknown> {
  return served.preview.previewOrder({ signer, ...(order === undefined ? {} : { order }) }).then(
    () => 'told',
    (error: unknown) => (error instanceof RpcError ? error.reason : error),
  );
}

test('over gRPC without a signature: balances before and after, to the rao, and the order then does that', async () => {
  const order = transfer('7');
  const { changes, entries } = await served.preview.previewOrder({ signer: desk.address, order });
  const [ours, theirs] = [desk, owner].map(({ address }) => changes.find(({ account }) => account === address));
  expect(BigInt(ours?.before ?? '') - BigInt(ours?.after ?? '')).toBe(7n);
  expect(BigInt(theirs?.after ?? '') - BigInt(theirs?.before ?? '')).toBe(7n);
  expect(entries.map(({ kind }) => kind)).toEqual(['OrderTransfer']);
  const { sequence } = await served.neuron.getNetwork({});
  await served.neuron.submitOrder({ order: orderOf(desk, 1n, order.order as Order) });
  const after = await served.neuron.getBalances({ accounts: [desk.address, owner.address] });
  expect(after.balances.map(({ posted }) => posted?.amount)).toEqual([ours?.after, theirs?.after]);
  expect((await served.neuron.listEntries({ afterSequence: sequence, limit: 9 })).entries).toHaveLength(1);
});

test('a registration, whose hotkey has signed its binding', async () => {
  const value = { netuid: 1, binding: bindingOf(keyOf('val-a'), desk), maxCostRao: '1000000000', attempt: 1n };
  const { changes, entries } = await served.preview.previewOrder({
    signer: desk.address,
    order: orderIn({ case: 'register', value }),
  });
  expect(changes.find(({ account }) => account === 'burned')).toMatchObject({ after: '1000000000' });
  expect(entries.map(({ kind }) => kind)).toEqual(['Registered', 'OrderRegister']);
  expect((await served.neuron.listNeurons({ netuid: 1 })).neurons).toEqual([]);
});

test('what would be refused is refused with the same code', async () => {
  expect(await refusalOf(desk.address, transfer(String(10n ** 18n)))).toBe('INSUFFICIENT_FUNDS');
  expect(await refusalOf(desk.address, transfer('-1'))).toBe('INVALID_ARGUMENT');
  expect(await refusalOf(desk.address, orderIn({ case: 'vote', value: { proposal: 1n, choice: 'Yes' } }))).toBe(
    'PROPOSAL_UNKNOWN',
  );
  expect(
    await refusalOf(desk.address, orderIn({ case: 'swapBuy', value: { netuid: 1, amountRao: '5', minOut: '1' } })),
  ).toBe('POOL_UNKNOWN');
  const foreign = { netuid: 1, binding: bindingOf(keyOf('val-b'), owner), maxCostRao: '1000000000', attempt: 1n };
  expect(await refusalOf(desk.address, orderIn({ case: 'register', value: foreign }))).toBe('WRONG_SIGNER');
  for (const signer of ['', 'pot:1', '15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5']) {
    expect(await refusalOf(signer, transfer('1'))).toBe('INVALID_ARGUMENT');
  }
  expect(await refusalOf(desk.address, undefined)).toBe('INVALID_ARGUMENT');
  expect(await refusalOf(desk.address, orderIn(undefined))).toBe('INVALID_ARGUMENT');
});

test('over HTTP as JSON, and a refusal as a problem', async () => {
  const ask = async (order: WalletOrder) => {
    const response = await fetch(`http://127.0.0.1:${http.port}/v1/order-previews`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ signer: desk.address, order: toJson(WalletOrderSchema, order) }),
    });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  };
  expect(await ask(transfer('3'))).toMatchObject({
    status: 200,
    json: { entries: [{ kind: 'OrderTransfer' }], changes: [{ asset: 'TAO' }, { asset: 'TAO' }] },
  });
  expect(await ask(transfer(String(10n ** 18n)))).toMatchObject({ status: 422, json: { code: 'INSUFFICIENT_FUNDS' } });
});

test('a coldkey whose swap is announced would be refused, as it is', async () => {
  const announce = { newColdkeySha256: new Uint8Array(32).fill(3) };
  const order = orderIn({ case: 'announceColdkeySwap', value: announce });
  expect(await refusalOf(owner.address, transfer('1', desk.address))).toBe('told');
  await served.neuron.submitOrder({ order: orderOf(owner, 1n, order.order as Order) });
  expect(await refusalOf(owner.address, transfer('1', desk.address))).toBe('KEY_SWAP_PENDING');
  expect(await refusalOf(owner.address, orderIn({ case: 'disputeColdkeySwap', value: {} }))).toBe('told');
});
