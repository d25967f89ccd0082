import { BURNED, isBillingAccount, NETWORK, TREASURY } from '../book/account.ts';
import { canonicalText, escaped } from '../book/canonical-json.ts';
import type { Hold } from '../book/hold.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { addFees, feesOf } from './emission-utility.ts';
import type { Ledger } from './ledger.ts';
import { type MoneyOrderDone, once, type OnceOrder, stateOf } from './once.ts';

/** Billing's orders: transfers and holds on billing accounts, each under an idempotency key for ever. Money in rao. */
export interface TransferRequest {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
  readonly code: string;
  /** Unix milliseconds at which it counts for people, beside the block that records it; nothing is decided by it. */
  readonly effectiveAtMs?: number;
}

export type HoldRequest = Pick<Hold, 'id' | 'account' | 'amount' | 'expiresAtBlock'>;

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

const POST_PARTS_MAX = 16;

const TRANSFERRED = accept({ kind: 'Transfer' });
const HELD = accept({ kind: 'HoldCreated' });
const POSTED = accept({ kind: 'HoldPosted' });

export const transferKey = (id: string): string => `transfer:${id}`;
export const holdKey = (id: string): string => `hold:${id}`;
export const postKey = (id: string): string => `post:${id}`;

// `canonicalText` of the orders that are asked for most, whose members are known: it would sort them each time.

export function transferText({ id, from, to, amount, code, effectiveAtMs }: TransferRequest): string {
  const effective = effectiveAtMs === undefined ? '' : `"effectiveAtMs":${canonicalText(effectiveAtMs)},`;
  return `{"amount":"${amount}","code":"${escaped(code)}",${effective}"from":"${escaped(from)}","id":"${escaped(id)}","to":"${escaped(to)}"}`;
}

export function holdText({ id, account, amount, expiresAtBlock }: HoldRequest): string {
  return `{"account":"${escaped(account)}","amount":"${amount}","expiresAtBlock":${canonicalText(expiresAtBlock)},"id":"${escaped(id)}"}`;
}

export function postText({ id, holdId, parts, close }: PostRequest): string {
  const texts = parts.map(({ to, amount, code, netuid }) => {
    const market = netuid === undefined ? '' : `"netuid":${canonicalText(netuid)},`;
    return `{"amount":"${amount}","code":"${escaped(code)}",${market}"to":"${escaped(to)}"}`;
  });
  return `{"close":${close},"holdId":"${escaped(holdId)}","id":"${escaped(id)}","parts":[${texts.join(',')}]}`;
}

/** Moves money out of a billing account, once for each id. */
export function submitTransfer(
  ledger: Ledger,
  request: TransferRequest,
  key = transferKey(request.id),
): Decision<MoneyOrderDone> {
  const order: OnceOrder = {
    id: request.id,
    key,
    content: transferText(request),
    remaining: ([payer]) => payer?.spendable ?? 0n,
    accounts: () => [request.from, request.to],
  };
  return once(ledger, order, () => {
    if (!isBillingAccount(request.from)) return protectedAccount(request.from);
    const parts = [{ to: request.to, amount: request.amount }];
    const paid = ledger.book.pay({ asset: ledger.asset, from: request.from, parts });
    return paid.ok ? TRANSFERRED : paid;
  });
}

/** Reserves money of a billing account, once for each id. */
export function createHold(ledger: Ledger, request: HoldRequest, key = holdKey(request.id)): Decision<MoneyOrderDone> {
  const order = {
    id: request.id,
    key,
    content: holdText(request),
    remaining: () => ledger.book.holds.get(request.id)?.remaining ?? 0n,
    accounts: () => [request.account],
  };
  return once(ledger, order, () => {
    if (!isBillingAccount(request.account)) return protectedAccount(request.account);
    const opened = ledger.book.createHold({ ...request, asset: ledger.asset }, ledger.block);
    return opened.ok ? HELD : opened;
  });
}

/** Pays out of a hold, once for each id of a posting. */
export function postHold(ledger: Ledger, request: PostRequest, key = postKey(request.id)): Decision<MoneyOrderDone> {
  // While the hold is open: the last posting removes it.
  const payer = ledger.book.holds.get(request.holdId)?.account;
  const order = {
    id: request.id,
    key,
    content: postText(request),
    remaining: () => ledger.book.holds.get(request.holdId)?.remaining ?? 0n,
    accounts: () => [...(payer === undefined ? [] : [payer]), ...request.parts.map(({ to }) => to)],
  };
  return once(ledger, order, () => {
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
    return POSTED;
  });
}

/** Frees a hold. One that is closed already stays closed: nothing is done. */
export function voidHold(ledger: Ledger, id: string): Decision<MoneyOrderDone> {
  const voided = ledger.book.voidHold(id);
  if (!voided.ok) {
    const created = ledger.claims.find(holdKey(id));
    return created === undefined
      ? voided
      : accept({ sequence: created.sequence, remaining: 0n, repeated: true, after: [] });
  }
  const { account, remaining } = voided.value;
  const entry = ledger.journal.write({
    block: ledger.block,
    kind: 'HoldVoided',
    payload: { id, account, remaining },
  });
  return accept({ sequence: entry.sequence, remaining: 0n, repeated: false, after: [stateOf(ledger, account)] });
}

/** Whether an account may be paid by billing or by a wallet. Wallets' names are checked where SS58 is known. */
export function isCreditable(account: string, isWallet: (text: string) => boolean): boolean {
  return (
    account === NETWORK || account === BURNED || account === TREASURY || isBillingAccount(account) || isWallet(account)
  );
}

function protectedAccount(account: string): Decision<never> {
  return refuse('ACCOUNT_PROTECTED', `${account} is not a billing account: only its owner's signature moves its money`);
}

function closedOrUnknown(ledger: Ledger, holdId: string): Decision<never> {
  return ledger.claims.find(holdKey(holdId)) === undefined
    ? refuse('HOLD_UNKNOWN', `there is no hold ${holdId}`)
    : refuse('HOLD_CLOSED', `hold ${holdId} is closed: it was posted, voided, or its block came`);
}
