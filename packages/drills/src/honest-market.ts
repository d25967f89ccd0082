import { POLICY_FORMAT } from '@subnetes/policy/consensus-policy';
import type { FirewallRules } from '@subnetes/policy/firewall-rules';
import type { PolicyMachinery } from '@subnetes/policy/policy-epoch';
import { runDrill } from './drill.ts';
import type { MarketSpec } from './market.ts';
import { SeededNumbers, UNIT } from './seeded-numbers.ts';

/** How often the firewall fires where nobody attacks. */
export interface FalseAlarms {
  readonly markets: number;
  /** Validators times epochs that were judged. */
  readonly judged: number;
  readonly alarms: number;
}

/** A market of honest validators drawn from a seed: 4 to 12 validators, 8 to 40 miners, noise up to 30 %, any drift. */
export function randomHonestMarket(seed: number, epochs: number): MarketSpec {
  const numbers = new SeededNumbers(seed, 'honest market');
  const between = (low: number, high: number): number => low + (numbers.next() % (high - low + 1));
  const halfLives = [1, 2, 5, 10, 50, null];
  return {
    seed,
    epochs,
    honestMiners: between(8, 40),
    honestStakes: Array.from({ length: between(4, 12) }, () => between(1, 20)),
    halfLifeEpochs: halfLives[between(0, halfLives.length - 1)] ?? null,
    spread: between(Math.trunc(UNIT / 5), UNIT),
    noise: between(Math.trunc(UNIT / 50), Math.trunc((3 * UNIT) / 10)),
  };
}

/** Runs honest markets under the firewall alone and counts who was made to abstain. */
export function falseAlarms(
  rules: FirewallRules,
  { firstSeed, markets, epochs }: { readonly firstSeed: number; readonly markets: number; readonly epochs: number },
  machinery: PolicyMachinery,
): FalseAlarms {
  let judged = 0;
  let alarms = 0;
  for (let index = 0; index < markets; index += 1) {
    const market = randomHonestMarket(firstSeed + index, epochs);
    const policy = { format: POLICY_FORMAT, countermeasures: { firewall: rules } } as const;
    const common = { attack: 'none', formula: 'yuma3', revealPeriod: 0, attackFrom: 0 } as const;
    const { abstentions } = runDrill({ ...common, market, policy, stakeSharePpm: 100_000 }, machinery);
    judged += (market.honestStakes.length + 1) * epochs;
    alarms += abstentions.honest + abstentions.attackers; // the extra validator of this "attack" is honest
  }
  return { markets, judged, alarms };
}
