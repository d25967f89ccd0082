import type { PolicyChange } from '@subnetes/policy/override-policy';
import { shareText, signedRao } from './number-text.ts';
import { ppmText } from './emission-text.ts';
import type { ComputedShare, NeuronResult } from '@subnetes/replay/recompute-epoch';
import { tableLines } from './table.ts';
import type { Comparison } from './what-if.ts';

/** An epoch paid by other rules, beside what was paid. Money in rao. */
export interface WhatIfResult {
  readonly changes: readonly PolicyChange[];
  /** Uids of the validators that were left out. */
  readonly without: readonly number[];
  readonly comparisons: readonly Comparison[];
  readonly nameOf: (neuron: NeuronResult) => string;
  /** Of miners and validators together: the same before and after. */
  readonly pot: bigint;
  readonly unattributed: { readonly before: bigint; readonly after: bigint };
  /** Of the root network alone, which pays nobody. */
  readonly shares: { readonly before: readonly ComputedShare[]; readonly after: readonly ComputedShare[] } | undefined;
  /** Whether the readable implementation and the kernel get the same. */
  readonly agree: boolean;
}

/** Rules in the protocol's integers, then who would gain and who would lose, adding up to the pot. */
export function whatIfLines(result: WhatIfResult): string[] {
  return [
    'What if (nothing was changed):',
    ...result.changes.map((change) => `  ${changeLine(change)}`),
    ...result.without.map((uid) => `  without validator ${withoutName(result, uid)}`),
    ...(result.shares === undefined ? payLines(result) : shareLines(result.shares)),
    result.agree
      ? 'Computed by the readable implementation; the kernel gets the same.'
      : 'THE KERNEL GETS SOMETHING ELSE: one of the two implementations has a bug.',
  ];
}

/** Of every block, market by market; none where the members would agree on nothing. */
function shareLines({ before, after }: NonNullable<WhatIfResult['shares']>): string[] {
  const shareOf = (shares: readonly ComputedShare[], netuid: number): string =>
    ppmText(shares.find((share) => share.netuid === netuid)?.sharePpm ?? 0);
  const netuids = [...new Set([...before, ...after].map(({ netuid }) => netuid))].toSorted((a, b) => a - b);
  const table = tableLines(
    [
      { head: 'NETUID', align: 'right' },
      { head: 'SHARE', align: 'right' },
      { head: 'WOULD BE', align: 'right' },
    ],
    netuids.map((netuid) => [String(netuid), shareOf(before, netuid), shareOf(after, netuid)]),
  );
  return after.length === 0
    ? [...table, 'The members would agree on nothing: blocks would be split in equal parts.']
    : table;
}

function payLines(result: WhatIfResult): string[] {
  const { comparisons, nameOf, unattributed, pot } = result;
  const right = (head: string) => ({ head, align: 'right' as const });
  const rows = comparisons.map(({ before, after, paidBefore, paidAfter, difference }) => [
    nameOf(before),
    String(before.uid),
    String(paidBefore),
    String(paidAfter),
    signedRao(difference),
    changeText(before.incentive, after.incentive),
    changeText(before.dividends, after.dividends),
  ]);
  const left = signedRao(unattributed.after - unattributed.before);
  const rest = ['left to nobody', '', String(unattributed.before), String(unattributed.after), left];
  const columns = [
    { head: 'NEURON' },
    right('UID'),
    right('PAID/RAO'),
    right('WOULD BE/RAO'),
    right('DIFFERENCE/RAO'),
    { head: 'INCENTIVE' },
    { head: 'DIVIDENDS' },
  ];
  return [
    ...tableLines(columns, [...rows, rest, ['pot', '', String(pot), String(pot), '0']]),
    'The pot is the same, so the differences add up to nothing.',
  ];
}

function changeLine({ parameter, asked, before, after, floored }: PolicyChange): string {
  const isAsInteger = asked.name === parameter;
  const how = floored ? `${asked.name}=${asked.value}, floored` : `${asked.name}=${asked.value}`;
  return `${parameter} ${before} → ${after}${isAsInteger && !floored ? '' : `  (${how})`}`;
}

function withoutName({ comparisons, nameOf }: WhatIfResult, uid: number): string {
  const own = comparisons.find(({ before }) => before.uid === uid)?.before;
  return own === undefined ? `uid ${uid}` : `${nameOf(own)} (uid ${uid})`;
}

/** `0.412 → 0.398`, or one number where it stays. */
function changeText(before: number, after: number): string {
  return before === after ? shareText(before) : `${shareText(before)} → ${shareText(after)}`;
}

/** The same for programs: exact, money in rao. */
export function whatIfValue(result: WhatIfResult) {
  const { pot, unattributed, agree } = result;
  return {
    changes: result.changes,
    withoutValidators: result.without,
    neurons: result.comparisons.map(({ before, after, paidBefore, paidAfter, difference }) => ({
      name: result.nameOf(before),
      uid: before.uid,
      paidRao: paidBefore,
      wouldBeRao: paidAfter,
      differenceRao: difference,
      before,
      after,
    })),
    potRao: pot,
    unattributedRao: unattributed.before,
    wouldBeUnattributedRao: unattributed.after,
    ...(result.shares === undefined ? {} : { shares: result.shares.before, wouldBeShares: result.shares.after }),
    kernelAgrees: agree,
  };
}
