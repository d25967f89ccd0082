import { accountKey, delegatedOf, unattributedOf } from '../book/account.ts';
import type { Posting } from '../book/journal.ts';
import { sumsOf } from './moves.ts';
import type { DueEpoch, DueNeuron, ToldPayment } from './paid-epoch.ts';
import { parsed } from './parsed.ts';

/** What of an epoch's dividends is for stake on root, right after it was paid and parents have theirs. */
export interface RootOwed {
  readonly netuid: number;
  readonly index: number;
  /** Rao by uid; empty where root has no part. */
  readonly parts: ReadonlyMap<number, RootPart>;
  readonly unattributed: bigint;
  /** Rao that each account gains or loses by that. */
  readonly moves: ReadonlyMap<string, bigint>;
  /** What is left for stake in the subnet, in rao by uid. */
  readonly dividends: ReadonlyMap<number, bigint>;
}

interface RootPart {
  readonly subnet: bigint;
  readonly root: bigint;
  readonly passedOn: bigint;
}

interface RootPayload {
  readonly netuid: number;
  readonly index: number;
  readonly unattributed: string;
  readonly neurons: readonly {
    readonly uid: number;
    readonly subnet: string;
    readonly root: string;
    readonly passedOn: string;
  }[];
}

const [U16, BITS, PPM, ROOT] = [65_535n, 32n, 1_000_000n, 0];

/** In 2^-32, as the chain has it. */
function weightOf(ppm: number): bigint {
  return (BigInt(ppm) << BITS) / PPM;
}

function ratio(part: bigint, all: bigint): bigint {
  return all === 0n ? 0n : (part << BITS) / all;
}

function sum(amounts: Iterable<bigint>): bigint {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
}

/** Why a sealed pot is not parted as its stakes are; undefined when it is. */
export function potBreak({ netuid, index, pot, owner, miner, validator, root, neurons }: DueEpoch): string | undefined {
  const name = `epoch ${index} of subnet ${netuid}`;
  if (root === undefined) return undefined;
  if (owner + miner + validator !== pot) return `${name} has ${pot} rao, and its parts ${owner + miner + validator}`;
  const all = [...neurons.values()];
  const weighed = sum(all.map((neuron) => neuron.root?.stake ?? 0n)) * weightOf(root.weightPpm);
  const share = ratio(weighed, weighed + (sum(all.map(({ stake }) => stake)) << BITS));
  const right = (share * (pot - owner)) >> (BITS + 1n);
  return root.pot === right ? undefined : `${name} has ${root.pot} rao for root, its stakes give it ${right}`;
}

/**
 * By what was sealed: dividends are cut by stake on root, by its weight, against the subnet's, and share two pots by that, rounded
 * down. Of root's the pool there has its part of the stake, less the take; a pool that all have left gets nothing.
 */
export function rootOwed(
  epoch: DueEpoch,
  payment: { readonly told: ToldPayment; readonly dividends: ReadonlyMap<number, bigint> },
  paid: { readonly asset: string; readonly balances: ReadonlyMap<string, bigint> },
): RootOwed {
  const { netuid, index, neurons, root } = epoch;
  const { told, dividends } = payment;
  const earned = [...dividends].flatMap(([uid, dividend]) => {
    const neuron = neurons.get(uid);
    return neuron === undefined || dividend === 0n ? [] : [{ uid, neuron, dividend }];
  });
  const none = { netuid, index, parts: new Map<number, RootPart>(), unattributed: 0n, moves: new Map(), dividends };
  const pots = root === undefined ? undefined : potsFor(epoch, { told, earned, rootPot: root.pot });
  if (root === undefined || pots === undefined || pots.root === 0n) return none;
  const weight = weightOf(root.weightPpm);
  const cut = earned.map(({ neuron, dividend }) => {
    const onRoot = (neuron.root?.stake ?? 0n) * weight;
    const part = dividend * ratio(onRoot, onRoot + (neuron.stake << BITS));
    return { root: part, subnet: (dividend << BITS) - part };
  });
  const [allRoot, allSubnet] = [sum(cut.map((each) => each.root)), sum(cut.map((each) => each.subnet))];
  const parts = new Map(
    earned.map(({ uid, neuron }, at) => {
      const { root: onRoot = 0n, subnet = 0n } = cut[at] ?? {};
      const rao = (pots.root * ratio(onRoot, allRoot)) >> BITS;
      const own = (pots.subnet * ratio(subnet, allSubnet)) >> BITS;
      return [uid, { subnet: own, root: rao, passedOn: passedOnOf(neuron, rao, paid) }] as const;
    }),
  );
  const unattributed = pots.root + pots.subnet - sum([...parts.values()].map((part) => part.root + part.subnet));
  const moves = sumsOf([
    [unattributedOf(netuid), unattributed],
    ...earned.flatMap(({ uid, neuron, dividend }) => {
      const { subnet = 0n, root: rao = 0n, passedOn = 0n } = parts.get(uid) ?? {};
      const kept = [neuron.coldkey, subnet + rao - passedOn - dividend] as const;
      return [kept, [delegatedOf(ROOT, neuron.root?.pool ?? neuron.hotkey), passedOn] as const];
    }),
  ]);
  const left = new Map([...parts].map(([uid, { subnet }]) => [uid, subnet]));
  return { netuid, index, parts, unattributed, moves, dividends: left };
}

