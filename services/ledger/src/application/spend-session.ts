import type { KeyObject } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { cheapRefusal } from '@subnetes/keys/envelope';
import { batchKeyOf, readSession, verifyBatch } from '@subnetes/keys/spend-session';
import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import {
  type SessionBatch,
  SessionBatchSchema,
  SessionScope as WireScope,
  type SessionOrder as WireOrder,
} from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { accept, type Decision, refuse } from '#domain/book/refusal.ts';
import { isCreditable } from '#domain/economy/money-orders.ts';
import { type AccountState, stateOf } from '#domain/economy/once.ts';
import {
  type BatchDone,
  batchRefusal,
  carryOutBatch,
  openSession,
  SESSION_ORDERS_MAX,
  type SessionGrant,
  type SessionOrder,
  type SessionRecord,
  type SessionScope,
} from '#domain/economy/session.ts';
import { isWallet, type SignedContext } from './read-signed.ts';
import type { Sequencer } from './sequencer.ts';
import type { Caller } from './fair-queue.ts';
import type { SignatureLane } from './signature-lane.ts';
import { positiveRao } from './positive-rao.ts';

export interface SessionPorts {
  readonly sequencer: Sequencer;
  readonly networkId: Uint8Array;
  readonly lane: SignatureLane;
}

/** Signatures of batches that are verified at once at most; they wait on other threads than this one. */
const VERIFYING_MAX = 1000;
/** Keys that are kept ready; making one takes as long as a third of a verification. */
const KEYS_MAX = 1000;

const SCOPES: ReadonlyMap<WireScope, SessionScope> = new Map([
  [WireScope.FUND, 'Fund'],
  [WireScope.TRANSFER, 'Transfer'],
  [WireScope.STAKE, 'Stake'],
]);

/** Opens what a wallet signed. */
export function makeOpenSession({ sequencer, networkId, lane }: SessionPorts) {
  return async (envelope: SignedEnvelope | undefined, caller: Caller): Promise<Decision<SessionRecord>> => {
    const block = await sequencer.read((ledger) => ledger.block);
    const read = await lane.verify(caller, () => grantOf(envelope, { networkId, block }));
    return read.ok ? sequencer.submit({ run: (ledger) => openSession(ledger, read.value) }) : read;
  };
}

function grantOf(envelope: SignedEnvelope | undefined, { networkId, block }: SignedContext): Decision<SessionGrant> {
  const read = readSession(envelope, { networkId, block: BigInt(block), takesEd25519: true });
  if (!read.ok) return refuse(read.reason, read.message);
  const { id, wallet, publicKey, scopes, maxPerOrder, maxTotal, expiresAtBlock } = read.session;
  if (expiresAtBlock > BigInt(Number.MAX_SAFE_INTEGER)) {
    return refuse('MALFORMED_ENVELOPE', 'expires_at_block must be below 2^53');
  }
  return accept({
    id,
    ...(read.scheme === 'ed25519' ? { scheme: read.scheme } : {}),
    wallet,
    publicKey: Buffer.from(publicKey).toString('hex'),
    scopes: [...new Set(scopes.map((scope) => SCOPES.get(scope)).filter((scope) => scope !== undefined))],
    maxPerOrder,
    maxTotal,
    expiresAtBlock: Number(expiresAtBlock),
  });
}

export interface BatchResult extends BatchDone {
  readonly wallet: AccountState;
}

