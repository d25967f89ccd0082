import { accept, type Decision, type Refusal, refuse } from './refusal.ts';

/** One leg of an entry. Amounts in the asset's smallest unit. */
export interface EntryPosting {
  readonly account: string;
  readonly asset: string;
  readonly delta: bigint;
  readonly balanceAfter: bigint;
}

/** An entry of the ledger's journal, as its canonical text says it. */
export interface LedgerEntry {
  readonly block: number;
  readonly kind: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly postings: readonly EntryPosting[];
}

/** Reads the text that a journal's hash covers. The text should be proven first: here only its form is judged. */
export function readEntryText(text: string): Decision<LedgerEntry> {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return malformed('is no JSON'); // text from outside
  }
  if (!isRecord(read)) return malformed('is no record');
  const { block, kind, payload, postings } = read;
  if (!Number.isSafeInteger(block) || typeof block !== 'number') return malformed('has no block');
  if (typeof kind !== 'string' || !isRecord(payload)) return malformed('has no kind and payload');
  if (!Array.isArray(postings)) return malformed('has no postings');
  const legs = postings.map(postingOf).filter((leg) => leg !== undefined);
  return legs.length === postings.length
    ? accept({ block, kind, payload, postings: legs })
    : malformed('has a posting that is none');
}

/** What an entry pays to a neuron for an epoch, in the smallest unit. */
export interface ProvenPayout {
  readonly uid: number;
  readonly incentive: bigint;
  readonly dividend: bigint;
  /** Accounts that got incentive and dividend together in one posting of this entry; the neuron's coldkey is among them. */
  readonly accounts: readonly string[];
}

/**
 * The payout of a registration in an entry that pays an epoch. Refused unless the entry is of that epoch, names the
 * registration, and moved the money: an amount in a payload alone is no payment.
 * @param registrationId hex
 */
export function payoutOf(
  { kind, payload, postings }: LedgerEntry,
  wanted: { readonly netuid: number; readonly index: number; readonly registrationId: string },
): Decision<ProvenPayout> {
  const { netuid, index, registrationId } = wanted;
  if (kind !== 'EpochPaid' || payload['netuid'] !== netuid || payload['index'] !== index) {
    return refuse('ENTRY_MISMATCH', `the entry does not pay epoch ${index} of subnet ${netuid}`);
  }
  const neurons: unknown = payload['neurons'];
  const neuron = Array.isArray(neurons)
    ? neurons.filter(isRecord).find((one) => one['registrationId'] === registrationId)
    : undefined;
  const uid = neuron?.['uid'];
  const [incentive, dividend] = [amountOf(neuron?.['incentive']), amountOf(neuron?.['dividend'])];
  if (typeof uid !== 'number' || incentive === undefined || dividend === undefined) {
    return refuse('PAYMENT_ABSENT', `the entry names no payout of registration ${registrationId}`);
  }
  const total = incentive + dividend;
  const accounts = postings.filter(({ delta }) => total > 0n && delta === total).map(({ account }) => account);
  return total === 0n || accounts.length > 0
    ? accept({ uid, incentive, dividend, accounts })
    : refuse('PAYMENT_ABSENT', `the entry names ${total} for uid ${uid} and moves no such amount`);
}

/** The legs of an entry on an account: what an invoice's line or a statement quotes. Refused when there are none. */
export function paymentsOn(entry: LedgerEntry, account: string): Decision<readonly EntryPosting[]> {
  const legs = entry.postings.filter((posting) => posting.account === account);
  return legs.length > 0 ? accept(legs) : refuse('PAYMENT_ABSENT', `the entry moves nothing on ${account}`);
}

function postingOf(value: unknown): EntryPosting | undefined {
  if (!isRecord(value)) return undefined;
  const { account, asset } = value;
  const [delta, balanceAfter] = [amountOf(value['delta']), amountOf(value['balanceAfter'])];
  if (typeof account !== 'string' || typeof asset !== 'string') return undefined;
  return delta === undefined || balanceAfter === undefined ? undefined : { account, asset, delta, balanceAfter };
}

/** NUMERIC(39, 0) as a decimal string; undefined for any other. */
function amountOf(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^(0|-?[1-9]\d{0,38})$/.test(value) ? BigInt(value) : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(why: string): Refusal {
  return refuse('ENTRY_MALFORMED', `the text of the entry ${why}`);
}