function potsFor(
  { miner, validator }: DueEpoch,
  {
    told,
    earned,
    rootPot,
  }: {
    readonly told: ToldPayment;
    readonly earned: readonly { readonly neuron: DueNeuron; readonly dividend: bigint }[];
    readonly rootPot: bigint;
  },
): { readonly subnet: bigint; readonly root: bigint } {
  const all = sum(earned.map(({ dividend }) => dividend));
  const hasIncentives = told.neurons.some(({ rao, dividend }) => rao > dividend);
  const half = hasIncentives ? validator : validator + miner;
  if (half === 0n || earned.every(({ neuron }) => neuron.root === undefined)) return { subnet: all, root: 0n };
  if (earned.every(({ neuron }) => neuron.root !== undefined && neuron.stake === 0n)) return { subnet: 0n, root: all };
  const root = (all * rootPot) / half;
  return { subnet: all - root, root };
}

function passedOnOf(
  { root, takeU16 }: DueNeuron,
  rao: bigint,
  { asset, balances }: { readonly asset: string; readonly balances: ReadonlyMap<string, bigint> },
): bigint {
  if (root === undefined || (balances.get(accountKey(asset, delegatedOf(ROOT, root.pool))) ?? 0n) === 0n) return 0n;
  const part = (rao * root.delegated) / root.stake;
  return part - (part * takeU16) / U16;
}

/** What the entry after a payment does wrong; undefined where it pays root what is owed, or nothing is and it is another one. */
export function rootBreak(
  owed: RootOwed | undefined,
  entry: { readonly kind: string; readonly payloadText: string; readonly postings: readonly Posting[] },
): string | undefined {
  if (entry.kind !== 'RootPaid') {
    if (owed === undefined || owed.parts.size === 0) return undefined;
    return `epoch ${owed.index} of subnet ${owed.netuid} is paid and stake on root is not`;
  }
  const told = parsed(entry.payloadText, ({ netuid, index, unattributed, neurons }: RootPayload) => ({
    netuid,
    index,
    unattributed: BigInt(unattributed),
    parts: neurons.map(({ uid, subnet, root, passedOn }) => ({
      uid,
      subnet: BigInt(subnet),
      root: BigInt(root),
      passedOn: BigInt(passedOn),
    })),
  }));
  if (told === undefined) return 'its payload is none of a payment to root';
  const name = `epoch ${told.index} of subnet ${told.netuid}`;
  if (owed?.netuid !== told.netuid || owed.index !== told.index) return `root is paid of ${name} after no payment`;
  for (const { uid, subnet, root, passedOn } of told.parts) {
    const part = owed.parts.get(uid);
    if (part?.subnet === subnet && part.root === root && part.passedOn === passedOn) continue;
    const right = part === undefined ? 'nothing' : `${part.subnet}, ${part.root} and ${part.passedOn} rao`;
    return `${name} gives uid ${uid} for the subnet, for root and into its pool there ${subnet}, ${root} and ${passedOn} rao, it should be ${right}`;
  }
  if (new Set(told.parts.map(({ uid }) => uid)).size !== owed.parts.size || told.parts.length !== owed.parts.size) {
    return `${name} tells ${told.parts.length} parts of dividends, there are ${owed.parts.size}`;
  }
  if (told.unattributed !== owed.unattributed) {
    return `${name} leaves ${told.unattributed} rao to nobody, it should be ${owed.unattributed}`;
  }
  const moved = sumsOf(entry.postings.map(({ account, delta }) => [account, delta]));
  for (const account of new Set([...owed.moves.keys(), ...moved.keys()])) {
    const [actual, right] = [moved.get(account) ?? 0n, owed.moves.get(account) ?? 0n];
    // Money goes by way of the epoch's account, which keeps nothing of it.
    if (actual !== right) return `${name} moves ${actual} rao on ${account} for root, it should be ${right}`;
  }
  return undefined;
}