/** Carries out what a session's key signed. What can be refused without looking at the signature is. */
export function makeSubmitBatch({ sequencer, networkId }: SessionPorts) {
  const keys = new SessionKeys();
  let verifying = 0;
  return async (envelope: SignedEnvelope | undefined): Promise<Decision<BatchResult>> => {
    if (envelope === undefined) return refuse('ENVELOPE_MISSING', 'the signed batch is missing');
    const batch = batchOf(envelope);
    if (!batch.ok) return batch;
    const session = await sequencer.read((ledger) => {
      const demand = { networkId, type: EnvelopeType.SESSION_BATCH, block: BigInt(ledger.block), isDirect: true };
      const violation = cheapRefusal(envelope, demand);
      return violation === undefined ? batchRefusal(ledger, batch.value) : refuse(violation.reason, violation.message);
    });
    if (!session.ok) return session;
    if (verifying >= VERIFYING_MAX) {
      return refuse('SIGNATURES_BUSY', `${VERIFYING_MAX} signatures are being verified already: try again later`);
    }
    verifying += 1;
    const isGood = await verifyBatch(envelope, networkId, keys.of(session.value)).finally(() => (verifying -= 1));
    if (!isGood) return refuse('BAD_SIGNATURE', "the signature is not of this session's key over this batch");
    const orders = ordersOf(envelope.payload);
    if (!orders.ok) return orders;
    return sequencer.submit({
      run: (ledger) => {
        const done = carryOutBatch(ledger, { ...batch.value, orders: orders.value });
        return done.ok ? accept({ ...done.value, wallet: stateOf(ledger, batch.value.wallet) }) : done;
      },
    });
  };
}

function batchOf({ signer, registrationId, sequence, expiresAtBlock }: SignedEnvelope) {
  if (registrationId.length !== 32) return refuse('MALFORMED_ENVELOPE', 'registration_id must be the id of a session');
  if (sequence > BigInt(Number.MAX_SAFE_INTEGER) || expiresAtBlock > BigInt(Number.MAX_SAFE_INTEGER)) {
    return refuse('MALFORMED_ENVELOPE', 'sequence and expires_at_block must be below 2^53');
  }
  return accept({
    wallet: signer,
    sessionId: Buffer.from(registrationId).toString('hex'),
    sequence: Number(sequence),
    expiresAtBlock: Number(expiresAtBlock),
  });
}

function ordersOf(payload: Uint8Array): Decision<readonly SessionOrder[]> {
  let batch: SessionBatch;
  try {
    batch = fromBinary(SessionBatchSchema, payload);
  } catch {
    return refuse('MALFORMED_ENVELOPE', 'the payload is no SessionBatch');
  }
  return sessionOrdersOf(batch);
}

/** The orders of a batch; who may give them is not looked at. */
export function sessionOrdersOf(batch: SessionBatch): Decision<readonly SessionOrder[]> {
  if (batch.orders.length > SESSION_ORDERS_MAX) {
    return refuse('INVALID_ARGUMENT', `a batch has at most ${SESSION_ORDERS_MAX} orders`);
  }
  const orders: SessionOrder[] = [];
  for (const [at, { order }] of batch.orders.entries()) {
    const read = orderOf(order);
    if (!read.ok) return { ...read, field: `orders[${at}]`, message: `orders[${at}]: ${read.message}` };
    orders.push(read.value);
  }
  return accept(orders);
}

function orderOf(order: WireOrder['order']): Decision<SessionOrder> {
  switch (order.case) {
    case 'transfer': {
      const { to, code, amountRao } = order.value;
      const amount = positiveRao(amountRao);
      if (!amount.ok) return amount;
      if (code.length > 64) return refuse('INVALID_ARGUMENT', 'code has at most 64 characters');
      return isCreditable(to, isWallet)
        ? accept({ type: 'Transfer', to, amount: amount.value, code })
        : refuse('INVALID_ARGUMENT', 'to must be an SS58 address with prefix 42 or a billing account');
    }
    case 'addStake': {
      const { netuid, hotkey, amountRao } = order.value;
      const amount = positiveRao(amountRao);
      return amount.ok ? accept({ type: 'AddStake', netuid, hotkey, amount: amount.value }) : amount;
    }
    case undefined:
      return refuse('INVALID_ARGUMENT', 'the order is empty');
  }
}

/** Session keys that were used last. */
class SessionKeys {
  readonly #keys = new Map<string, KeyObject>();

  of({ publicKey }: SessionRecord): KeyObject {
    const kept = this.#keys.get(publicKey);
    if (kept !== undefined) return kept;
    const key = batchKeyOf(Buffer.from(publicKey, 'hex'));
    if (key === undefined) throw new Error('a session was opened with a key that is none');
    if (this.#keys.size >= KEYS_MAX) this.#keys.clear();
    this.#keys.set(publicKey, key);
    return key;
  }
}
