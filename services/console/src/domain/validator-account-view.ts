import type { AccountRecord, FormulaPart, ValidatorAccountRecord, ValidatorLeverRecord } from './account.ts';
import {
  changeText,
  moneyText,
  type Naming,
  neuronRow,
  plainRow,
  potText,
  shareText,
  weightText,
  wholeText,
} from './account-text.ts';
import { policyTables } from './policy-account-view.ts';
import type { AccountTable, AccountView } from './views.ts';

/** Moves that are shown: those worth the most. */
const MOVES_SHOWN = 10;

const PARTS: { readonly [Part in FormulaPart]: string } = {
  BondsPenalty: 'Without the bonds penalty',
  Clipping: 'Without the clipping of everybody’s weights',
  MovingAverage: 'Without the moving average of everybody’s bonds',
};

/** Why a validator was paid what it was paid, what each part of the formula did, and what other weights would bring. */
export function validatorAccountView(account: AccountRecord, naming: Naming): AccountView {
  const { validator } = account;
  if (validator === undefined) {
    const facts = ['No weights, bonds or stake of it counted in this epoch.'];
    return { mechanismId: account.mechanismId, tables: [], facts, changes: [] };
  }
  const byStake = validator.byStakeRao === 0n ? '' : `, of it ${wholeText(validator.byStakeRao)} rao by stake`;
  const { lever } = validator;
  return {
    mechanismId: account.mechanismId,
    tables: [
      linesTable(validator, naming),
      ...policyTables(account, 'Dividends'),
      partsTable(validator, account, naming),
      ...(lever === undefined ? [] : movesTables(lever, naming)),
    ],
    facts: [
      `Earned ${wholeText(validator.earned)}, weighed by stake (share ${shareText(validator.stakeShare)}) ${wholeText(validator.weighed)} of ${wholeText(validator.weighedSum)} (all neurons), is dividends ${shareText(validator.dividends)}.`,
      `Of ${moneyText(account.validatorPotRao, naming)}${potText(account.potRule)} that is ${moneyText(validator.rao, naming)}${byStake}; flooring left ${wholeText(account.unattributedRao)} rao of both pots to nobody.`,
    ],
    changes:
      lever === undefined
        ? []
        : [
            `Next epoch, if everybody else gives the same again: ${moneyText(lever.baselineRao, naming)} with the same weights, ${changeText(lever.agreeingGainRao)} rao with the consensus of every miner.`,
          ],
  };
}

function linesTable(validator: ValidatorAccountRecord, naming: Naming): AccountTable {
  const lines = validator.lines.toSorted((left, right) => (left.earned > right.earned ? -1 : 1));
  return {
    title: 'What it gave each miner and what that was worth',
    caption: 'Its share of the bonds on a miner × the miner’s incentive is what it earns of it, in units of 2⁻³².',
    head: 'Miner',
    columns: ['Gave', 'Counted', 'Clipped', 'Bond share', '× Incentive', '= Earned', 'Dividends', 'Paid / rao'],
    rows: lines.map((line) =>
      neuronRow(line.minerUid, naming, [
        ...[line.gave, line.counted].map(shareText),
        line.clipped === 0n ? '–' : shareText(line.clipped),
        shareText(line.bondShare),
        ...[line.incentive, line.earned, line.dividends, line.rao].map(wholeText),
      ]),
    ),
    sums: [
      plainRow('Rounding', ['', '', '', '', '', '', ...[validator.dividendsRest, validator.raoRest].map(wholeText)]),
      plainRow('Sum', ['', '', '', '', '', ...[validator.earned, validator.dividends, validator.rao].map(wholeText)]),
    ],
  };
}

function partsTable(validator: ValidatorAccountRecord, account: AccountRecord, naming: Naming): AccountTable {
  return {
    title: 'What each part of the formula did',
    caption: `What-ifs of this epoch and the same ${moneyText(account.validatorPotRao, naming)}, each part left out alone: they do not add up.`,
    head: 'What if',
    columns: ['Dividends', 'Paid / rao', 'Difference / rao'],
    rows: [
      plainRow('As it was', [shareText(validator.dividends), wholeText(validator.rao), '']),
      ...validator.switchedOff.map(({ part, dividends, rao, differenceRao }) =>
        plainRow(PARTS[part], [shareText(dividends), wholeText(rao), changeText(differenceRao)]),
      ),
    ],
    sums: [],
  };
}

function movesTables({ moves }: ValidatorLeverRecord, naming: Naming): AccountTable[] {
  const worth = moves.filter(({ gainRao }) => gainRao > 0n).slice(0, MOVES_SHOWN);
  if (worth.length === 0) return [];
  return [
    {
      title: 'One weight moved to its consensus',
      caption: 'What that alone would bring in the next epoch, the other weights kept in proportion.',
      head: 'Miner',
      columns: ['Gave', 'Consensus', 'Weight', 'Gain / rao'],
      rows: worth.map((move) =>
        neuronRow(move.minerUid, naming, [
          shareText(move.gave),
          shareText(move.consensus),
          weightText(move),
          changeText(move.gainRao),
        ]),
      ),
      sums: [],
    },
  ];
}
