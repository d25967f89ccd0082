import { create } from '@bufbuild/protobuf';
import { newSessionKey, certifySessionKey } from '@subnetes/keys/session-key';
import { type BatchTerms, type SessionTerms, sessionIdOf, signBatch, signSession } from '@subnetes/keys/spend-session';
import { signEnvelope } from '@subnetes/keys/envelope';
import { networkIdOf } from '@subnetes/keys/canonical-hash';
import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { SessionBatchSchema, SessionScope } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { desk, genesis, keyOf, networkId, orderOf, owner } from './market.ts';
import { type ServedLedger, serveLedger } from './served-ledger.ts';

let served: ServedLedger;

beforeEach(async () => {
  served = await serveLedger();
});
afterEach(async () => {
  await served[Symbol.asyncDispose]();
});

const refusal = (reason: string) => expect.objectContaining({ name: 'RpcError', reason });
const key = newSessionKey();
const terms = (change: Partial<SessionTerms> = {}): SessionTerms => ({
  networkId,
  publicKey: key.publicKey,
  scopes: [SessionScope.FUND],
  maxPerOrder: 100n,
  maxTotal: 250n,
  expiresAtBlock: 20n,
  nonce: new Uint8Array(16).fill(1),
  ...change,
});

async function open(change: Partial<SessionTerms> = {}): Promise<Uint8Array> {
  const { sessionId } = await served.neuron.openSession({ session: signSession(terms(change), desk) });
  return sessionId;
}

type Order = readonly [to: string, rao: bigint];
const ordersOf = (orders: readonly Order[]) =>
  create(SessionBatchSchema, {
    orders: orders.map(([to, rao]) => ({
      order: { case: 'transfer' as const, value: { to, amountRao: rao.toString(), code: 'top-up' } },
    })),
  });
function batchOf(sessionId: Uint8Array, sequence: bigint, orders: readonly Order[], change: Partial<BatchTerms> = {}) {
  const batch = ordersOf(orders);
  const of = { networkId, sessionId, wallet: desk.address, sequence, expiresAtBlock: 10n, ...change };
  return signBatch(of, batch, key);
}
/** As long as a test may take: what waits behind a flood is not late. */
const PATIENT = { deadlineMs: 100_000 };
const submit = (batch: SignedEnvelope) => served.neuron.submitSessionBatch({ batch }, PATIENT);
const shop = async () => (await served.neuron.getBalances({ accounts: ['billing:shop'] })).balances[0]?.posted?.amount;

test('what a batch would do is told without its signature, and is what it then does', async () => {
  const sessionId = await open();
  const orders: readonly Order[] = [
    ['billing:shop', 100n],
    ['billing:shop', 50n],
  ];
  const preview = (batch: readonly Order[], change: object = {}) =>
    served.preview.previewSessionBatch({ wallet: desk.address, sessionId, batch: ordersOf(batch), ...change });
  const { changes, entries } = await preview(orders);
  expect(entries.map(({ kind }) => kind)).toEqual(['SessionTransfer', 'SessionTransfer']);
  expect(changes.find(({ account }) => account === 'billing:shop')).toMatchObject({ before: '0', after: '150' });
  expect(await shop()).not.toBe('150');
  await expect(preview([['billing:shop', 101n]])).rejects.toEqual(refusal('SESSION_LIMIT'));
  await expect(preview([...orders, ['billing:shop', 100n], ['billing:shop', 1n]])).rejects.toEqual(
    refusal('SESSION_EXHAUSTED'),
  );
  await expect(preview([[owner.address, 1n]])).rejects.toEqual(refusal('SESSION_SCOPE'));
  await expect(preview(orders, { sessionId: new Uint8Array(32) })).rejects.toEqual(refusal('SESSION_UNKNOWN'));
  for (const change of [{ sessionId: new Uint8Array(3) }, { wallet: 'pot:1' }, { batch: undefined }]) {
    await expect(preview(orders, change)).rejects.toEqual(refusal('INVALID_ARGUMENT'));
  }
  const done = await submit(batchOf(sessionId, 1n, orders));
  expect(done).toMatchObject({ usedRao: '150' });
  expect(await shop()).toBe('150');
});

test('a wallet signs once, then its key spends within limits, one signature a batch', async () => {
  const id = await open();
  const done = await submit(
    batchOf(id, 1n, [
      ['billing:shop', 100n],
      ['billing:shop', 50n],
    ]),
  );
  expect(done).toMatchObject({
    firstSequence: 3n,
    lastSequence: 4n,
    usedRao: '150',
    wallet: { account: desk.address },
  });
  await expect(submit(batchOf(id, 2n, [['billing:shop', 101n]]))).rejects.toEqual(refusal('SESSION_LIMIT'));
  await expect(submit(batchOf(id, 2n, [[owner.address, 1n]]))).rejects.toEqual(refusal('SESSION_SCOPE'));
  const overdrawn: Order[] = [
    ['billing:shop', 60n],
    ['billing:shop', 60n],
  ];
  await expect(submit(batchOf(id, 2n, overdrawn))).rejects.toEqual(refusal('SESSION_EXHAUSTED'));
  expect(await shop(), 'nothing of a refused batch happens').toBe('150');
  // Its sequence is not used up either.
  await submit(batchOf(id, 2n, [['billing:shop', 100n]]));
  expect(await served.neuron.getSession({ wallet: desk.address, sessionId: id })).toMatchObject({
    usedRao: '250',
    lastSequence: 2n,
    revoked: false,
  });
  const { entries } = await served.neuron.listEntries({ account: 'billing:shop' });
  expect(entries.map(({ kind }) => kind)).toEqual(['SessionTransfer', 'SessionTransfer', 'SessionTransfer']);
});

