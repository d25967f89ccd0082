import type { AccountRecord, MinerAccountRecord, MinerLeverRecord } from './account.ts';
import {
  moneyText,
  type Naming,
  neuronRow,
  plainRow,
  potText,
  shareText,
  shortShare,
  weightText,
  wholeText,
} from './account-text.ts';
import { policyTables } from './policy-account-view.ts';
import type { AccountTable, AccountView } from './views.ts';

/** Why a miner was paid what it was paid, line by line, and what would lift it. */
export function minerAccountView(account: AccountRecord, naming: Naming): AccountView {
  const { miner } = account;
  return {
    mechanismId: account.mechanismId,
    tables: [linesTable(miner, naming), ...policyTables(account, 'Incentive')],
    facts: [
      `Rank ${wholeText(miner.rank)} of ${wholeText(miner.rankSum)} (all neurons) is incentive ${shareText(miner.incentive)}.`,
      `Of ${moneyText(account.minerPotRao, naming)}${potText(account.potRule)} that is ${moneyText(miner.rao, naming)}; flooring left ${wholeText(account.unattributedRao)} rao of both pots to nobody.`,
      `Consensus ${shareText(miner.consensus)}; clipping took ${shareText(miner.clipped)} of the rank.`,
    ],
    changes: changesOf(account, naming),
  };
}

function linesTable(miner: MinerAccountRecord, naming: Naming): AccountTable {
  // Who decides stands first.
  const lines = miner.lines.toSorted((left, right) => (left.stakeShare > right.stakeShare ? -1 : 1));
  return {
    title: 'What each validator gave and what it was worth',
    caption:
      'Stake share × what counted goes to the rank, in units of 2⁻³². What a validator gives above the consensus is clipped.',
    head: 'Validator',
    columns: ['Stake share', 'Gave', 'Counted', 'Clipped', 'To rank', 'Incentive', 'Paid / rao'],
    rows: lines.map((line) =>
      neuronRow(line.validatorUid, naming, [
        ...[line.stakeShare, line.gave, line.counted].map(shareText),
        line.clipped === 0n ? '–' : shareText(line.clipped),
        ...[line.contribution, line.incentive, line.rao].map(wholeText),
      ]),
    ),
    sums: [
      plainRow('Rounding', ['', '', '', '', '', wholeText(miner.incentiveRest), wholeText(miner.raoRest)]),
      plainRow('Sum', ['', '', '', '', ...[miner.rank, miner.incentive, miner.rao].map(wholeText)]),
    ],
  };
}

function changesOf({ miner, minerPotRao }: AccountRecord, naming: Naming): string[] {
  const { lever } = miner;
  if (lever === undefined) return [];
  const { nameOf } = naming;
  const passing = nameOf(lever.passUid);
  const after = ({ incentive, place }: { readonly incentive: bigint; readonly place: number }): string =>
    `incentive ${shortShare(incentive)}, place ${place}, ${moneyText((incentive * minerPotRao) >> 32n, naming)} of the same pot`;
  const { cheapest } = lever;
  const alone =
    cheapest === undefined
      ? `No validator alone can lift it over ${passing}.`
      : `The cheapest change to pass ${passing}: ${nameOf(cheapest.validatorUid)} gives ${shareText(cheapest.more)} more (its weight ${weightText(cheapest)}); then ${after(lever)}.`;
  return [alone, ...togetherText(lever, { naming, after }), ...clippedText(lever, naming)];
}

function togetherText(
  { together, passUid }: MinerLeverRecord,
  told: {
    readonly naming: Naming;
    readonly after: (standing: { readonly incentive: bigint; readonly place: number }) => string;
  },
): string[] {
  if (together.validatorUids.length === 0) return [];
  const who = `validators with ${shortShare(together.stakeShare)} of stake (${together.validatorUids.map(told.naming.nameOf).join(', ')})`;
  return together.more === undefined
    ? [`Together ${who} cannot lift it over ${told.naming.nameOf(passUid)}, not with all of their weight.`]
    : [`Together: ${who} give ${shareText(together.more)} more each; then ${told.after(together)}.`];
}

function clippedText({ clippedUids }: MinerLeverRecord, { nameOf }: Naming): string[] {
  if (clippedUids.length === 0) return [];
  const names = clippedUids.map(nameOf).join(', ');
  const verb = clippedUids.length === 1 ? 'gives' : 'give';
  return [
    `${names} ${verb} more than the consensus already: more of that counts for nothing, it only takes from others.`,
  ];
}
