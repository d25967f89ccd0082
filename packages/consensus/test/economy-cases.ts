import { splitAlpha } from '../src/alpha-split.ts';
import { bumpBurn, decayBurn, decayFactorQ32 } from '../src/burn.ts';
import { inWholeUnits, splitDividends } from '../src/dividend-split.ts';
import { sharesByPower } from '../src/flow-shares.ts';
import { adjustByInterval } from '../src/interval-adjustment.ts';
import { blockReward, CHAIN_ISSUANCE } from '../src/issuance.ts';
import { injectionOf } from '../src/liquidity-injection.ts';
import { splitByMechanism } from '../src/mechanism-split.ts';
import { nextMovingPrice } from '../src/moving-price.ts';
import { I96F32, type NumberForm, U64F64, U96F32 } from '../src/number-form.ts';
import { rootProportion, taoWeightOf } from '../src/root-proportion.ts';
import { blocksUntilEpoch } from '../src/schedule.ts';
import { amongEnabled, emissionByShare, sharesByPrice, withoutWithheld } from '../src/subnet-shares.ts';
import {
  boolean,
  CaseMalformed,
  integer,
  type Json,
  type JsonObject,
  list,
  number,
  numbers,
  object,
  string,
} from './vector-case.ts';

const raw = (form: NumberForm, value: Json | undefined): bigint => form.fromDecimal(number(value));
const decimal = (form: NumberForm, value: bigint): number => Number(value) / 2 ** Number(form.fractionBits);

/** Evaluators of the kinds about issuance, burn, emission and schedule. */
export const ECONOMY_KINDS: { readonly [kind: string]: (item: JsonObject, expected: Json) => Json } = {
  'block-emission': (item) => blockReward(CHAIN_ISSUANCE, integer(item['issuance'])),
  'issuance-sum': (item) => {
    let issued = 0n;
    for (let step = 0; step < number(item['steps']); step += 1) {
      issued += blockReward(CHAIN_ISSUANCE, issued) * integer(item['blocks_per_step']);
    }
    return issued;
  },
  'burn-factor': (item) => decayFactorQ32(number(item['half_life'])),
  'burn-decay': burnByAction,
  'burn-long': burnByBlocks,
  'interval-adjust': (item) =>
    adjustByInterval(integer(item['value']), {
      actual: number(item['actual']),
      target: number(item['target']),
      alpha: integer(item['alpha_u64']),
      min: integer(item['min']),
      max: integer(item['max']),
    }),
  'price-shares': priceShares,
  'pow-shares': (item) => {
    const flows = numbers(item['values']).map(U64F64.fromDecimal);
    return sharesByPower(flows, raw(U64F64, item['p'])).map((share) => decimal(U64F64, share));
  },
  'moving-price': (item) => {
    const pace = {
      alpha: raw(I96F32, item['alpha']),
      block: integer(item['block']),
      firstEmissionBlock: integer(item['first_emission_block']),
      halvingBlocks: integer(item['halving_blocks']),
    };
    let moving = raw(I96F32, item['start']);
    for (let update = 0; update < number(item['updates']); update += 1) {
      moving = nextMovingPrice(moving, raw(U64F64, item['price']), pace);
    }
    return decimal(I96F32, moving);
  },
  'subnet-terms': (item) => {
    // The case expects the product of its decimal proportion to a thousandth of a unit, which takes more than 32 bits of it.
    const cap = U64F64.multiply(raw(U64F64, item['root_proportion']), raw(U64F64, item['alpha_emission']));
    const { tao, alpha, excessTao } = injectionOf({
      taoEmission: raw(U96F32, item['tao_emission']),
      price: raw(U96F32, item['price']),
      alphaCap: U96F32.from(cap, U64F64),
    });
    return [tao, alpha, excessTao].map((value) => decimal(U96F32, value));
  },
  'root-proportion': (item) =>
    decimal(
      U96F32,
      rootProportion({
        rootTao: integer(item['root_tao']),
        taoWeight: taoWeightOf(integer(item['tao_weight_u64'])),
        alphaIssuance: integer(item['alpha_issuance']),
      }),
    ),
  'alpha-split': (item) => {
    const shares = {
      ownerCut: raw(U96F32, item['owner_cut']),
      rootProportion: raw(U96F32, item['root_proportion']),
    };
    const { owner, miners, validators, root } = splitAlpha(integer(item['alpha_out']), shares);
    return [owner, miners, validators, root];
  },
  'dividend-split': dividendSplit,
  'mechanism-split': (item) => {
    const split = item['split'] === undefined ? undefined : numbers(item['split']);
    return splitByMechanism(integer(item['total']), number(item['count']), split);
  },
  'epoch-schedule': (item) => {
    if (string(item['rule']) !== 'anchored') throw new CaseMalformed(`rule ${string(item['rule'])}`);
    return blocksUntilEpoch({
      tempo: number(item['tempo']),
      block: integer(item['block']),
      lastEpochBlock: integer(item['last_epoch_block']),
    });
  },
};

