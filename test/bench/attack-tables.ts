import type { ContestedMarket } from '@subnetes/drills/contested';
import type { CopierCurve } from '@subnetes/drills/copier-curve';
import type { DrillLine } from '@subnetes/drills/drill-plan';
import type { CoalitionGoal } from '@subnetes/drills/goals';
import { RECOMMENDED } from '@subnetes/policy/recommended';
import type { AttackFigures } from './attacks.ts';

/** The figures of the attack drills for people. */
export function attackTables({ drills, copier, goals, contested, firewall, seed }: AttackFigures): string {
  const coalition = goals.filter((goal) => goal.goal === 'coalition-below-kappa');
  const sections = [
    ['Drills: what attackers captured', drillTable(drills)],
    ['A weight copier, by half-life of miners’ quality in epochs', copierTable(copier)],
    ['Goal: a coalition below kappa', coalitionTable(coalition)],
    ['Whose votes decide: a cabal under Yuma 3 alone', contestedTable(contested)],
  ] as const;
  const alarms = `Firewall on honest markets: ${firewall.alarms} abstentions in ${firewall.judged} judged rows of ${firewall.markets} markets`;
  return [...sections.map(([title, table]) => `${title}\n\n${table}`), `${alarms} (seed ${seed})`].join('\n\n');
}

function drillTable(drills: readonly DrillLine[]): string {
  return tableOf(
    [
      'attack',
      'policy',
      'stake %',
      'miner %',
      'validator %',
      'per stake',
      'honest miners paid %',
      'abstained',
      'evidence',
      'against it',
    ],
    drills.map((line) => [
      line.attack,
      line.policy,
      percent(line.stakeShare),
      percent(line.minerEmissionShare),
      percent(line.validatorEmissionShare),
      line.dividendRatio.toFixed(3),
      percent(line.honestMinersPaid),
      `${line.abstentions.attackers}+${line.abstentions.honest}`,
      `${line.evidence.attackers}+${line.evidence.honest}`,
      nameOf(line.countermeasures),
    ]),
  );
}

function copierTable(curves: readonly CopierCurve[]): string {
  const lives = curves[0]?.points.map(({ halfLifeEpochs }) => halfLifeEpochs?.toString() ?? '∞') ?? [];
  return tableOf(
    ['policy', 'reveal after', 'spread', ...lives, 'against it'],
    curves.map((curve) => [
      curve.policy,
      `${curve.revealPeriod}`,
      (curve.spread / 65_536).toFixed(2),
      ...curve.points.map(({ dividendRatio }) => dividendRatio.toFixed(3)),
      nameOf(curve.countermeasures),
    ]),
  );
}

function coalitionTable(goals: readonly CoalitionGoal[]): string {
  return tableOf(
    ['policy', 'validator/stake', 'miner %', 'reached', 'against it'],
    goals.map((goal) => [
      goal.policy,
      goal.validatorRatio.toFixed(3),
      percent(goal.minerShare),
      goal.isReached ? 'yes' : 'no',
      nameOf(goal.countermeasures),
    ]),
  );
}

function contestedTable(markets: readonly ContestedMarket[]): string {
  return tableOf(
    ['cabal %', 'capture index %', 'of it the cabal %', 'influence concentration'],
    markets.map((market) => [
      percent(market.stakeShare),
      market.captureIndex === null ? 'none below half' : percent(market.captureIndex),
      percent(market.attackersInCoalition),
      market.influenceConcentration.toFixed(3),
    ]),
  );
}

/** The recommended ones by one word: their list is in the JSON. */
function nameOf(countermeasures: readonly string[]): string {
  const recommended = Object.keys(RECOMMENDED);
  if (!recommended.every((name) => countermeasures.includes(name))) return countermeasures.join(' ') || '-';
  const others = countermeasures.filter((name) => !recommended.includes(name));
  return ['recommended', ...others].join(' ');
}

function percent(share: number): string {
  return (100 * share).toFixed(2);
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
