/** `npm run bench -- attacks`: what attackers capture of a simulated market. Deterministic for a seed; see docs/guides/attacks.md. */
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runKernelEpoch } from '@subnetes/consensus/kernel';
import { type ContestedMarket, contestedMarkets } from '@subnetes/drills/contested';
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
  readonly contested: readonly ContestedMarket[];
  readonly firewall: FalseAlarms;
  readonly seed: number;
}

const SEED_MAX = 2 ** 31 - 1;
const HONEST = { markets: 100, epochs: 30 };
/** Lines of progress a section. */
const PROGRESS_EVERY = 50;

const MACHINERY: PolicyMachinery = {
  runEpoch: runKernelEpoch,
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
  const contested = contestedMarkets(plan, MACHINERY);
  const firewall = falseAlarms(RECOMMENDED.firewall, { firstSeed: seed, ...HONEST }, MACHINERY);
  progress(`done in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  const goals = [...coalitionGoals(drills), ...copierGoals(copier)];
  return { drills, copier, goals, contested, firewall, seed };
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
