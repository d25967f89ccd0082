import { divideEpoch } from './divide-epoch.ts';
import { EmissionPath } from './emission-path.ts';
import { RootPools } from './root-pool.ts';
import type { DividendOutlook } from './stake-outlook.ts';

const [U16, ONE_Q64] = [65_535n, 1n << 64n];

/**
 * What a subnet pays into pools on root as things stand, of each unit that blocks mint for all subnets, in 2^-64, by pool. For whoever
 * reckons one subnet and does not know the others: those are taken to go on paying this.
 */
export function rootIncomes(outlook: DividendOutlook): ReadonlyMap<string, bigint> {
  const path = new EmissionPath(outlook, 1);
  const { reward } = path;
  const pot = path.next(1) * ONE_Q64;
  const { paid, ownerCutU16, others } = outlook;
  const incomes = new Map<string, bigint>();
  if (paid.pots === 0n || reward === 0n) return incomes;
  const rest = pot - (pot * BigInt(ownerCutU16)) / U16;
  const dividends = (rest * paid.dividends) / paid.pots;
  const roots = new RootPools();
  const standings = outlook.validators.map((each) => ({
    outlook: each,
    root: each.root === undefined ? undefined : roots.of(each.root),
    own: each.own,
    delegated: each.delegated,
  }));
  for (const { standing, root, sealed } of divideEpoch(standings, outlook, {
    dividends,
    othersStake: others?.stake ?? 0n,
  })) {
    const { root: pool, takeU16 } = standing.outlook;
    if (root === 0n || pool === undefined || sealed.root === undefined || sealed.root.stake === 0n) continue;
    const gross = (root * sealed.root.delegated) / sealed.root.stake;
    const part = gross - (gross * BigInt(takeU16)) / U16;
    incomes.set(pool.key, (incomes.get(pool.key) ?? 0n) + part / reward);
  }
  return incomes;
}
