import { type Json, jsonOf } from '#domain/book/canonical-json.ts';
import { accept, type Decision, type Refusal, refuse } from '#domain/book/refusal.ts';
import { carryOutOrder, keyOf, keysOf, type MoneyOrder, payeesOf } from '#domain/economy/money-order.ts';
import { isCreditable } from '#domain/economy/money-orders.ts';
import type { MoneyOrderDone } from '#domain/economy/once.ts';
import type { OriginalEntry } from '#domain/economy/reverse-entry.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { type ClaimedEntries, withConflictingField } from './conflicting-field.ts';
import { isWallet } from './read-signed.ts';
import type { Sequencer } from './sequencer.ts';
import type { Command } from './waiting-command.ts';

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
    const groups = groupsOf(known).map(judged);
    const runs = groups.filter((group) => group instanceof GroupRun);
    const decisions = await ports.sequencer.submitAll(runs);
    let next = 0;
    const results: MoneyResult[] = [];
    for (const group of groups) {
      if (!(group instanceof GroupRun)) {
        results.push(...group);
        continue;
      }
      const decided = decisions[next];
      next += 1;
      if (decided === undefined) throw new Error('a group of orders was answered without a decision');
      if (decided.ok) for (const done of decided.value) results.push(accept(done));
      else results.push(...(await refusedGroup(ports.store, group, decided)));
    }
    return results;
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
  let current: MoneyOrder[] | undefined;
  for (const { order, linked } of orders) {
    // Nearly all stand for themselves: a list that is made with its one member has no room for more.
    if (current === undefined) current = [order];
    else current.push(order);
    if (linked) continue;
    groups.push({ orders: current, isOpen: false });
    current = undefined;
  }
  return current === undefined ? groups : [...groups, { orders: current, isOpen: true }];
}

/** A group that may be carried out, or why none of it may. */
function judged({ orders, isOpen }: OrderGroup): GroupRun | readonly MoneyResult[] {
  if (isOpen) {
    const open = refuse('GROUP_OPEN', 'the last order of a batch is linked to none: leave its `linked` out');
    return orders.map(() => open);
  }
  let at = 0;
  for (const order of orders) {
    const stranger = strangerOf(order);
    if (stranger !== undefined) return failedGroup(orders, at, stranger);
    at += 1;
  }
  return new GroupRun(orders);
}

/** Carries out the orders of a group, all or none. */
class GroupRun implements Command<readonly MoneyOrderDone[]> {
  readonly orders: readonly MoneyOrder[];
  readonly keys: readonly string[];
  /** Where it ended, when it was refused. */
  failed = 0;
  /** Of each order, its own first. */
  readonly #keysOfEach: readonly (readonly string[])[];

  constructor(orders: readonly MoneyOrder[]) {
    this.orders = orders;
    this.#keysOfEach = orders.map(keysOf);
    this.keys = this.#keysOfEach.length === 1 ? (this.#keysOfEach[0] ?? []) : this.#keysOfEach.flat();
  }

  readonly run = (ledger: Ledger): Decision<readonly MoneyOrderDone[]> => {
    let done: MoneyOrderDone[] | undefined;
    let at = 0;
    for (const order of this.orders) {
      const outcome = carryOutOrder(ledger, order, this.#keysOfEach[at]?.[0]);
      this.failed = at;
      if (!outcome.ok) return outcome;
      if (done === undefined) done = [outcome.value];
      else done.push(outcome.value);
      at += 1;
    }
    return accept(done ?? []);
  };
}

async function refusedGroup(
  store: ClaimedEntries,
  { orders, failed }: GroupRun,
  refusal: Refusal,
): Promise<readonly MoneyResult[]> {
  const culprit = orders[failed];
  const told = culprit === undefined ? refusal : await withConflictingField(store, refusal, askedOf(culprit));
  return failedGroup(orders, failed, told);
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

function strangerOf(order: MoneyOrder): Refusal | undefined {
  const stranger = payeesOf(order).find((to) => !isCreditable(to, isWallet));
  if (stranger === undefined) return undefined;
  return refuse(
    'INVALID_ARGUMENT',
    `${stranger} is neither an SS58 address with prefix 42 nor an account of the system`,
  );
}
