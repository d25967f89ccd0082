import { BURNED, isBillingAccount, NETWORK } from '../book/account.ts';
import { canonicalJson } from '../book/canonical-json.ts';
import type { Hold } from '../book/hold.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { addFees, feesOf } from './emission-utility.ts';
import type { Ledger } from './ledger.ts';

/** Billing's orders: transfers and holds on billing accounts, each under an idempotency key for ever. Money in rao. */
export interface TransferRequest {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
  readonly code: string;
}

export interface PostRequest {
  readonly id: string;
  readonly holdId: string;
  readonly parts: readonly {
    readonly to: string;
    readonly amount: bigint;
    readonly code: string;
    /** Of a part that burns the network fee of a market's use. */
    readonly netuid?: number;
  }[];
  readonly close: boolean;
}

export interface MoneyOrderDone {
  readonly sequence: number;
  /** Of the hold, or of what the payer can spend. */
  readonly remaining: bigint;
  readonly repeated: boolean;
}

const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}$/;
const POST_PARTS_MAX = 16;

export const transferKey = (id: string): string => `transfer:${id}`;
export const holdKey = (id: string): string => `hold:${id}`;
export const postKey = (id: string): string => `post:${id}`;

/** Moves money out of a billing account, once for each id. */
export function submitTransfer(ledger: Ledger, request: TransferRequest): Decision<MoneyOrderDone> {
  const content = canonicalJson({ ...request, amount: request.amount.toString() });
  const spendable = (): bigint => ledger.book.spendable(ledger.asset, request.from);
  return once(ledger, { id: request.id, key: transferKey(request.id), content, remaining: spendable }, () => {
    if (!isBillingAccount(request.from)) return protectedAccount(request.from);
    const parts = [{ to: request.to, amount: request.amount }];
    const paid = ledger.book.pay({ asset: ledger.asset, from: request.from, parts });
    return paid.ok ? accept({ kind: 'Transfer', payload: request, remaining: spendable() }) : paid;
  });
}

/** Reserves money of a billing account, once for each id. */
export function createHold(
  ledger: Ledger,
  request: Pick<Hold, 'id' | 'account' | 'amount' | 'expiresAtBlock'>,
): Decision<MoneyOrderDone> {
  const content = canonicalJson({ ...request, amount: request.amount.toString() });
  const remaining = (): bigint => ledger.book.holds.get(request.id)?.remaining ?? 0n;
  return once(ledger, { id: request.id, key: holdKey(request.id), content, remaining }, () => {
    if (!isBillingAccount(request.account)) return protectedAccount(request.account);
    const opened = ledger.book.createHold({ ...request, asset: ledger.asset }, ledger.block);
    if (!opened.ok) return opened;
    return accept({ kind: 'HoldCreated', payload: request, remaining: opened.value.remaining });
  });
}

/** Pays out of a hold, once for each id of a posting. */
export function postHold(ledger: Ledger, request: PostRequest): Decision<MoneyOrderDone> {
  const content = canonicalJson({
    ...request,
    parts: request.parts.map((part) => ({ ...part, amount: part.amount.toString() })),
  });
  const remaining = (): bigint => ledger.book.holds.get(request.holdId)?.remaining ?? 0n;
  return once(ledger, { id: request.id, key: postKey(request.id), content, remaining }, () => {
    if (request.parts.length > POST_PARTS_MAX) {
      return refuse('INVALID_ARGUMENT', `a posting has at most ${POST_PARTS_MAX} parts`);
    }
    // Billing splits by largest remainder, and a share of a tiny price may come to nothing.
    const parts = request.parts.filter((part) => part.amount !== 0n);
    const fees = feesOf(ledger, parts);
    if (!fees.ok) return fees;
    const posted = ledger.book.postHold({ ...request, parts });
    if (!posted.ok) return posted.code === 'HOLD_UNKNOWN' ? closedOrUnknown(ledger, request.holdId) : posted;
    addFees(ledger, fees.value);
    return accept({ kind: 'HoldPosted', payload: request, remaining: posted.value });
  });
}

/** Frees a hold. One that is closed already stays closed: nothing is done. */
export function voidHold(ledger: Ledger, id: string): Decision<MoneyOrderDone> {
  const voided = ledger.book.voidHold(id);
  if (!voided.ok) {
    const created = ledger.claims.find(holdKey(id));
    return created === undefined ? voided : accept({ sequence: created.sequence, remaining: 0n, repeated: true });
  }
  const { account, remaining } = voided.value;
  const entry = ledger.journal.write({
    block: ledger.block,
    kind: 'HoldVoided',
    payload: { id, account, remaining },
  });
  return accept({ sequence: entry.sequence, remaining: 0n, repeated: false });
}

/** Whether an account may be paid by billing or by a wallet. Wallets' names are checked where SS58 is known. */
export function isCreditable(account: string, isWallet: (text: string) => boolean): boolean {
  return account === NETWORK || account === BURNED || isBillingAccount(account) || isWallet(account);
}

interface Done {
  readonly kind: string;
  readonly payload: object;
  readonly remaining: bigint;
}

/** Runs an order unless its id is known: the same content is answered again, other content is refused. */
function once(
  ledger: Ledger,
  order: {
    readonly id: string;
    readonly key: string;
    readonly content: string;
    readonly remaining: () => bigint;
  },
  run: () => Decision<Done>,
): Decision<MoneyOrderDone> {
  if (!ID_PATTERN.test(order.id)) {
    return refuse('INVALID_ARGUMENT', 'id must be 1 to 200 characters of letters, digits and . _ : / -');
  }
  const contentSha256 = ledger.hashes.text(order.content);
  const earlier = ledger.claims.find(order.key);
  if (earlier !== undefined) {
    return earlier.contentSha256 === contentSha256
      ? accept({ sequence: earlier.sequence, remaining: order.remaining(), repeated: true })
      : refuse('EXISTS_WITH_DIFFERENT_CONTENT', `${order.key} exists with different content`);
  }
  const done = run();
  if (!done.ok) return done;
  const entry = ledger.journal.write({
    block: ledger.block,
    kind: done.value.kind,
    payload: done.value.payload,
    keys: [{ key: order.key, contentSha256 }],
  });
  ledger.claims.take(order.key, { sequence: entry.sequence, contentSha256 });
  return accept({ sequence: entry.sequence, remaining: done.value.remaining, repeated: false });
}

function protectedAccount(account: string): Decision<never> {
  return refuse('ACCOUNT_PROTECTED', `${account} is not a billing account: only its owner's signature moves its money`);
}

function closedOrUnknown(ledger: Ledger, holdId: string): Decision<never> {
  return ledger.claims.find(holdKey(holdId)) === undefined
    ? refuse('HOLD_UNKNOWN', `there is no hold ${holdId}`)
    : refuse('HOLD_CLOSED', `hold ${holdId} is closed: it was posted, voided, or its block came`);
}
