/** The account that stands at minus what was issued of an asset; the only one that may be negative. */
export const MINT = 'mint';

/** Where burned money goes: an account without a key. Issuance stays, so burned money is never minted again. */
export const BURNED = 'burned';

/** The network's share of sales. */
export const NETWORK = 'network';

/** What the network spends by proposals alone: an account without a key. */
export const TREASURY = 'treasury';

/** What slashes took from neurons at fault and neither burned nor gave to who reported; an account without a key. */
export const INSURANCE = 'insurance';

/** What reporters of offences put up until it is decided. */
export const SLASH_DEPOSITS = 'slash-deposits';

/** Magnitudes above this do not fit NUMERIC(39,0). */
export const BALANCE_MAX = 10n ** 39n - 1n;

/** One balance. Spendable is posted minus held. */
export interface Account {
  readonly id: string;
  readonly asset: string;
  /** Smallest units; negative for the mint account alone. */
  readonly posted: bigint;
  /** Smallest units that open holds reserve. */
  readonly held: bigint;
}

/** What a subnet has accrued for its next epoch. */
export function potOf(netuid: number): string {
  return `pot:${netuid}`;
}

/** What a sealed and not yet paid epoch of a subnet distributes. */
export function sealedOf(netuid: number): string {
  return `sealed:${netuid}`;
}

/** What an epoch's truncation left over; it goes into the next pot. */
export function unattributedOf(netuid: number): string {
  return `unattributed:${netuid}`;
}

/** A coldkey's stake on a hotkey in a subnet. */
export function stakeOf(netuid: number, hotkey: string, coldkey: string): string {
  return `stake:${netuid}:${hotkey}:${coldkey}`;
}

/** What others than its owner have delegated to a hotkey in a subnet, and what that earned. */
export function delegatedOf(netuid: number, hotkey: string): string {
  return `delegated:${netuid}:${hotkey}`;
}

/** What was delegated to a hotkey since the last seal of the subnet, and counts from the next one on. */
export function delegatingOf(netuid: number, hotkey: string): string {
  return `delegating:${netuid}:${hotkey}`;
}

/** A subnet's pool: its reserves of the network's token and of the subnet's. */
export function poolOf(netuid: number): string {
  return `pool:${netuid}`;
}

/** What blocks have bought of a subnet's token. Nobody has a key to it. */
export function protocolOf(netuid: number): string {
  return `protocol:${netuid}`;
}

/** What a proposal's author put down for it. */
export function depositOf(proposal: number): string {
  return `deposit:${proposal}`;
}

/** What a grant has not paid yet. */
export function grantOf(grant: number): string {
  return `grant:${grant}`;
}

/** What has left a hotkey in a subnet and waits for its release. */
export function unbondingOf(netuid: number, hotkey: string): string {
  return `unbonding:${netuid}:${hotkey}`;
}

/** What a newcomer has paid for a place in a subnet that it waits for. */
export function waitingOf(netuid: number, hotkey: string): string {
  return `waiting:${netuid}:${hotkey}`;
}

/** What an owner has locked for a subnet, for as long as there is one. */
export function lockOf(netuid: number): string {
  return `lock:${netuid}`;
}

const BILLING = 'billing:';
const LABEL_MAX = 63;
const [HYPHEN, ZERO, NINE, A, Z] = [0x2d, 0x30, 0x39, 0x61, 0x7a];

/**
 * Whether the name is of a billing account, which wallets fund and billing spends: what follows `billing:` is a DNS label. Every
 * order asks it of each account, and a pattern takes several times as long.
 */
export function isBillingAccount(id: string): boolean {
  const last = id.length - 1;
  const isLong = last >= BILLING.length + LABEL_MAX;
  if (last < BILLING.length || isLong || !id.startsWith(BILLING)) return false;
  for (let at = BILLING.length; at <= last; at += 1) {
    const code = id.charCodeAt(at);
    const isInner = code === HYPHEN && at > BILLING.length && at < last;
    if (!isInner && (code < ZERO || code > Z || (code > NINE && code < A))) return false;
  }
  return true;
}

/** Key of an account in the book. */
export function accountKey(asset: string, id: string): string {
  return `${asset}/${id}`;
}
