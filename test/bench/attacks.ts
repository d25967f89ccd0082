/** `npm run bench -- attacks`: what attackers capture of a simulated market. Deterministic for a seed; see docs/guides/attacks.md. */
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runEpoch } from '@subnetes/consensus/epoch';
import { type CopierCurve, copierCurve, CURVES, HALF_LIVES } from '@subnetes/drills/copier-curve';
import { type DrillLine, drillLine, plannedDrills, STANDARD_PLAN } from '@subnetes/drills/drill-plan';
import { type CoalitionGoal, coalitionGoals, type CopierGoal, copierGoals } from '@subnetes/drills/goals';
import { type FalseAlarms, falseAlarms } from '@subnetes/drills/honest-market';
import type { PolicyMachinery } from '@subnetes/policy/policy-epoch';
import { RECOMMENDED } from '@subnetes/policy/recommended';

export interface AttackFigures extends Record<string, unknown> {
  readonly drills: readonly DrillLine[];
  readonly copier: readonly CopierCurve[];
  readonly goals: readonly (CoalitionGoal | CopierGoal)[];
  readonly firewall: FalseAlarms;
  readonly seed: number;
}

const SEED_MAX = 2 ** 31 - 1;
const HONEST = { markets: 100, epochs: 30 };
/** Lines of progress a section. */
const PROGRESS_EVERY = 50;

const MACHINERY: PolicyMachinery = {
  runEpoch,
  sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
};

export function measureAttacks(progress: (line: string) => void, args: readonly string[]): AttackFigures {
  const seed = seedOf(args);
  const started = performance.now();
  const plan = { ...STANDARD_PLAN, market: { ...STANDARD_PLAN.market, seed } };
  const planned = plannedDrills(plan);
  const tell = (what: string, done: number, all: number): void => {
    if (done % PROGRESS_EVERY === 0 || done === all) {
      progress(`${what} ${done}/${all}  ${((performance.now() - started) / 1000).toFixed(0)} s`);
    }
  };
  const drills = planned.map((one, index) => {
    const line = drillLine(one, MACHINERY);
    tell('drills', index + 1, planned.length);
    return line;
  });
  const copier = CURVES.map((spec, index) => {
    const base = { market: plan.market, attackFrom: plan.attackFrom, halfLives: HALF_LIVES };
    const curve = copierCurve(spec, base, MACHINERY);
    progress(`copier ${index + 1}/${CURVES.length}  ${((performance.now() - started) / 1000).toFixed(0)} s`);
    return curve;
  });
  const firewall = falseAlarms(RECOMMENDED.firewall, { firstSeed: seed, ...HONEST }, MACHINERY);
  progress(`done in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  return { drills, copier, goals: [...coalitionGoals(drills), ...copierGoals(copier)], firewall, seed };
}

function seedOf(args: readonly string[]): number {
  const { values } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean' }, seed: { type: 'string', default: '1' } },
  });
  const seed = Number(values.seed);
  if (Number.isInteger(seed) && seed >= 0 && seed <= SEED_MAX) return seed;
  throw new Error(`--seed has to be a whole number from 0 to ${SEED_MAX}, not ${values.seed}`);
}

/** The same figures for people. */
export function attackTables({ drills, copier, goals, firewall, seed }: AttackFigures): string {
  const coalition = goals.filter((goal) => goal.goal === 'coalition-below-kappa');
  const sections = [
    ['Drills: what attackers captured', drillTable(drills)],
    ['A weight copier, by half-life of miners’ quality in epochs', copierTable(copier)],
    ['Goal: a coalition below kappa', coalitionTable(coalition)],
  ] as const;
  const alarms = `Firewall on honest markets: ${firewall.alarms} abstentions in ${firewall.judged} judged rows of ${firewall.markets} markets`;
  return [...sections.map(([title, table]) => `${title}\n\n${table}`), `${alarms} (seed ${seed})`].join('\n\n');
}

function drillTable(drills: readonly DrillLine[]): string {
  return tableOf(
    ['attack', 'policy', 'stake %', 'miner %', 'validator %', 'per stake', 'abstained', 'evidence', 'against it'],
    drills.map((line) => [
      line.attack,
      line.policy,
      percent(line.stakeShare),
      percent(line.minerEmissionShare),
      percent(line.validatorEmissionShare),
      line.dividendRatio.toFixed(3),
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

function nameOf(countermeasures: readonly string[]): string {
  return countermeasures.length === 0 ? '-' : countermeasures.join(' ');
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
