import { sharesByPrice } from '@subnetes/consensus/subnet-shares';
import type { EmissionPolicy } from '../economy/genesis.ts';
import type { Ledger } from '../economy/ledger.ts';
import { netFlows, sharesByFlow } from './flow.ts';

/** Policies under which pools decide how blocks are split. */
export type PoolEmission = Extract<EmissionPolicy, { readonly name: 'MovingPrice' | 'Flow' }>;

const EXPONENT_DEFAULT_PPM = 1_000_000;

/** Shares of subnets (U64F64) by their pools; all zero while there is nothing to go by. */
export function sharesByPools(ledger: Ledger, policy: PoolEmission, netuids: readonly number[]): readonly bigint[] {
  const records = netuids.map((netuid) => ledger.pools.get(String(netuid)));
  if (policy.name === 'MovingPrice') return sharesByPrice(records.map((record) => record?.movingPrice ?? 0n));
  const flows = records.map((record) => record ?? { userFlow: 0n, protocolFlow: 0n });
  const counted = policy.net === false ? flows.map(({ userFlow }) => userFlow) : netFlows(flows);
  return sharesByFlow(counted, policy.exponentPpm ?? EXPONENT_DEFAULT_PPM);
}
