import { type BurnBounds, bumpBurn, decayBurn, decayFactorQ32 } from '@subnetes/consensus/burn';
import { U64F64 } from '@subnetes/consensus/number-form';
import { RAO_PER_TOKEN } from '@subnetes/money/amount';
import type { BurnTerms } from './burn-terms.ts';
import type { Neuron } from './neuron.ts';
import type { Policy } from './policy.ts';
import type { Subnet } from './subnet.ts';

/** What a registration cost at a block. */
export interface BurnPrice {
  readonly rao: bigint;
  readonly block: number;
}

/** What a registration costs where no terms move the price, and what one costs first where terms do. */
const FIRST_PRICE = RAO_PER_TOKEN;
const PPM = 1_000_000n;

/**
 * What a registration costs in a block, in rao. The price falls with every block, as on the chain, and is computed only when
 * somebody asks: what is stored is the price of an earlier block.
 */
export function burnPriceAt({ active, burn, startBlock }: Subnet, block: number): bigint {
  const terms = active.policy.hyperparameters.burn;
  if (terms === undefined) return FIRST_PRICE;
  return decayed(burn ?? { rao: FIRST_PRICE, block: startBlock }, block, terms);
}

/**
 * The price as an epoch ends, under the policy that begins: from there it goes on by the new terms. Kept also where nothing
 * changes, so that no later question goes back further than an epoch.
 */
export function burnAtSeal(subnet: Subnet, next: Policy, block: number): Pick<Subnet, 'burn'> {
  return next.hyperparameters.burn === undefined ? {} : { burn: { rao: burnPriceAt(subnet, block), block } };
}

/** What a registration cost, whenever it was. */
export function costOf({ cost }: Neuron): bigint {
  return cost ?? FIRST_PRICE;
}

/** The subnet after a registration in a block: each one raises the price for the next. */
export function afterRegistration(subnet: Subnet, block: number): Subnet {
  const terms = subnet.active.policy.hyperparameters.burn;
  if (terms === undefined) return subnet;
  const increase = (BigInt(terms.increasePpm) * U64F64.one) / PPM;
  const rao = bumpBurn(burnPriceAt(subnet, block), increase, boundsOf(terms));
  return { ...subnet, burn: { rao, block } };
}

/** Block by block, since each floors. Ends early where another block changes nothing. */
function decayed(from: BurnPrice, toBlock: number, terms: BurnTerms): bigint {
  const factorQ32 = decayFactorQ32(terms.halfLifeBlocks);
  const bounds = boundsOf(terms);
  let { rao } = from;
  for (let block = from.block + 1; block <= toBlock; block += 1) {
    const next = decayBurn(rao, { block, factorQ32, bounds });
    if (next === rao && block > 1) break;
    rao = next;
  }
  return rao;
}

function boundsOf({ minRao, maxRao }: BurnTerms): BurnBounds {
  return { min: BigInt(minRao), max: BigInt(maxRao) };
}
