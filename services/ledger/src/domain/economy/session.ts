import { isBillingAccount } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { pinScheme, type Scheme } from '../keys/scheme.ts';
import { swapBar } from '../keys/swap-bar.ts';
import type { Ledger } from './ledger.ts';
import { addStake, ownNeuron } from './stake.ts';

/** What a session's key may do: Fund pays billing accounts, Transfer anybody, Stake the wallet's own neurons. */
export type SessionScope = 'Fund' | 'Transfer' | 'Stake';

/** What a wallet let an ed25519 key do, after its signature was verified. Money in rao. */
export interface SessionGrant {
  /** Hex: the session's name in the journal. */
  readonly id: string;
  /** Of the wallet's signature; absent: sr25519. */
  readonly scheme?: Scheme;
  /** SS58. */
  readonly wallet: string;
  /** Hex. */
  readonly publicKey: string;
  readonly scopes: readonly SessionScope[];
  readonly maxPerOrder: bigint;
  readonly maxTotal: bigint;
  /** Its last block. */
  readonly expiresAtBlock: number;
}

/** What the ledger remembers of a session. */
export interface SessionRecord extends SessionGrant {
  readonly used: bigint;
  /** Of the last batch; 0 before the first. */
  readonly sequence: number;
  readonly revoked: boolean;
}

export type SessionOrder =
  | { readonly type: 'Transfer'; readonly to: string; readonly amount: bigint; readonly code: string }
  | { readonly type: 'AddStake'; readonly netuid: number; readonly hotkey: string; readonly amount: bigint };

/** Orders under one signature, which was verified. */
export interface SignedBatch {
  readonly wallet: string;
  readonly sessionId: string;
  readonly sequence: number;
  readonly expiresAtBlock: number;
  readonly orders: readonly SessionOrder[];
}

export interface BatchDone {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly used: bigint;
}

/** Sessions of one wallet that have not ended, at most. */
export const SESSIONS_MAX = 16;
/** Orders under one signature at most. */
export const SESSION_ORDERS_MAX = 256;

/** The wallet is part of the key, so that nobody can revoke or use up a session that is not theirs. */
export function sessionKey(wallet: string, id: string): string {
  return `${wallet}/${id}`;
}

/** Opens a session that its wallet signed. The same one again is answered as it stands: nothing is given anew. */
export function openSession(ledger: Ledger, grant: SessionGrant): Decision<SessionRecord> {
  const { id, wallet, expiresAtBlock } = grant;
  const known = ledger.sessions.get(sessionKey(wallet, id));
  if (known?.revoked === true) return refuse('SESSION_REVOKED', `${wallet} revoked this session: sign a new one`);
  if (known !== undefined) return accept(known);
  if (expiresAtBlock < ledger.block) return ended(expiresAtBlock, ledger.block);
  const barred = pinScheme(ledger, wallet, grant.scheme) ?? swapBar(ledger, wallet);
  if (barred !== undefined) return barred;
  // Or anybody could fill the ledger with sessions of keys that never had anything.
  if (ledger.book.posted(ledger.asset, wallet) === 0n) {
    return refuse('INSUFFICIENT_FUNDS', `${wallet} has nothing that a session could spend`);
  }
  const open = (ledger.sessionLists.get(wallet) ?? []).filter((other) => !isOver(ledger, wallet, other));
  if (open.length >= SESSIONS_MAX) {
    return refuse('SESSION_COUNT', `${wallet} has ${SESSIONS_MAX} sessions: wait for the end of one`);
  }
  const record: SessionRecord = { ...grant, used: 0n, sequence: 0, revoked: false };
  ledger.sessions.put(sessionKey(wallet, id), record);
  ledger.sessionLists.put(wallet, [...open, id]);
  ledger.journal.write({ block: ledger.block, kind: 'SessionOpened', payload: grant });
  return accept(record);
}

/** Ends a session before its block; one that was never opened cannot be opened afterwards. */
export function revokeSession(ledger: Ledger, wallet: string, id: string): void {
  const known = ledger.sessions.get(sessionKey(wallet, id));
  const neverOpened = {
    publicKey: '',
    scopes: [],
    maxPerOrder: 0n,
    maxTotal: 0n,
    expiresAtBlock: 0,
    used: 0n,
    sequence: 0,
  };
  ledger.sessions.put(sessionKey(wallet, id), { id, wallet, ...(known ?? neverOpened), revoked: true });
}

