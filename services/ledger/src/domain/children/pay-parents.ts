import { accept, type Decision } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { SealedEpoch, SealedNeuron } from '../economy/sealed-epoch.ts';

const U16 = 65_535n;

/** Dividend of a neuron, in rao. */
export interface Dividend {
  readonly uid: number;
  readonly dividend: bigint;
}

/** What a parent gets of its child's dividend, and what the child keeps of that as its take. Rao. */
export interface ParentPart {
  readonly uid: number;
  readonly rao: bigint;
  readonly take: bigint;
}

/**
 * Divides a child's dividend by who gave the stake that earned it. Each part is floored; the rest stays with the child. Nothing is
 * kept of what comes from a parent of the same owner.
 * Source: opentensor/subtensor pallets/subtensor/src/coinbase/run_coinbase.rs, get_parent_child_dividends_distribution.
 */
export function parentParts(
  dividend: bigint,
  child: Pick<SealedNeuron, 'coldkey' | 'inherits'>,
  coldkeyOf: (uid: number) => string | undefined,
): readonly ParentPart[] {
  const { inherits } = child;
  if (inherits === undefined) return [];
  const total = inherits.parents.reduce((sum, { gives }) => sum + gives, inherits.own);
  if (total === 0n) return [];
  return inherits.parents.map(({ uid, gives }) => {
    const part = (dividend * gives) / total;
    const take = coldkeyOf(uid) === child.coldkey ? 0n : (part * BigInt(inherits.takeU16)) / U16;
    return { uid, rao: part - take, take };
  });
}

/**
 * After an epoch was paid: what children were paid for stake of their parents goes on to those, without the child's take. Answers
 * whose each dividend is then, so that it can go on to those who delegated.
 */
export function payParents(
  ledger: Ledger,
  sealed: SealedEpoch,
  scored: readonly Dividend[],
): Decision<readonly Dividend[]> {
  const neurons = new Map(sealed.neurons.map((neuron) => [neuron.uid, neuron]));
  const dividends = new Map(scored.map(({ uid, dividend }) => [uid, dividend]));
  const children = scored.flatMap(({ uid, dividend }) => {
    const child = neurons.get(uid);
    const parts = child === undefined ? [] : parentParts(dividend, child, (parent) => neurons.get(parent)?.coldkey);
    const paid = parts.filter(({ rao }) => rao > 0n);
    return child === undefined || paid.length === 0 ? [] : [{ uid, coldkey: child.coldkey, parents: paid }];
  });
  if (children.length === 0) return accept(scored);
  for (const { uid, coldkey, parents } of children) {
    for (const parent of parents) {
      dividends.set(uid, (dividends.get(uid) ?? 0n) - parent.rao);
      dividends.set(parent.uid, (dividends.get(parent.uid) ?? 0n) + parent.rao);
    }
    const parts = parents
      .map((parent) => ({ to: neurons.get(parent.uid)?.coldkey ?? coldkey, amount: parent.rao }))
      .filter(({ to }) => to !== coldkey);
    if (parts.length === 0) continue;
    const moved = ledger.book.pay({ asset: ledger.asset, from: coldkey, parts });
    if (!moved.ok) return moved;
  }
  const { netuid, index } = sealed;
  const told = children.map(({ uid, parents }) => ({ uid, parents }));
  ledger.journal.write({ block: ledger.block, kind: 'ParentsPaid', payload: { netuid, index, children: told } });
  return accept([...dividends].map(([uid, dividend]) => ({ uid, dividend })));
}
