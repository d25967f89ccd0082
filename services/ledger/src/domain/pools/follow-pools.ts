import { I96F32 } from '@subnetes/consensus/number-form';
import { nextMovingPrice } from '@subnetes/consensus/moving-price';
import type { Ledger } from '../economy/ledger.ts';
import { spotPrice } from './curve.ts';
import { followFlow } from './flow.ts';
import { allPools, findPool, type OpenPool, type PoolRecord, putPool } from './pool.ts';

const PPM = 1_000_000n;

/** At the end of a block, after its emission: moving prices and flows of all pools, ascending by netuid. */
export function followPools(ledger: Ledger): void {
  for (const { netuid } of allPools(ledger)) {
    const pool = findPool(ledger, netuid);
    if (pool === undefined) continue;
    const { record } = pool;
    const isStarted = ledger.subnet(netuid)?.emission === 'Started';
    const next = isStarted ? withPrice(ledger, pool) : record;
    putPool(ledger, {
      ...next,
      traded: 0n,
      moved: 0n,
      injected: 0n,
      userFlow: followFlow(record.userFlow, record.traded),
      protocolFlow: followFlow(record.protocolFlow, record.injected),
    });
  }
}

function withPrice(ledger: Ledger, { record, curve, terms }: OpenPool): PoolRecord {
  const firstEmissionBlock = record.firstEmissionBlock ?? ledger.block;
  const movingPrice = nextMovingPrice(record.movingPrice, spotPrice(curve), {
    alpha: ((BigInt(terms.movingPpm) << I96F32.fractionBits) + PPM / 2n) / PPM,
    block: BigInt(ledger.block),
    firstEmissionBlock: BigInt(firstEmissionBlock),
    halvingBlocks: BigInt(terms.movingHalvingBlocks),
  });
  return { ...record, firstEmissionBlock, movingPrice };
}