/** Why a batch cannot be taken, whatever is in it; what can be told before its signature is verified. */
export function batchRefusal(
  ledger: Ledger,
  batch: Pick<SignedBatch, 'wallet' | 'sessionId' | 'sequence' | 'expiresAtBlock'>,
): Decision<SessionRecord> {
  const session = ledger.sessions.get(sessionKey(batch.wallet, batch.sessionId));
  if (session === undefined) return refuse('SESSION_UNKNOWN', `${batch.wallet} has no such session: open it first`);
  if (session.revoked) return refuse('SESSION_REVOKED', `${batch.wallet} revoked this session: sign a new one`);
  if (session.expiresAtBlock < ledger.block) return ended(session.expiresAtBlock, ledger.block);
  const barred = swapBar(ledger, batch.wallet);
  if (barred !== undefined) return barred;
  if (batch.expiresAtBlock < ledger.block) {
    return refuse(
      'ENVELOPE_EXPIRED',
      `the batch ended at block ${batch.expiresAtBlock}, this is block ${ledger.block}`,
    );
  }
  if (batch.sequence <= session.sequence) {
    return refuse(
      'ENVELOPE_REPLAYED',
      `the session has used sequence ${session.sequence}: a batch needs a higher one, and each is carried out once`,
    );
  }
  return accept(session);
}

/** Carries a batch out: all of it, or nothing, and then its sequence is not used up either. */
export function carryOutBatch(ledger: Ledger, batch: SignedBatch): Decision<BatchDone> {
  const taken = batchRefusal(ledger, batch);
  if (!taken.ok) return taken;
  const session = taken.value;
  if (batch.orders.length === 0 || batch.orders.length > SESSION_ORDERS_MAX) {
    return refuse(
      'INVALID_ARGUMENT',
      `a batch has 1 to ${SESSION_ORDERS_MAX} orders, this one has ${batch.orders.length}`,
    );
  }
  const firstSequence = ledger.journal.head.sequence + 1;
  let { used } = session;
  for (const [at, order] of batch.orders.entries()) {
    const done = carryOut(ledger, { session: { ...session, used }, order, batch: batch.sequence, at });
    if (!done.ok) return { ...done, field: `orders[${at}]`, message: `orders[${at}]: ${done.message}` };
    used += order.amount;
  }
  ledger.sessions.put(sessionKey(batch.wallet, batch.sessionId), { ...session, used, sequence: batch.sequence });
  return accept({ firstSequence, lastSequence: ledger.journal.head.sequence, used });
}

interface OrderInBatch {
  readonly session: SessionRecord;
  readonly order: SessionOrder;
  readonly batch: number;
  readonly at: number;
}

function carryOut(ledger: Ledger, { session, order, batch, at }: OrderInBatch): Decision<undefined> {
  const limited = checkLimits(session, order);
  if (!limited.ok) return limited;
  const { wallet } = session;
  const moved =
    order.type === 'Transfer'
      ? ledger.book.pay({ asset: ledger.asset, from: wallet, parts: [{ to: order.to, amount: order.amount }] })
      : stakeOwn(ledger, wallet, order);
  if (!moved.ok) return moved;
  const { type, ...details } = order;
  const kind = type === 'Transfer' ? 'SessionTransfer' : 'SessionStake';
  const payload = { signer: wallet, session: session.id, batch, at, ...details };
  ledger.journal.write({ block: ledger.block, kind, payload });
  return accept(undefined);
}

function checkLimits(session: SessionRecord, order: SessionOrder): Decision<undefined> {
  const needed = scopesOf(order);
  if (!needed.some((scope) => session.scopes.includes(scope))) {
    return refuse(
      'SESSION_SCOPE',
      `the session allows ${session.scopes.join(', ')}, the order needs ${needed.join(' or ')}`,
    );
  }
  if (order.amount <= 0n) return refuse('INVALID_ARGUMENT', `the amount must be at least 1, not ${order.amount}`);
  if (order.amount > session.maxPerOrder) {
    return refuse('SESSION_LIMIT', `the session allows ${session.maxPerOrder} rao an order, not ${order.amount}`);
  }
  const left = session.maxTotal - session.used;
  return order.amount > left
    ? refuse(
        'SESSION_EXHAUSTED',
        `${left} of ${session.maxTotal} rao are left on the session, ${order.amount} are needed`,
      )
    : accept(undefined);
}

/** Any of them is enough. */
function scopesOf(order: SessionOrder): readonly SessionScope[] {
  if (order.type === 'AddStake') return ['Stake'];
  return isBillingAccount(order.to) ? ['Fund', 'Transfer'] : ['Transfer'];
}

function stakeOwn(ledger: Ledger, wallet: string, order: Extract<SessionOrder, { readonly type: 'AddStake' }>) {
  const neuron = ownNeuron(ledger, wallet, order);
  return neuron.ok ? addStake(ledger, { ...order, payer: wallet }) : neuron;
}

/** Ended ones are forgotten: their documents cannot be opened again. */
function isOver(ledger: Ledger, wallet: string, id: string): boolean {
  const key = sessionKey(wallet, id);
  const session = ledger.sessions.get(key);
  if (session !== undefined && session.expiresAtBlock >= ledger.block) return false;
  if (session !== undefined) ledger.sessions.remove(key);
  return true;
}

function ended(expiresAtBlock: number, block: number): Decision<never> {
  return refuse(
    'SESSION_EXPIRED',
    `the session ended at block ${expiresAtBlock}, this is block ${block}: sign a new one`,
  );
}
