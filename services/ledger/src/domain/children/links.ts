import type { Ledger } from '../economy/ledger.ts';
import { registrationKey } from '../economy/neuron.ts';

/** A hotkey that is given stake, and how much of it, of PROPORTION_WHOLE. */
export interface Child {
  readonly hotkey: string;
  readonly proportion: bigint;
}

/** Who gives stake to a hotkey, and how much of theirs. */
export type Parent = Child;

/** To whom a hotkey gives stake. */
export interface Children {
  readonly children: readonly Child[];
  /** Block of the last order, whether what it asked is in force or waits. */
  readonly orderedAtBlock: number;
}

/** What is to be in force after the first seal from a block on. */
export interface PendingChildren {
  readonly hotkey: string;
  readonly children: readonly Child[];
  readonly fromBlock: number;
}

/** Of 65535, in one subnet. */
export interface ChildTake {
  readonly u16: number;
  /** 0: never. */
  readonly raisedAtBlock: number;
}

/** All of a stake: the largest u64. */
export const PROPORTION_WHOLE = (1n << 64n) - 1n;

/** Children of one hotkey in a subnet at most. */
export const CHILDREN_MAX = 5;

/** Parents of one hotkey in a subnet at most: as many as a subnet has neurons. */
export const PARENTS_MAX = 256;

export function childrenOf(ledger: Ledger, netuid: number, hotkey: string): readonly Child[] {
  return ledger.children.get(registrationKey(netuid, hotkey))?.children ?? [];
}

export function parentsOf(ledger: Ledger, netuid: number, hotkey: string): readonly Parent[] {
  return ledger.parents.get(registrationKey(netuid, hotkey)) ?? [];
}

export function pendingOf(ledger: Ledger, netuid: number): readonly PendingChildren[] {
  return ledger.pendingChildren.get(String(netuid)) ?? [];
}

/** What a child keeps of what its parents' stake earns, of 65535; nothing unless its owner says so. */
export function childTakeOf(ledger: Ledger, netuid: number, hotkey: string): number {
  return ledger.childTakes.get(registrationKey(netuid, hotkey))?.u16 ?? 0;
}

export function putPending(ledger: Ledger, netuid: number, pending: readonly PendingChildren[]): void {
  if (pending.length === 0) ledger.pendingChildren.remove(String(netuid));
  else ledger.pendingChildren.put(String(netuid), pending);
}

/** Puts a hotkey's children in force, and each of them its parent. */
export function linkChildren(ledger: Ledger, netuid: number, hotkey: string, children: readonly Child[]): void {
  const key = registrationKey(netuid, hotkey);
  const others = (child: string): readonly Parent[] =>
    parentsOf(ledger, netuid, child).filter((each) => each.hotkey !== hotkey);
  for (const before of childrenOf(ledger, netuid, hotkey)) {
    putParents(ledger, registrationKey(netuid, before.hotkey), others(before.hotkey));
  }
  const orderedAtBlock = ledger.children.get(key)?.orderedAtBlock ?? 0;
  ledger.children.put(key, { children, orderedAtBlock });
  for (const child of children) {
    const parents = [...others(child.hotkey), { hotkey, proportion: child.proportion }];
    putParents(ledger, registrationKey(netuid, child.hotkey), parents);
  }
}

function putParents(ledger: Ledger, key: string, parents: readonly Parent[]): void {
  if (parents.length === 0) ledger.parents.remove(key);
  else ledger.parents.put(key, parents);
}

/** Of a subnet that has ended nothing is given any more, nor waits. One pass over each table. */
export function endLinks(ledger: Ledger, netuid: number): void {
  ledger.pendingChildren.remove(String(netuid));
  for (const table of [ledger.children, ledger.parents, ledger.childTakes]) {
    for (const [key] of table.entries()) if (key.startsWith(`${netuid}/`)) table.remove(key);
  }
}

/** Puts one hotkey in the place of another, as a parent, as a child and in what waits. */
export function renameInLinks(ledger: Ledger, netuid: number, from: string, to: string): void {
  const renamed = <Link extends { readonly hotkey: string }>(link: Link): Link =>
    link.hotkey === from ? { ...link, hotkey: to } : link;
  const [before, after] = [registrationKey(netuid, from), registrationKey(netuid, to)];
  for (const { hotkey } of childrenOf(ledger, netuid, from)) {
    ledger.parents.put(registrationKey(netuid, hotkey), parentsOf(ledger, netuid, hotkey).map(renamed));
  }
  for (const { hotkey } of parentsOf(ledger, netuid, from)) {
    const key = registrationKey(netuid, hotkey);
    const known = ledger.children.get(key);
    if (known !== undefined) ledger.children.put(key, { ...known, children: known.children.map(renamed) });
  }
  const pending = pendingOf(ledger, netuid).map((each) => ({ ...renamed(each), children: each.children.map(renamed) }));
  putPending(ledger, netuid, pending);
  const [children, parents, take] = [
    ledger.children.get(before),
    ledger.parents.get(before),
    ledger.childTakes.get(before),
  ];
  if (children !== undefined) {
    ledger.children.remove(before);
    ledger.children.put(after, children);
  }
  if (parents !== undefined) {
    ledger.parents.remove(before);
    ledger.parents.put(after, parents);
  }
  if (take !== undefined) ledger.childTakes.put(after, take);
}