/** Cases begin after block 1, in which nothing decays. */
const FIRST_BLOCK = 2;

function burnByAction(item: JsonObject): Json {
  const bounds = { min: integer(item['min']), max: integer(item['max']) };
  const factorQ32 = decayFactorQ32(number(item['half_life']));
  let burn = integer(item['burn']);
  return list(item['actions'])
    .map(string)
    .map((action) => {
      if (action === 'block') burn = decayBurn(burn, { block: FIRST_BLOCK, factorQ32, bounds });
      else if (action === 'register') burn = bumpBurn(burn, raw(U64F64, item['mult']), bounds);
      else throw new CaseMalformed(`action ${action}`);
      return burn;
    });
}

function burnByBlocks(item: JsonObject, expected: Json): Json {
  const bounds = { min: integer(item['min']), max: integer(item['max']) };
  const factorQ32 = decayFactorQ32(number(item['half_life']));
  const wanted = Object.keys(object(expected));
  const result: { [blocks: string]: Json } = {};
  let burn = integer(item['burn']);
  for (let blocks = 1; blocks <= Math.max(...wanted.map(Number)); blocks += 1) {
    burn = decayBurn(burn, { block: FIRST_BLOCK + blocks - 1, factorQ32, bounds });
    if (wanted.includes(String(blocks))) result[String(blocks)] = burn;
  }
  return result;
}

function priceShares(item: JsonObject): Json {
  const prices = numbers(item['prices']).map(I96F32.fromDecimal);
  const rule = item['rule'] === undefined ? 'price' : string(item['rule']);
  if (rule !== 'price' && rule !== 'burn') throw new CaseMalformed(`rule ${rule}`);
  const byPrice = sharesByPrice(prices);
  const counted = rule === 'burn' ? withoutWithheld(byPrice, numbers(item['burned']).map(U96F32.fromDecimal)) : byPrice;
  const enabled = item['enabled'] === undefined ? prices.map(() => true) : list(item['enabled']).map(boolean);
  const shares = amongEnabled(counted, enabled);
  if (item['emission'] === undefined) return shares.map((share) => decimal(U64F64, share));
  return emissionByShare(shares, integer(item['emission'])).map(U96F32.toUnits);
}

function dividendSplit(item: JsonObject): Json {
  const dividends = list(item['dividends']).map(integer);
  const holders = list(item['stake']).map((stake, hotkey) => {
    const [alphaStake = 0n, rootStake = 0n] = list(stake).map(integer);
    return { alphaStake, rootStake, dividend: dividends[hotkey] ?? 0n };
  });
  const pots = { alpha: integer(item['pending_alpha']), root: integer(item['pending_root']) };
  const split = splitDividends(holders, { ...pots, taoWeight: raw(U96F32, item['tao_weight']) });
  return [inWholeUnits(pots.alpha, split.alpha).amounts, inWholeUnits(pots.root, split.root).amounts];
}
