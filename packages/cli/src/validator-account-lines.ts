import { fixedText } from '@subnetes/consensus/explain';
import type { ValidatorAccount } from '@subnetes/consensus/validator-account';
import type { SwitchedOff, ValidatorLever } from '@subnetes/consensus/validator-lever';
import { money, nameOf, potWords, type Telling, weightText } from './account-lines.ts';
import type { MechanismAccount } from './account-reader.ts';
import { signedRao } from './number-text.ts';
import { tableLines } from './table.ts';

/** Moves that are shown: those worth the most. All are in --json. */
const MOVES_SHOWN = 10;

const PARTS: { readonly [Part in SwitchedOff['part']]: string } = {
  'bonds-penalty': 'bonds penalty',
  clipping: "clipping of everybody's weights",
  'moving-average': "moving average of everybody's bonds",
};

const right = (head: string) => ({ head, align: 'right' as const });

/** A validator's account line by line, what each part of the formula did to it, and what other weights would bring. */
export function validatorAccountLines({ validator }: MechanismAccount, telling: Telling): string[] {
  if (validator === undefined) return ['  no weights, bonds or stake of it counted in this epoch'];
  const { account, switchedOff, lever } = validator;
  return [
    ...tableOf(account, telling),
    ...sumLines(account, telling),
    '',
    ...switchLines(switchedOff, account, telling),
    '',
    ...(lever === undefined
      ? ['No weights of it would bring dividends in the next epoch: it will have no permit, or nobody has a consensus.']
      : leverLines(lever, telling)),
  ];
}

function tableOf(account: ValidatorAccount, telling: Telling): string[] {
  const rows = account.lines
    .toSorted((left, other) => (left.earned > other.earned ? -1 : left.earned < other.earned ? 1 : 0))
    .map((line) => [
      nameOf(telling, line.minerUid),
      ...[line.gave, line.counted].map(fixedText),
      line.clipped === 0n ? '–' : fixedText(line.clipped),
      fixedText(line.bondShare),
      ...[line.incentive, line.earned, line.dividends, line.rao].map(String),
    ]);
  if (rows.length === 0) return ['  no weights or bonds of it counted in this epoch'];
  const heads = ['GAVE', 'COUNTED', 'CLIPPED', 'BOND SHARE', '× INCENTIVE', '= EARNED', 'DIVIDENDS', 'RAO'];
  const rest = ['rounding', '', '', '', '', '', '', String(account.dividendsRest), String(account.raoRest)];
  const sums = ['sum', '', '', '', '', '', ...[account.earned, account.dividends, account.rao].map(String)];
  return tableLines([{ head: 'MINER' }, ...heads.map(right)], [...rows, rest, sums]).map((line) => `  ${line}`);
}

function sumLines(account: ValidatorAccount, telling: Telling): string[] {
  const weighed = telling.isYuma3
    ? `  earned ${account.earned} × stake share ${fixedText(account.stakeShare)} = ${account.weighed}`
    : `  earned ${account.weighed} (stake counts in the bonds under Yuma 2)`;
  const pay = `  of ${money(account.pot, telling)}${potWords(account.potRule)} that is ${money(account.rao, telling)}; flooring left ${account.unattributed} rao of both pots to nobody`;
  return [
    `${weighed} of ${account.weighedSum} (all neurons), in units of 2^-32, is dividends ${fixedText(account.dividends)}`,
    account.byStake === 0n ? pay : `${pay}; of it ${account.byStake} rao by stake`,
    `  trust ${fixedText(account.validatorTrust)} is the part of its weight that counted`,
  ];
}

function switchLines(switchedOff: readonly SwitchedOff[], account: ValidatorAccount, telling: Telling): string[] {
  const rows = switchedOff.map(({ part, dividends, rao, difference }) => [
    `without the ${PARTS[part]}`,
    fixedText(dividends),
    String(rao),
    signedRao(difference),
  ]);
  const own = ['as it was', fixedText(account.dividends), String(account.rao), ''];
  const columns = [{ head: 'WHAT IF' }, ...['DIVIDENDS', 'RAO', 'DIFFERENCE'].map(right)];
  return [
    `What each part of the formula did, of the same ${money(account.pot, telling)}; each alone, so they do not add up:`,
    ...tableLines(columns, [own, ...rows]).map((line) => `  ${line}`),
  ];
}

function leverLines(lever: ValidatorLever, telling: Telling): string[] {
  const worth = lever.moves.filter(({ gain }) => gain > 0n).slice(0, MOVES_SHOWN);
  const rows = worth.map((move) => [
    nameOf(telling, move.minerUid),
    fixedText(move.gave),
    fixedText(move.consensus),
    weightText(move),
    signedRao(move.gain),
  ]);
  const columns = [{ head: 'MINER' }, right('GAVE'), right('CONSENSUS'), { head: 'WEIGHT' }, right('GAIN/RAO')];
  const agreeing = signedRao(lever.agreeing.gain);
  return [
    `Next epoch, if everybody else gives the same again: ${money(lever.baseline, telling)} with the same weights, ${agreeing} rao with the consensus of every miner.`,
    ...(rows.length === 0
      ? [`Of ${lever.moves.length} weights that are not at the consensus none would bring more if moved there alone.`]
      : [
          'One weight alone moved to its consensus would bring:',
          ...tableLines(columns, rows).map((line) => `  ${line}`),
        ]),
  ];
}
