import { type BurnBounds, bumpBurn, decayBurn, decayFactorQ32 } from '@subnetes/consensus/burn';
import { U64F64 } from '@subnetes/consensus/number-form';
import { RAO_PER_TOKEN } from '@subnetes/money/amount';
import { afterIntervals, isSameInterval, type RegistrationInterval } from './burn-interval.ts';
import type { BurnPrice, BurnTerms, ContinuousBurn } from './burn-terms.ts';
import type { Neuron } from './neuron.ts';
import type { Policy } from './policy.ts';
import type { Subnet } from './subnet.ts';

/** What a registration costs where no terms move the price, and what one costs first where terms do. */
const FIRST_PRICE = RAO_PER_TOKEN;
const PPM = 1_000_000n;

/**
 * What a registration costs in a block, in rao. The price moves with blocks, as on the chain, and is computed only when
 * somebody asks: what is stored is the price of an earlier block.
 */
export function burnPriceAt(subnet: Subnet, block: number): bigint {
  const terms = subnet.active.policy.hyperparameters.burn;
  return terms === undefined ? FIRST_PRICE : priceAt(subnet, block, terms).rao;
}

/**
 * The price as an epoch ends, under the policy that begins: from there it goes on by the new terms. Kept also where nothing
 * changes, so that no later question goes back further than an epoch. An interval goes on across epochs; other terms of
 * intervals begin one.
 */
export function burnAtSeal(subnet: Subnet, next: Policy, block: number): Pick<Subnet, 'burn'> {
  const terms = next.hyperparameters.burn;
  if (terms === undefined) return {};
  const before = subnet.active.policy.hyperparameters.burn;
  const now = before === undefined ? { rao: FIRST_PRICE, block } : priceAt(subnet, block, before);
  const goesOn =
    before !== undefined && 'type' in before && 'type' in terms && isSameInterval(before.interval, terms.interval);
  return { burn: goesOn ? now : { rao: now.rao, block } };
}

/**
 * The subnet after the intervals that end with a block: the price moves in that block, so that no question goes back further
 * than an interval. The same subnet where none ends.
 */
export function passIntervals(subnet: Subnet, block: number): Subnet {
  const terms = subnet.active.policy.hyperparameters.burn;
  if (terms === undefined || !('type' in terms)) return subnet;
  const from = lastPrice(subnet);
  if (block - from.block < terms.interval.blocks) return subnet;
  return { ...subnet, burn: afterIntervals(from, block, terms) };
}

/** Of a subnet whose price moves by intervals. */
export function registrationInterval(subnet: Subnet, block: number): RegistrationInterval | undefined {
  const terms = subnet.active.policy.hyperparameters.burn;
  if (terms === undefined || !('type' in terms)) return undefined;
  const { blocks, targetRegistrations } = terms.interval;
  const { block: began, registrations = 0 } = afterIntervals(lastPrice(subnet), block, terms);
  return { endsAtBlock: began + blocks, registrations, targetRegistrations };
}

/** What a registration cost, whenever it was. */
export function costOf({ cost }: Neuron): bigint {
  return cost ?? FIRST_PRICE;
}

/** The subnet after a registration in a block: it raises the price for the next one, or that of the next interval. */
export function afterRegistration(subnet: Subnet, block: number): Subnet {
  const terms = subnet.active.policy.hyperparameters.burn;
  if (terms === undefined) return subnet;
  const now = priceAt(subnet, block, terms);
  if ('type' in terms) return { ...subnet, burn: { ...now, registrations: (now.registrations ?? 0) + 1 } };
  const increase = (BigInt(terms.increasePpm) * U64F64.one) / PPM;
  return { ...subnet, burn: { rao: bumpBurn(now.rao, increase, boundsOf(terms)), block } };
}

function priceAt(subnet: Subnet, block: number, terms: BurnTerms): BurnPrice {
  const from = lastPrice(subnet);
  return 'type' in terms ? afterIntervals(from, block, terms) : { rao: decayed(from, block, terms), block };
}

function lastPrice({ burn, startBlock }: Subnet): BurnPrice {
  return burn ?? { rao: FIRST_PRICE, block: startBlock };
}

/** Block by block, since each floors. Ends early where another block changes nothing. */
function decayed(from: BurnPrice, toBlock: number, terms: ContinuousBurn): bigint {
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
