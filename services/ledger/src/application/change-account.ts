import { type Json, jsonOf } from '#domain/book/canonical-json.ts';
import { type Decision, refuse } from '#domain/book/refusal.ts';
import { accountOrderKey, type AccountOrder, changeAccount } from '#domain/economy/account-orders.ts';
import { isCreditable } from '#domain/economy/money-orders.ts';
import type { MoneyOrderDone } from '#domain/economy/once.ts';
import { type ClaimedEntries, withConflictingField } from './conflicting-field.ts';
import { isWallet } from './read-signed.ts';
import type { Sequencer } from './sequencer.ts';

/** Opens, limits, freezes and closes billing accounts. */
export function makeChangeAccount(ports: { readonly sequencer: Sequencer; readonly store: ClaimedEntries }) {
  return async (order: AccountOrder): Promise<Decision<MoneyOrderDone>> => {
    const { id, account, actor, change } = order;
    if (change.type === 'Open' && change.owner !== null && !isWallet(change.owner)) {
      return refuse('INVALID_ARGUMENT', `open.owner: ${change.owner} is no SS58 address with prefix 42`);
    }
    if (change.type === 'Close' && change.to !== null && !isCreditable(change.to, isWallet)) {
      return refuse('INVALID_ARGUMENT', `close.to: ${change.to} is no account that may be paid`);
    }
    const key = accountOrderKey(id);
    const decided = await ports.sequencer.submit({ keys: [key], run: (ledger) => changeAccount(ledger, order) });
    if (decided.ok) return decided;
    const asked = jsonOf({ id, account, actor, ...change }) as Readonly<Record<string, Json>>;
    return withConflictingField(ports.store, decided, { key, asked });
  };
}
