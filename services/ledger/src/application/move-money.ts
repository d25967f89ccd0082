import { type Json, jsonOf } from '#domain/book/canonical-json.ts';
import { accept, type Decision, type Refusal, refuse } from '#domain/book/refusal.ts';
import { carryOutOrder, keyOf, keysOf, type MoneyOrder, payeesOf } from '#domain/economy/money-order.ts';
import { isCreditable } from '#domain/economy/money-orders.ts';
import type { MoneyOrderDone } from '#domain/economy/once.ts';
import type { OriginalEntry } from '#domain/economy/reverse-entry.ts';
import { type ClaimedEntries, withConflictingField } from './conflicting-field.ts';
import { isWallet } from './read-signed.ts';
import type { Sequencer } from './sequencer.ts';

export type MoneyResult = Decision<MoneyOrderDone>;

/** An order of a batch; `linked` ties it to the one after it, and all that are tied happen or none does. */
export interface LinkedOrder {
  readonly order: MoneyOrder;
  readonly linked: boolean;
}

/**
 * Carries out billing's orders and answers each in its place. Unless it is linked an order stands for itself; all of a call
 * share a commit as far as it holds them.
 */
export type MoveMoney = (orders: readonly LinkedOrder[]) => Promise<readonly MoneyResult[]>;

export function makeMoveMoney(ports: { readonly sequencer: Sequencer; readonly store: ClaimedEntries }): MoveMoney {
  return async (orders) => {
    const known = orders.some(({ order }) => order.type === 'Reverse')
      ? await Promise.all(orders.map((linked) => withOriginal(ports.store, linked)))
      : orders;
    // Each group is handed to the sequencer before the next one is looked at: they are carried out in order.
    const groups = await Promise.all(groupsOf(known).map((group) => moveGroup(ports, group)));
    return groups.flat();
  };
}

interface OrderGroup {
  readonly orders: readonly MoneyOrder[];
  /** The batch ended before the group did. */
  readonly isOpen: boolean;
}

/** Runs of linked orders, each with the order that its last link is tied to. */
function groupsOf(orders: readonly LinkedOrder[]): readonly OrderGroup[] {
  const groups: OrderGroup[] = [];
  let current: MoneyOrder[] = [];
  for (const { order, linked } of orders) {
    current.push(order);
    if (linked) continue;
    groups.push({ orders: current, isOpen: false });
    current = [];
  }
  return current.length === 0 ? groups : [...groups, { orders: current, isOpen: true }];
}

async function moveGroup(
  ports: { readonly sequencer: Sequencer; readonly store: ClaimedEntries },
  group: OrderGroup,
): Promise<readonly MoneyResult[]> {
  if (group.isOpen) {
    const open = refuse('GROUP_OPEN', 'the last order of a batch is linked to none: leave its `linked` out');
    return group.orders.map(() => open);
  }
  const judged = group.orders.map(checkPayees);
  const strange = judged.findIndex(({ ok }) => !ok);
  const stranger = judged[strange];
  if (stranger?.ok === false) return failedGroup(group.orders, strange, stranger);
  const { orders } = group;
  let failed = 0;
  const decided = await ports.sequencer.submit<readonly MoneyOrderDone[]>({
    keys: orders.flatMap(keysOf),
    run: (ledger) => {
      const done: MoneyOrderDone[] = [];
      for (const [at, order] of orders.entries()) {
        const outcome = carryOutOrder(ledger, order);
        failed = at;
        if (!outcome.ok) return outcome;
        done.push(outcome.value);
      }
      return accept(done);
    },
  });
  if (decided.ok) return decided.value.map(accept);
  const culprit = orders[failed];
  const refusal = culprit === undefined ? decided : await withConflictingField(ports.store, decided, askedOf(culprit));
  return failedGroup(orders, failed, refusal);
}

/** The culprit has its own refusal, the others are told of it. */
function failedGroup(orders: readonly MoneyOrder[], failed: number, refusal: Refusal): readonly Refusal[] {
  const { request } = orders[failed] ?? {};
  const others = refuse('GROUP_FAILED', `${request?.id ?? ''} of the same group was refused: ${refusal.code}`);
  return orders.map((_order, at) => (at === failed ? refusal : others));
}

/** A reversal mirrors an entry, which only the store has. */
async function withOriginal(store: ClaimedEntries, { order, linked }: LinkedOrder): Promise<LinkedOrder> {
  if (order.type !== 'Reverse') return { order, linked };
  return { order: { ...order, original: await originalOf(store, order.request.reverses) }, linked };
}

async function originalOf(store: ClaimedEntries, key: string): Promise<OriginalEntry> {
  const claim = (await store.findClaims([key])).get(key);
  if (claim === undefined) return undefined;
  if (claim.sequence <= (await store.readArchive()).sequence) return 'archived';
  const [entry] = await store.readEntries({ afterSequence: claim.sequence - 1, limit: 1 });
  return entry;
}

function askedOf(order: MoneyOrder): { readonly key: string; readonly asked: Readonly<Record<string, Json>> } {
  return { key: keyOf(order), asked: jsonOf(order.request) as Readonly<Record<string, Json>> };
}

function checkPayees(order: MoneyOrder): Decision<undefined> {
  const stranger = payeesOf(order).find((to) => !isCreditable(to, isWallet));
  return stranger === undefined
    ? accept(undefined)
    : refuse('INVALID_ARGUMENT', `${stranger} is neither an SS58 address with prefix 42 nor an account of the system`);
}
