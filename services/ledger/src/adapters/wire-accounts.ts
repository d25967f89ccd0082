import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  AccountAfterSchema,
  AccountBalanceSchema,
  AccountSchema,
  DelegationSchema,
  JournalPageSchema,
  OpenHoldSchema,
} from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { JournalPage } from '#application/watch-journal.ts';
import type { StoredEntry } from '#application/ports.ts';
import type { Hold } from '#domain/book/hold.ts';
import type { AccountView } from '#domain/economy/account-view.ts';
import type { Delegation } from '#domain/economy/delegation.ts';
import type { AccountState } from '#domain/economy/once.ts';
import { entryToWire, moneyToWire } from './wire.ts';

/** Text in one page of a stream at most, far below what a message may have: one payout has a hundred thousand characters. */
const PAGE_CHARACTERS_MAX = 500_000;
/** What a posting takes beside the names in it, roughly. */
const POSTING_CHARACTERS = 150;

export function accountToWire(view: AccountView) {
  const { account, kind, owner, asset, posted, held, spendable, terms, holdsTotal, sequence, block } = view;
  return {
    account,
    kind,
    owner: owner ?? '',
    asset,
    postedRao: posted.toString(),
    heldRao: held.toString(),
    spendableRao: spendable.toString(),
    ...(terms === undefined
      ? {}
      : {
          terms: {
            floorRao: terms.floor.toString(),
            limitRao: terms.limit?.toString() ?? '',
            frozen: terms.frozen,
            closed: terms.closed,
          },
        }),
    holdsTotal,
    sequence: BigInt(sequence),
    block: BigInt(block),
  } satisfies MessageInitShape<typeof AccountSchema>;
}

export function holdToWire(hold: Hold): MessageInitShape<typeof OpenHoldSchema> {
  return {
    id: hold.id,
    amountRao: hold.amount.toString(),
    remainingRao: hold.remaining.toString(),
    expiresAtBlock: BigInt(hold.expiresAtBlock),
  };
}

export function delegationToWire(
  asset: string,
  { netuid, hotkey, worth, waiting }: Delegation,
): MessageInitShape<typeof DelegationSchema> {
  return { netuid, hotkey, worth: moneyToWire(asset, worth), waiting: moneyToWire(asset, waiting) };
}

export function stateToWire(state: AccountState): MessageInitShape<typeof AccountAfterSchema> {
  const { account, posted, held, spendable } = state;
  return { account, postedRao: posted.toString(), heldRao: held.toString(), spendableRao: spendable.toString() };
}

/** A balance as it is, or, where holds are not known any more, as it was. */
export function balanceToWire(
  balance: Pick<AccountView, 'account' | 'asset' | 'posted'> & Partial<Pick<AccountView, 'held' | 'spendable'>>,
): MessageInitShape<typeof AccountBalanceSchema> {
  const { account, asset, posted, held, spendable } = balance;
  return {
    account,
    posted: moneyToWire(asset, posted < 0n ? -posted : posted),
    ...(held === undefined ? {} : { held: moneyToWire(asset, held) }),
    negative: posted < 0n,
    spendableRao: spendable?.toString() ?? '',
  };
}

/** Messages of a bounded size for the entries of a page. */
export function* pagesToWire({
  entries,
  lastSequence,
}: JournalPage): Generator<MessageInitShape<typeof JournalPageSchema>> {
  let page: StoredEntry[] = [];
  let characters = 0;
  for (const entry of entries) {
    const size = entry.payloadText.length + entry.postings.length * POSTING_CHARACTERS;
    if (page.length > 0 && characters + size > PAGE_CHARACTERS_MAX) {
      yield { entries: page.map(entryToWire), lastSequence: BigInt(lastSequence) };
      [page, characters] = [[], 0];
    }
    page.push(entry);
    characters += size;
  }
  if (page.length > 0) yield { entries: page.map(entryToWire), lastSequence: BigInt(lastSequence) };
}
