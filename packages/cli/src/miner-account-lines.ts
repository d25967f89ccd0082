import { fixedText } from '@subnetes/consensus/explain';
import type { MinerAccount } from '@subnetes/consensus/miner-account';
import type { MinerLever } from '@subnetes/consensus/miner-lever';
import type { WeightRaise } from '@subnetes/consensus/weight-raise';
import { money, nameOf, potWords, shareWords, smallShare, type Telling, weightText } from './account-lines.ts';
import type { MechanismAccount } from './account-reader.ts';
import { shareText } from './number-text.ts';
import { tableLines } from './table.ts';

/** A miner's account line by line, with what rounding leaves, and what would lift it. */
export function minerAccountLines(account: MechanismAccount, telling: Telling): string[] {
  const { miner } = account;
  return [
    ...tableOf(miner, telling),
    `  rank ${miner.rank} of ${miner.rankSum} (all neurons), in units of 2^-32, is incentive ${fixedText(miner.incentive)}`,
    `  of ${money(miner.pot, telling)}${potWords(miner.potRule)} that is ${money(miner.rao, telling)}; flooring left ${miner.unattributed} rao of both pots to nobody`,
    `  consensus ${fixedText(miner.consensus)}, the highest weight that validators with at least ${shareText(telling.kappaU16)} of stake gave or exceeded; clipping took ${fixedText(miner.clipped)} of the rank`,
    '',
    ...standingLines(account, telling),
  ];
}

function tableOf(miner: MinerAccount, telling: Telling): string[] {
  const right = (head: string) => ({ head, align: 'right' as const });
  const columns = [
    { head: 'VALIDATOR' },
    ...['STAKE', 'GAVE', 'COUNTED', 'CLIPPED', 'TO RANK', 'INCENTIVE', 'RAO'].map(right),
  ];
  // Who decides stands first.
  const rows = miner.lines
    .toSorted((left, other) => (left.stakeShare > other.stakeShare ? -1 : left.stakeShare < other.stakeShare ? 1 : 0))
    .map((line) => [
      nameOf(telling, line.validatorUid),
      ...[line.stakeShare, line.gave, line.counted].map(fixedText),
      line.clipped === 0n ? '–' : fixedText(line.clipped),
      ...[line.contribution, line.incentive, line.rao].map(String),
    ]);
  if (rows.length === 0) return ['  no validator with a permit gave weights that count'];
  const rest = ['rounding', '', '', '', '', '', String(miner.incentiveRest), String(miner.raoRest)];
  const sums = ['sum', '', '', '', '', ...[miner.rank, miner.incentive, miner.rao].map(String)];
  return tableLines(columns, [...rows, rest, sums]).map((line) => `  ${line}`);
}

function standingLines({ miner, minerLever, nextWorse }: MechanismAccount, telling: Telling): string[] {
  const lead =
    nextWorse === undefined ? [] : [`Lead over ${nameOf(telling, nextWorse.uid)}: ${shareWords(nextWorse.distance)}.`];
  const worth = `0.01 of incentive was ${money(miner.pot / 100n, telling)} in this epoch.`;
  if (miner.rated === 0) return ['Nobody has incentive in this epoch.'];
  if (minerLever === undefined) return [['Place 1: you are first.', ...lead, worth].join(' ')];
  const place = miner.incentive === 0n ? 'No incentive in this epoch.' : `Place ${miner.place} of ${miner.rated}.`;
  const distance = `${smallShare(minerLever.distance)} of incentive behind ${nameOf(telling, minerLever.passUid)}, the next better.`;
  return [[place, distance, ...lead, worth].join(' '), ...leverLines(minerLever, telling, miner.pot)];
}

function leverLines(lever: MinerLever, telling: Telling, pot: bigint): string[] {
  const { cheapest, raises, together } = lever;
  const passing = nameOf(telling, lever.passUid);
  const after = (standing: { incentive: bigint; place: number }): string =>
    `incentive ${shareWords(standing.incentive)}, place ${standing.place}, ${money((standing.incentive * pot) >> 32n, telling)} of the same pot`;
  const alone =
    cheapest === undefined
      ? `No validator alone can lift you over ${passing}.`
      : `The cheapest change to pass ${passing}: ${nameOf(telling, cheapest.validatorUid)} gives ${smallShare(cheapest.more)} more (its weight ${weightText(cheapest)}); then ${after(cheapest)}.`;
  const group = together.validatorUids.map((uid) => nameOf(telling, uid)).join(', ');
  const all =
    together.validatorUids.length === 0
      ? 'No validator of whose weight at least half counts has a weight that counts on you.'
      : together.more === undefined
        ? `Together (${group}, ${shareWords(together.stakeShare)} of stake) they cannot, not with all of their weight.`
        : `Together: validators with ${shareWords(together.stakeShare)} of stake (${group}) give ${smallShare(together.more)} more each; then ${after(together)}.`;
  const incomplete = lever.complete
    ? []
    : ['There are more validators than were searched: one of the others may be cheaper.'];
  return [alone, all, ...incomplete, ...raises.flatMap((raise) => raiseLines(raise, { telling, passing, cheapest }))];
}

function raiseLines(
  raise: WeightRaise,
  { telling, passing, cheapest }: { telling: Telling; passing: string; cheapest: WeightRaise | undefined },
): string[] {
  const name = nameOf(telling, raise.validatorUid);
  const clipped = raise.clipped
    ? ' gives more than the consensus already: more of that counts for nothing, it only takes from others.'
    : '';
  const also = clipped === '' ? '' : ` It${clipped}`;
  switch (raise.outcome) {
    case 'passes':
      if (raise.validatorUid === cheapest?.validatorUid) return clipped === '' ? [] : [`  ${name}${clipped}`];
      return [`  ${name} alone: ${smallShare(raise.more)} more (its weight ${weightText(raise)}).${also}`];
    case 'not-pass':
      return [`  ${name} alone cannot, not with all of its weight.${also}`];
    case 'not-cheaper':
      return [];
    case 'not-counted':
      return [
        `  ${name}: its weight on you does not count, or it gave nobody any; it cannot lift you over ${passing}.`,
      ];
  }
}
