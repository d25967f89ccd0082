import type { Interval } from '@subnetes/consensus/projection/emission-path';
import { rootIncomes } from '@subnetes/consensus/projection/root-income';
import type { DividendOutlook, ValidatorOutlook } from '@subnetes/consensus/projection/stake-outlook';
import type { SubnetAsked } from '@subnetes/consensus/projection/stake-projection';
import type { Ledger } from '../economy/ledger.ts';
import type { Neuron } from '../economy/neuron.ts';
import { ROOT_NETUID } from '../economy/root-netuid.ts';
import type { Subnet } from '../economy/subnet.ts';
import { rootWeightPpm } from '../root/root-stake.ts';
import { epochOutlook, paidOf, rootOutlook, standingsOf, validatorsOf } from './dividend-outlook.ts';
import { outlookOf } from './emission-outlook.ts';
import { usualEpochsOf } from './paid-epochs.ts';

/** A subnet, and one of its validators under three assumptions. */
export function subnetAsked(ledger: Ledger, subnet: Subnet, neuron: Neuron): Interval<SubnetAsked> {
  const epochs = usualEpochsOf(ledger, subnet.netuid);
  const { emission } = outlookOf(ledger, subnet.netuid);
  const { outlooks, root, index: validator } = validatorsOf(ledger, neuron, epochs);
  const rest = { ...epochOutlook(ledger, subnet), ...root, paid: paidOf(epochs) };
  const by = (kind: keyof Interval<unknown>): SubnetAsked => ({
    outlook: { ...emission[kind], ...rest, validators: outlooks[kind] },
    validator,
  });
  return { low: by('low'), mean: by('mean'), high: by('high') };
}

/**
 * Subnets that pay to root behind validators of those that are asked about, or of others that do: stake on root grows by all of them, and
 * with it what it counts for.
 */
export function subnetsBeside(
  ledger: Ledger,
  asked: readonly { readonly netuid: number; readonly outlook: DividendOutlook }[],
): readonly SubnetAsked[] {
  if (rootWeightPpm(ledger) === 0) return [];
  const pools = new Set(asked.flatMap(({ outlook }) => poolsOf(outlook.validators)));
  const beside: DividendOutlook[] = [];
  let others = [...ledger.subnets.values()]
    .filter(({ netuid }) => netuid !== ROOT_NETUID && !asked.some((each) => each.netuid === netuid))
    .toSorted((a, b) => a.netuid - b.netuid)
    .map((subnet) => meanOutlook(ledger, subnet));
  for (let found = true; found;) {
    const isLinked = ({ validators }: DividendOutlook): boolean => poolsOf(validators).some((pool) => pools.has(pool));
    const linked = others.filter(isLinked);
    others = others.filter((each) => !linked.includes(each));
    beside.push(...linked);
    for (const { validators } of linked) for (const pool of poolsOf(validators)) pools.add(pool);
    found = linked.length > 0;
  }
  return beside.map((outlook) => ({ outlook, validator: undefined }));
}

/** What other subnets pay into pools on root behind validators of one, of each rao that is minted, in 2^-64. */
export function incomesBeside(
  ledger: Ledger,
  subnet: { readonly netuid: number; readonly outlook: DividendOutlook },
): ReadonlyMap<string, bigint> {
  const incomes = new Map<string, bigint>();
  for (const { outlook } of subnetsBeside(ledger, [subnet])) {
    for (const [pool, incomeQ64] of rootIncomes(outlook)) incomes.set(pool, (incomes.get(pool) ?? 0n) + incomeQ64);
  }
  return incomes;
}

/** Names of pools on root that grow by what such validators are paid. */
function poolsOf(validators: readonly ValidatorOutlook[]): readonly string[] {
  return validators.flatMap(({ root }) =>
    root === undefined || root.own + root.delegated + root.waiting === 0n ? [] : [root.key],
  );
}

/** A subnet if everything stays as it is. */
export function meanOutlook(ledger: Ledger, subnet: Subnet): DividendOutlook {
  const { netuid } = subnet;
  const epochs = usualEpochsOf(ledger, netuid);
  const standings = standingsOf(ledger, netuid, { epochs });
  return {
    ...outlookOf(ledger, netuid).emission.mean,
    ...epochOutlook(ledger, subnet),
    ...rootOutlook(ledger, netuid, { standings, epochs }),
    paid: paidOf(epochs),
    validators: standings.map(({ outlook, yields }) => ({ ...outlook, yieldQ64: yields.mean })),
  };
}
