import type { Ledger } from '../economy/ledger.ts';
import type { Neuron } from '../economy/neuron.ts';
import type { Subnet } from '../economy/subnet.ts';

/** Why a neuron goes, or why it may not. `OwnersFirst`: the first of the subnet's owner, which nobody evicts. */
export type Standing = 'Announced' | 'Evictable' | 'Immune' | 'OwnersFirst';

/** What puts a neuron before the next one of the order. */
export type DecidedBy = 'Earned' | 'RegisteredAtBlock' | 'Uid';

/** A neuron's place in the order of eviction. */
export interface OrderPlace {
  readonly neuron: Neuron;
  readonly standing: Standing;
  /** 1: goes next. Counts those alone that may go: 0 for the others. */
  readonly place: number;
  /** null for the last of those that may go, and for those that may not. */
  readonly decidedBy: DecidedBy | null;
  /** The first block at which it may go. */
  readonly immuneUntilBlock: number;
}

/** The first block at which a neuron may be evicted: its immunity, or the one that a match bought it. */
export function immuneUntil(neuron: Neuron, { active }: Pick<Subnet, 'active'>): number {
  const { immunityPeriodBlocks } = active.policy.hyperparameters;
  return Math.max(neuron.registeredAtBlock + immunityPeriodBlocks, neuron.protectedUntilBlock ?? 0);
}

/** Blocks of warning that a neuron gets; 0: none, who is last goes as soon as somebody comes. */
export function noticeBlocksOf({ active }: Pick<Subnet, 'active'>): number {
  return active.policy.hyperparameters.evictionNoticeBlocks ?? 0;
}

/** Lowest pay of the last epoch in full rao, then earliest, then lowest uid. */
export function byPruningOrder(a: Neuron, b: Neuron): number {
  if (a.earnedLastEpoch !== b.earnedLastEpoch) return a.earnedLastEpoch < b.earnedLastEpoch ? -1 : 1;
  return a.registeredAtBlock - b.registeredAtBlock || a.uid - b.uid;
}

/** Everybody of a subnet: those who may go in the order in which they do, then the others by uid. */
export function evictionOrder(ledger: Ledger, subnet: Subnet): readonly OrderPlace[] {
  const neurons = ledger.neuronsOf(subnet.netuid);
  const kept = ownersFirst(neurons, subnet);
  const standingOf = (neuron: Neuron): Standing => {
    if (neuron === kept) return 'OwnersFirst';
    if (neuron.notice !== undefined) return 'Announced';
    return ledger.block < immuneUntil(neuron, subnet) ? 'Immune' : 'Evictable';
  };
  const all = neurons.map((neuron) => ({ neuron, standing: standingOf(neuron) }));
  const going = all.filter(({ standing }) => mayGo(standing));
  const sorted = going.toSorted((a, b) => byPruningOrder(a.neuron, b.neuron));
  const placed = sorted.map(({ neuron, standing }, at) => {
    const next = sorted[at + 1]?.neuron;
    const decidedBy = next === undefined ? null : difference(neuron, next);
    return { neuron, standing, place: at + 1, decidedBy, immuneUntilBlock: immuneUntil(neuron, subnet) };
  });
  const staying = all.filter(({ standing }) => !mayGo(standing));
  return [
    ...placed,
    ...staying.map((each) => ({
      ...each,
      place: 0,
      decidedBy: null,
      immuneUntilBlock: immuneUntil(each.neuron, subnet),
    })),
  ];
}

/** Who goes next of those that have no notice yet; undefined where all are immune or told already. */
export function firstToGo(ledger: Ledger, subnet: Subnet): Neuron | undefined {
  return evictionOrder(ledger, subnet).find(({ standing }) => standing === 'Evictable')?.neuron;
}

/** The owner's earliest neuron. */
export function ownersFirst(neurons: readonly Neuron[], { owner }: Pick<Subnet, 'owner'>): Neuron | undefined {
  return neurons
    .filter((neuron) => neuron.coldkey === owner)
    .toSorted((a, b) => a.registeredAtBlock - b.registeredAtBlock || a.uid - b.uid)[0];
}

function mayGo(standing: Standing): boolean {
  return standing === 'Announced' || standing === 'Evictable';
}

function difference(neuron: Neuron, next: Neuron): DecidedBy {
  if (neuron.earnedLastEpoch !== next.earnedLastEpoch) return 'Earned';
  return neuron.registeredAtBlock === next.registeredAtBlock ? 'Uid' : 'RegisteredAtBlock';
}