test('a session is opened once, and not again to spend again', async () => {
  const id = await open();
  await submit(batchOf(id, 5n, [['billing:shop', 100n]]));
  expect(await open()).toEqual(id);
  expect(await served.neuron.getSession({ wallet: desk.address, sessionId: id })).toMatchObject({ usedRao: '100' });
  await expect(submit(batchOf(id, 5n, [['billing:shop', 100n]]))).rejects.toEqual(refusal('ENVELOPE_REPLAYED'));
  await expect(submit(batchOf(id, 4n, [['billing:shop', 1n]]))).rejects.toEqual(refusal('ENVELOPE_REPLAYED'));
});

test('a revoked session is over, also one that was never opened', async () => {
  const id = await open();
  const unseen = signSession(terms({ nonce: new Uint8Array(16).fill(2) }), desk);
  const revoke = (sessionId: Uint8Array, sequence: bigint) => {
    const value = { $typeName: 'subnetes.ledger.v1.RevokeSessionOrder' as const, sessionId };
    return served.neuron.submitOrder({ order: orderOf(desk, sequence, { case: 'revokeSession', value }) });
  };
  await revoke(id, 1n);
  await revoke(sessionIdOf(unseen), 2n);
  await expect(submit(batchOf(id, 1n, [['billing:shop', 1n]]))).rejects.toEqual(refusal('SESSION_REVOKED'));
  await expect(open()).rejects.toEqual(refusal('SESSION_REVOKED'));
  await expect(served.neuron.openSession({ session: unseen })).rejects.toEqual(refusal('SESSION_REVOKED'));
  expect(await open({ nonce: new Uint8Array(16).fill(3) })).toHaveLength(32);
});

test('sessions and batches end with their block', async () => {
  const id = await open();
  await served.produce(11);
  await expect(submit(batchOf(id, 1n, [['billing:shop', 1n]]))).rejects.toEqual(refusal('ENVELOPE_EXPIRED'));
  await submit(batchOf(id, 1n, [['billing:shop', 1n]], { expiresAtBlock: 100n }));
  await served.produce(10);
  const late = batchOf(id, 2n, [['billing:shop', 1n]], { expiresAtBlock: 100n });
  await expect(submit(late)).rejects.toEqual(refusal('SESSION_EXPIRED'));
  await expect(open()).rejects.toEqual(refusal('ENVELOPE_EXPIRED'));
});

test('a wallet has so many sessions, and a key that never had anything has none', async () => {
  for (let at = 1; at <= 16; at += 1) await open({ nonce: new Uint8Array(16).fill(at) });
  await expect(open({ nonce: new Uint8Array(16).fill(17) })).rejects.toEqual(refusal('SESSION_COUNT'));
  const stranger = signSession(terms(), keyOf('nobody'));
  await expect(served.neuron.openSession({ session: stranger })).rejects.toEqual(refusal('INSUFFICIENT_FUNDS'));
});

test.for<readonly [string, (batch: SignedEnvelope) => SignedEnvelope, string]>([
  ['no signature', (batch) => ({ ...batch, signature: new Uint8Array() }), 'BAD_SIGNATURE'],
  ['zeros', (batch) => ({ ...batch, signature: new Uint8Array(64) }), 'BAD_SIGNATURE'],
  [
    'a flipped bit in the signature',
    (batch) => ({ ...batch, signature: flipped(batch.signature, 7) }),
    'BAD_SIGNATURE',
  ],
  ['a flipped bit in the orders', (batch) => ({ ...batch, payload: flipped(batch.payload, 9) }), 'BAD_SIGNATURE'],
  ['another sequence', (batch) => ({ ...batch, sequence: 9n }), 'BAD_SIGNATURE'],
  ['another end', (batch) => ({ ...batch, expiresAtBlock: 11n }), 'BAD_SIGNATURE'],
  ['another wallet', (batch) => ({ ...batch, signer: owner.address }), 'SESSION_UNKNOWN'],
  ['another session', (batch) => ({ ...batch, registrationId: flipped(batch.registrationId, 3) }), 'SESSION_UNKNOWN'],
  ['a session id that is none', (batch) => ({ ...batch, registrationId: new Uint8Array(31) }), 'MALFORMED_ENVELOPE'],
  ['another type', (batch) => ({ ...batch, type: EnvelopeType.WALLET_ORDER }), 'WRONG_ENVELOPE_TYPE'],
  ['another network', (batch) => ({ ...batch, networkId: flipped(batch.networkId, 0) }), 'WRONG_NETWORK'],
  // The wallet's own sr25519 signature over the same bytes: the scheme is pinned to the session's key.
  ['the wallet itself', (batch) => ({ ...signEnvelope(batch, desk) }), 'BAD_SIGNATURE'],
  ['a malleable signature', (batch) => ({ ...batch, signature: withHighS(batch.signature) }), 'BAD_SIGNATURE'],
])('a batch with %s is refused', async ([, change, code]) => {
  const id = await open();
  const good = batchOf(id, 1n, [['billing:shop', 1n]]);
  await expect(submit(change(good))).rejects.toEqual(refusal(code));
  await submit(good);
  expect(await shop()).toBe('1');
});

