import type { PotRule } from '@subnetes/consensus/emission';
import { fixedText } from '@subnetes/consensus/explain';
import { type Fixed, ONE } from '@subnetes/consensus/fixed';
import { tokenTextFromRao } from '@subnetes/money/amount';
import type { Found } from './neuron-finder.ts';
import { neuronName } from './neuron-finder.ts';

/** What the lines of an account need to know beside the account. */
export interface Telling {
  readonly found: Found;
  /** Symbol of the network's token. */
  readonly symbol: string;
  /** Share of active stake that carries a weight, of 65535. */
  readonly kappaU16: number;
  /** Whether stake is weighed in the dividends (Yuma 3) or in the bonds (Yuma 2). */
  readonly isYuma3: boolean;
}

/** Name of a neuron of the subnet. */
export function nameOf({ found }: Telling, uid: number): string {
  const neuron = found.neighbours.find((neighbour) => neighbour.uid === uid);
  return neuron === undefined ? `uid ${uid}` : neuronName(neuron);
}

/** A share of one in three decimals, for sentences: `0.412`. */
export function shareWords(share: Fixed): string {
  return (Number(share) / Number(ONE)).toFixed(3);
}

/** A small share with nine decimals and without the zeros behind: `0.00003`. */
export function smallShare(share: Fixed): string {
  return fixedText(share).replace(/0+$/, '').replace(/\.$/, '.0');
}

/** Rao as tokens, exact: `3.378646008 TAO`. */
export function money(rao: bigint, { symbol }: Telling): string {
  return `${tokenTextFromRao(rao)} ${symbol}`;
}

/** Whose pot that is, where it is not the usual one. */
export function potWords(rule: PotRule): string {
  switch (rule) {
    case 'own':
      return '';
    case 'miners-take-both':
      return ' (both pots: nobody has dividends)';
    case 'validators-take-both':
      return ' (both pots: nobody has incentive)';
    case 'by-stake':
      return ' (both pots, by stake: nobody has incentive or dividends)';
  }
}

/** A changed u16 weight: `31022 → 32190`, with what its others are scaled by where they are. */
export function weightText(change: {
  readonly fromU16: number;
  readonly toU16: number;
  readonly othersU16: number;
}): string {
  const others = change.othersU16 === 65_535 ? '' : `, the others × ${change.othersU16}/65535`;
  return `${change.fromU16} → ${change.toU16}${others}`;
}
