import type { Posting } from '../book/journal.ts';
import { sumsOf } from './moves.ts';
import type { DueEpoch, ToldPayment } from './paid-epoch.ts';
import { parsed } from './parsed.ts';

/** What of children's dividends has to go on to their parents, right after an epoch was paid. */
export interface ParentsOwed {
  readonly netuid: number;
  readonly index: number;
  /** Rao by uid of child and parent, more than zero. */
  readonly parts: ReadonlyMap<string, { readonly rao: bigint; readonly take: bigint }>;
  /** Rao that each account gains or loses by that. */
  readonly moves: ReadonlyMap<string, bigint>;
  /** Whose each dividend is then, in rao by uid. */
  readonly dividends: ReadonlyMap<number, bigint>;
}

interface ParentsPayload {
  readonly netuid: number;
  readonly index: number;
  readonly children: readonly {
    readonly uid: number;
    readonly parents: readonly { readonly uid: number; readonly rao: string; readonly take: string }[];
  }[];
}

const U16 = 65_535n;

/** By what was sealed: a dividend is divided by who gave the stake, rounded down, less the child's take where owners differ. */
export function parentsOwed({ netuid, index, neurons }: DueEpoch, told: ToldPayment): ParentsOwed {
  const dividends = new Map(told.neurons.map(({ uid, dividend }) => [uid, dividend]));
  const gains: (readonly [string, bigint])[] = [];
  const parts = told.neurons.flatMap(({ uid, dividend }) => {
    const child = neurons.get(uid);
    if (child?.lineage === undefined) return [];
    const { own, parents, takeU16 } = child.lineage;
    const total = parents.reduce((sum, { gives }) => sum + gives, own);
    if (total === 0n) return [];
    return parents.flatMap((parent) => {
      const coldkey = neurons.get(parent.uid)?.coldkey ?? `uid ${parent.uid}`;
      const part = (dividend * parent.gives) / total;
      const take = coldkey === child.coldkey ? 0n : (part * takeU16) / U16;
      const rao = part - take;
      if (rao === 0n) return [];
      dividends.set(uid, (dividends.get(uid) ?? 0n) - rao);
      dividends.set(parent.uid, (dividends.get(parent.uid) ?? 0n) + rao);
      gains.push([child.coldkey, -rao], [coldkey, rao]);
      return [[`${uid}/${parent.uid}`, { rao, take }] as const];
    });
  });
  return { netuid, index, parts: new Map(parts), moves: sumsOf(gains), dividends };
}

/** What the entry right after a payment does wrong; undefined where it pays parents what is owed, or nothing is and it is another one. */
export function parentsBreak(
  owed: ParentsOwed | undefined,
  entry: { readonly kind: string; readonly payloadText: string; readonly postings: readonly Posting[] },
): string | undefined {
  if (entry.kind !== 'ParentsPaid') {
    if (owed === undefined || owed.parts.size === 0) return undefined;
    return `epoch ${owed.index} of subnet ${owed.netuid} is paid and parents of its children are not`;
  }
  const told = parsed(entry.payloadText, ({ netuid, index, children }: ParentsPayload) => ({
    netuid,
    index,
    parts: children.flatMap((child) =>
      child.parents.map(({ uid, rao, take }) => ({ key: `${child.uid}/${uid}`, rao: BigInt(rao), take: BigInt(take) })),
    ),
  }));
  if (told === undefined) return 'its payload is none of a payment to parents';
  const name = `epoch ${told.index} of subnet ${told.netuid}`;
  if (owed?.netuid !== told.netuid || owed.index !== told.index) return `parents of ${name} are paid after no payment`;
  for (const { key, rao, take } of told.parts) {
    const part = owed.parts.get(key);
    if (part?.rao === rao && part.take === take) continue;
    return `${name} passes ${rao} rao on from child to parent ${key}, it should be ${part?.rao ?? 0n}`;
  }
  const keys = new Set(told.parts.map(({ key }) => key));
  if (keys.size !== told.parts.length) return `${name} pays parents twice`;
  if (keys.size !== owed.parts.size) return `${name} passes nothing on to some parents`;
  const moved = sumsOf(entry.postings.map(({ account, delta }) => [account, delta]));
  for (const account of new Set([...owed.moves.keys(), ...moved.keys()])) {
    const [actual, right] = [moved.get(account) ?? 0n, owed.moves.get(account) ?? 0n];
    if (actual !== right) return `${name} moves ${actual} rao on ${account} for parents, it should be ${right}`;
  }
  return undefined;
}
