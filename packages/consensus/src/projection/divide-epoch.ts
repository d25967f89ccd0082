import type { RootPool, SealedRoot } from './root-pool.ts';
import type { DividendOutlook, Lineage, ValidatorOutlook } from './stake-outlook.ts';

const [U16, ONE_Q32] = [65_535n, 1n << 32n];
const ALONE: Lineage = { keepsQ32: ONE_Q32, parents: [] };

/** A validator's stake as it grows. Money in smallest units. */
export interface Standing {
  readonly outlook: ValidatorOutlook;
  readonly root: RootPool | undefined;
  own: bigint;
  delegated: bigint;
}

/** What an epoch brings a validator for stake in the subnet and for stake on root, by what counted at its seal. */
export interface Divided {
  readonly standing: Standing;
  readonly subnet: bigint;
  readonly root: bigint;
  readonly sealed: { readonly own: bigint; readonly delegated: bigint; readonly root: SealedRoot | undefined };
}

interface Counted {
  readonly standing: Standing;
  /** What lies in the subnet, and what root counts for. */
  readonly lies: bigint;
  readonly onRoot: bigint;
}

/**
 * Divides what an epoch pays as dividends by the ledger's rules: among validators by the stake that counts, after children and with
 * parents, at the yield of late; to parents what their stake earned, less the child's take; and of what each has then, root's part,
 * by the rule of the two pots.
 */
export function divideEpoch(
  standings: readonly Standing[],
  outlook: DividendOutlook,
  epoch: { readonly dividends: bigint; readonly othersStake: bigint },
): readonly Divided[] {
  const weightPpm = BigInt(outlook.rootWeightPpm ?? 0);
  const counted = standings.map((standing) => ({
    standing,
    lies: standing.own + standing.delegated,
    onRoot: standing.root?.counts(weightPpm) ?? 0n,
  }));
  return partBetweenPots(counted, dividendsOf(counted, epoch.dividends), { outlook, ...epoch });
}

/** Whose each dividend is once parents have theirs. */
function dividendsOf(counted: readonly Counted[], dividends: bigint): readonly bigint[] {
  const places = new Map(counted.map(({ standing }, at) => [standing.outlook.uid, at]));
  const has = counted.map(({ lies, onRoot }) => lies + onRoot);
  const given = counted.map(({ standing }) =>
    (standing.outlook.lineage ?? ALONE).parents.flatMap(({ uid, givesQ32, takeU16 }) => {
      const at = places.get(uid);
      return at === undefined ? [] : [{ at, takeU16, stake: (has[at] ?? 0n) * givesQ32 }];
    }),
  );
  const stakes = counted.map(
    ({ standing }, at) =>
      (has[at] ?? 0n) * (standing.outlook.lineage ?? ALONE).keepsQ32 + sumOf(given[at] ?? [], byStake),
  );
  const weights = counted.map(({ standing }, at) => standing.outlook.yieldQ64 * (stakes[at] ?? 0n));
  const all = sumOf(weights, (weight) => weight);
  if (all === 0n) return [];
  const earned = weights.map((weight) => (dividends * weight) / all);
  const left = [...earned];
  for (const [child, parents] of given.entries()) {
    const dividend = earned[child] ?? 0n;
    for (const { at, takeU16, stake } of dividend === 0n ? [] : parents) {
      const part = (dividend * stake) / (stakes[child] ?? 1n);
      const goesOn = part - (part * BigInt(takeU16)) / U16;
      left[child] = (left[child] ?? 0n) - goesOn;
      left[at] = (left[at] ?? 0n) + goesOn;
    }
  }
  return left;
}

const byStake = ({ stake }: { readonly stake: bigint }): bigint => stake;

/** Cuts each dividend by how much of what the validator has is on root, and shares both pots by those parts. */
function partBetweenPots(
  counted: readonly Counted[],
  earned: readonly bigint[],
  {
    outlook: { others, paid },
    dividends,
    othersStake,
  }: { readonly outlook: DividendOutlook; readonly dividends: bigint; readonly othersStake: bigint },
): readonly Divided[] {
  if (earned.length === 0) return [];
  const cuts = counted.map(({ lies, onRoot }, at) => {
    const dividend = earned[at] ?? 0n;
    return onRoot === 0n ? 0n : (dividend * onRoot) / (lies + onRoot);
  });
  const onRoot = sumOf(counted, (each) => each.onRoot) + (others?.root ?? 0n);
  const lies = sumOf(counted, (each) => each.lies) + othersStake;
  const [roots, all] = [sumOf(cuts, (cut) => cut), sumOf(earned, (dividend) => dividend)];
  // Where nobody is rated validators have both halves, and root its part of one.
  const half = paid.all === paid.dividends ? dividends / 2n : dividends;
  const isAllRoot = counted.every((each, at) => earned[at] === 0n || (each.onRoot > 0n && each.lies === 0n));
  const rootPot = roots === 0n ? 0n : isAllRoot ? dividends : (half * onRoot) / (onRoot + lies);
  return counted.map(({ standing }, at) => {
    const [dividend, cut] = [earned[at] ?? 0n, cuts[at] ?? 0n];
    return {
      standing,
      subnet: all === roots ? 0n : ((dividends - rootPot) * (dividend - cut)) / (all - roots),
      root: roots === 0n ? 0n : (rootPot * cut) / roots,
      sealed: { own: standing.own, delegated: standing.delegated, root: standing.root?.sealed },
    };
  });
}

function sumOf<T>(list: readonly T[], amountOf: (each: T) => bigint): bigint {
  return list.reduce((sum, each) => sum + amountOf(each), 0n);
}
