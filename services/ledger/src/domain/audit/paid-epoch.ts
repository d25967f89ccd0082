import { sealedOf, unattributedOf } from '../book/account.ts';
import type { Posting } from '../book/journal.ts';
import { sumsOf } from './moves.ts';
import { parsed } from './parsed.ts';

/** A neuron as its seal tells it; what lies on it, and how much of that others delegated, in rao. */
export interface DueNeuron {
  readonly coldkey: string;
  readonly hotkey: string;
  readonly stake: bigint;
  readonly delegated: bigint;
  /** Of 65535. */
  readonly takeU16: bigint;
  /** Under whose name it lies what was delegated: an earlier hotkey's, where that one was swapped. */
  readonly pool: string;
  /** By whose stake it counts, in rao · 2^32, and what it keeps of its parents' part, of 65535; absent where nobody else's. */
  readonly lineage?: {
    readonly own: bigint;
    readonly parents: readonly { readonly uid: number; readonly gives: bigint }[];
    readonly takeU16: bigint;
  };
  /** Staked on root behind it, in rao, and how much of that in which pool; absent where nothing is. */
  readonly root?: { readonly stake: bigint; readonly delegated: bigint; readonly pool: string };
}

/** A sealed epoch as its entry tells it: what has to be paid, and to whom. Money in rao. */
export interface DueEpoch {
  readonly netuid: number;
  readonly index: number;
  readonly pot: bigint;
  readonly owner: bigint;
  /** The halves of what the owner does not get. */
  readonly miner: bigint;
  readonly validator: bigint;
  /** Of the validators' half what is for stake on root, by which weight; absent where nothing is. */
  readonly root?: { readonly pot: bigint; readonly weightPpm: number };
  readonly ownerColdkey: string;
  /** By uid. */
  readonly neurons: ReadonlyMap<number, DueNeuron>;
}

/** A payment as its entry tells it. */
export interface ToldPayment {
  readonly netuid: number;
  readonly index: number;
  readonly owner: bigint;
  readonly unattributed: bigint;
  readonly neurons: readonly { readonly uid: number; readonly rao: bigint; readonly dividend: bigint }[];
}

interface DuePayload {
  readonly epoch: {
    readonly netuid: number;
    readonly index: number;
    readonly pot: string;
    readonly owner: string;
    readonly miner: string;
    readonly validator: string;
    readonly root?: { readonly pot: string; readonly weightPpm: number };
    readonly ownerColdkey: string;
    readonly neurons: readonly {
      readonly uid: number;
      readonly coldkey: string;
      readonly hotkey: string;
      readonly stake: string;
      readonly delegated?: string;
      readonly takeU16?: number;
      readonly pool?: string;
      readonly inherits?: {
        readonly held: string;
        readonly own: string;
        readonly parents: readonly { readonly uid: number; readonly gives: string }[];
        readonly takeU16: number;
      };
      readonly root?: {
        readonly stake: string;
        readonly delegated: string;
        readonly counts: string;
        readonly pool?: string;
      };
    }[];
  };
}

interface PaidPayload {
  readonly netuid: number;
  readonly index: number;
  readonly owner: string;
  readonly unattributed: string;
  readonly neurons: readonly { readonly uid: number; readonly incentive: string; readonly dividend: string }[];
}

/** Undefined for a text that is no payload of `EpochDue`. */
export function dueEpochOf(payloadText: string): DueEpoch | undefined {
  return parsed(payloadText, ({ epoch: { root, ...epoch } }: DuePayload) => ({
    ...epoch,
    pot: BigInt(epoch.pot),
    owner: BigInt(epoch.owner),
    miner: BigInt(epoch.miner),
    validator: BigInt(epoch.validator),
    ...(root === undefined ? {} : { root: { pot: BigInt(root.pot), weightPpm: root.weightPpm } }),
    neurons: new Map(epoch.neurons.map((neuron) => [neuron.uid, dueNeuronOf(neuron)])),
  }));
}

function dueNeuronOf(neuron: DuePayload['epoch']['neurons'][number]): DueNeuron {
  const { coldkey, hotkey, stake, delegated = '0', takeU16 = 0, pool = hotkey, inherits } = neuron;
  const { counts = '0', pool: rootPool = hotkey, ...onRoot } = neuron.root ?? { stake: '0', delegated: '0' };
  const root = { stake: BigInt(onRoot.stake), delegated: BigInt(onRoot.delegated), pool: rootPool };
  const lying = {
    coldkey,
    hotkey,
    pool,
    delegated: BigInt(delegated),
    takeU16: BigInt(takeU16),
    ...(root.stake === 0n ? {} : { root }),
  };
  if (inherits === undefined) return { ...lying, stake: BigInt(stake) - BigInt(counts) };
  const parents = inherits.parents.map(({ uid, gives }) => ({ uid, gives: BigInt(gives) }));
  const lineage = { own: BigInt(inherits.own), parents, takeU16: BigInt(inherits.takeU16) };
  return { ...lying, stake: BigInt(inherits.held), lineage };
}

/** What a payment does wrong, by its sealed epoch; undefined when payments and the rest are the pot, to the rao. */
export function paymentBreak(
  due: (netuid: number) => DueEpoch | undefined,
  entry: { readonly payloadText: string; readonly postings: readonly Posting[] },
): string | undefined {
  const told = toldPaymentOf(entry.payloadText);
  if (told === undefined) return 'its payload is none of a payment';
  const epoch = due(told.netuid);
  const name = `epoch ${told.index} of subnet ${told.netuid}`;
  if (epoch?.index !== told.index) return `${name} is paid and was not sealed, or was paid before`;
  const neurons = told.neurons.reduce((sum, { rao }) => sum + rao, 0n);
  const total = told.owner + neurons + told.unattributed;
  if (total !== epoch.pot) return `${name} tells of ${total} rao, its pot had ${epoch.pot}`;
  if (told.owner !== epoch.owner) return `${name} gives its owner ${told.owner} rao, ${epoch.owner} were sealed`;
  const moved = sumsOf(entry.postings.map(({ account, delta }) => [account, delta]));
  for (const [account, rao] of expectedMoves(epoch, told)) {
    const actual = moved.get(account) ?? 0n;
    if (actual !== rao) return `${name} moves ${actual} rao on ${account}, it should be ${rao}`;
    moved.delete(account);
  }
  const [other] = moved.keys();
  return other === undefined ? undefined : `${name} moves money of ${other}, which has no part in it`;
}

function expectedMoves(epoch: DueEpoch, told: ToldPayment): ReadonlyMap<string, bigint> {
  const { netuid, pot, ownerColdkey, neurons } = epoch;
  return sumsOf([
    [sealedOf(netuid), -pot],
    [ownerColdkey, told.owner],
    ...told.neurons.map(({ uid, rao }) => [neurons.get(uid)?.coldkey ?? `uid ${uid}`, rao] as const),
    [unattributedOf(netuid), told.unattributed],
  ]);
}

/** Undefined for a text that is no payload of `EpochPaid`. */
export function toldPaymentOf(payloadText: string): ToldPayment | undefined {
  return parsed(payloadText, (payload: PaidPayload) => ({
    ...payload,
    owner: BigInt(payload.owner),
    unattributed: BigInt(payload.unattributed),
    neurons: payload.neurons.map(({ uid, incentive, dividend }) => ({
      uid,
      rao: BigInt(incentive) + BigInt(dividend),
      dividend: BigInt(dividend),
    })),
  }));
}