test('what was signed for another ledger is worth nothing here, whatever it says of itself', async () => {
  const foreign = networkIdOf({ ...genesis, blockReward: '2' });
  const session = signSession(terms({ networkId: foreign }), desk);
  await expect(served.neuron.openSession({ session })).rejects.toEqual(refusal('WRONG_NETWORK'));
  await expect(served.neuron.openSession({ session: { ...session, networkId } })).rejects.toEqual(
    refusal('BAD_SIGNATURE'),
  );
  const id = await open();
  const batch = batchOf(id, 1n, [['billing:shop', 1n]], { networkId: foreign });
  await expect(submit({ ...batch, networkId })).rejects.toEqual(refusal('BAD_SIGNATURE'));
});

test("a hotkey's session key for announcements signs no order of its wallet", async () => {
  const session = newSessionKey();
  const none = new Uint8Array(0);
  const of = { networkId, registrationId: none, sequence: 1n, expiresAtBlock: 1000n };
  const certificate = certifySessionKey(desk, session.publicKey, of);
  const value = { $typeName: 'subnetes.ledger.v1.TransferOrder' as const, to: owner.address, amountRao: '5' };
  const order = orderOf(desk, 1n, { case: 'transfer', value });
  const forged = { ...order, sessionKey: certificate, signature: session.sign(new Uint8Array(32)) };
  await expect(served.neuron.submitOrder({ order: forged })).rejects.toEqual(refusal('WRONG_SIGNER'));
});

test('bytes that are no batch, and too many orders, are refused by name', async () => {
  const id = await open({ scopes: [SessionScope.FUND, SessionScope.TRANSFER] });
  const many = Array.from({ length: 257 }, (): Order => ['billing:shop', 1n]);
  await expect(submit(batchOf(id, 1n, many))).rejects.toEqual(refusal('INVALID_ARGUMENT'));
  await expect(submit(batchOf(id, 1n, []))).rejects.toEqual(refusal('INVALID_ARGUMENT'));
  const second: Order[] = [
    ['billing:shop', 1n],
    ['pot:1', 1n],
  ];
  await expect(submit(batchOf(id, 1n, second))).rejects.toMatchObject({
    message: expect.stringContaining('orders[1]'),
  });
});

test('a flood of bad signatures is refused, and good ones come through', async () => {
  const id = await open({ maxTotal: 1000n });
  const value = { $typeName: 'subnetes.ledger.v1.TransferOrder' as const, to: owner.address, amountRao: '5' };
  const order = orderOf(desk, 1n, { case: 'transfer', value });
  const forged = { ...order, signature: flipped(order.signature, 5) };
  const bad = batchOf(id, 999n, [['billing:shop', 1n]]);
  const reasons = new Map<string, number>();
  const attack = (call: Promise<unknown>): Promise<void> =>
    call.then(
      () => {
        throw new Error('a forgery was carried out');
      },
      (error: { reason: string }) => {
        reasons.set(error.reason, (reasons.get(error.reason) ?? 0) + 1);
      },
    );
  const flood = Array.from({ length: 600 }, () => [
    attack(served.neuron.submitOrder({ order: forged }, PATIENT)),
    attack(submit({ ...bad, signature: flipped(bad.signature, 5) })),
  ]).flat();
  for (let sequence = 1n; sequence <= 50n; sequence += 1n) await submit(batchOf(id, sequence, [['billing:shop', 1n]]));
  expect(await shop()).toBe('50');
  await Promise.all(flood);
  expect(reasons.get('BAD_SIGNATURE')).toBeGreaterThanOrEqual(600);
  expect([...reasons.keys()].toSorted()).toEqual(['BAD_SIGNATURE', 'SIGNATURES_BUSY']);
});

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
}

/** The same signature with s + l instead of s: valid where a verifier does not reduce. */
function withHighS(signature: Uint8Array): Uint8Array {
  const order = (1n << 252n) + 27742317777372353535851937790883648493n;
  const bytes = Uint8Array.from(signature);
  let s = 0n;
  for (let at = 63; at >= 32; at -= 1) s = (s << 8n) | BigInt(bytes[at] ?? 0);
  s += order;
  for (let at = 32; at < 64; at += 1) {
    bytes[at] = Number(s & 255n);
    s >>= 8n;
  }
  return bytes;
}
