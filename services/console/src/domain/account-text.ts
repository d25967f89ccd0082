import { amountText } from '@subnetes/money/amount';
import type { PotRule } from './account.ts';
import type { AccountCell, AccountRow } from './views.ts';

const ONE = 1n << 32n;

/** What accounts are told with: names of the subnet's neurons, and the symbol of its money. */
export interface Naming {
  readonly nameOf: (uid: number) => string;
  readonly symbol: string;
}

/** A count of 2^-32 as a share of one with nine decimals, truncated. */
export function shareText(share: bigint): string {
  return `${share / ONE}.${(((share % ONE) * 1_000_000_000n) / ONE).toString().padStart(9, '0')}`;
}

/** A share in three decimals, for sentences. */
export function shortShare(share: bigint): string {
  return (Number(share) / Number(ONE)).toFixed(3);
}

/** Whole numbers with their thousands apart, a minus where there is one. */
export function wholeText(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().replace(/\B(?=(\d{3})+$)/g, ' ');
  return value < 0n ? `−${digits}` : digits;
}

/** A change of rao, its sign always there. */
export function changeText(value: bigint): string {
  return value > 0n ? `+${wholeText(value)}` : wholeText(value);
}

export function moneyText(rao: bigint, { symbol }: Naming): string {
  return amountText({ asset: symbol, units: rao });
}

/** Whose pot that is, where it is not the usual one. */
export function potText(rule: PotRule): string {
  switch (rule) {
    case 'Own':
      return '';
    case 'MinersTakeBoth':
      return ' (both pots, as nobody has dividends)';
    case 'ValidatorsTakeBoth':
      return ' (both pots, as nobody has incentive)';
    case 'ByStake':
      return ' (both pots, by stake, as nobody has incentive or dividends)';
  }
}

/** `31 022 → 32 190`, with what the other weights are scaled by where they are. */
export function weightText(change: {
  readonly fromU16: number;
  readonly toU16: number;
  readonly othersU16: number;
}): string {
  const others = change.othersU16 === 65_535 ? '' : `, others × ${change.othersU16}/65535`;
  return `${change.fromU16} → ${change.toU16}${others}`;
}

/** A row of a neuron, which the page links to. */
export function neuronRow(uid: number, { nameOf }: Naming, cells: readonly AccountCell[]): AccountRow {
  return { name: nameOf(uid), uid, cells };
}

/** A row of the table's own: a rest or a sum. */
export function plainRow(name: string, cells: readonly AccountCell[]): AccountRow {
  return { name, uid: null, cells };
}
