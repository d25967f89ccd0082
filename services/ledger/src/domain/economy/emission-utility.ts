import { BURNED } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Genesis } from './genesis.ts';
import type { Ledger } from './ledger.ts';
import { ROOT_NETUID } from './root-netuid.ts';

/** Blocks over which a fee's weight is spread where genesis does not say: a day of 12 s blocks. */
export const SMOOTHING_BLOCKS_DEFAULT = 7200;

/** What one market's use brings it of a block's reward, in rao. */
export interface UseOfBlock {
  readonly netuid: number;
  readonly amount: bigint;
}

/** A part of a payment that burns the network fee of a market's use. */
interface FeePart {
  readonly to: string;
  readonly amount: bigint;
  readonly netuid?: number;
}

type Utility = Extract<Genesis['emissionPolicy'], { readonly name: 'Utility' }>;

/** First block that is split by use. */
export function utilityFromBlock({ fromBlock = 1 }: Utility): number {
  return fromBlock;
}

/**
 * Fees that a payment burns by market, or why they are none. Whoever posts says which market was used; that is believed only
 * where the same payment pays the market's owner, so that one market's use is not counted as another's.
 */
export function feesOf(ledger: Ledger, parts: readonly FeePart[]): Decision<readonly UseOfBlock[]> {
  const fees: UseOfBlock[] = [];
  for (const { to, amount, netuid } of parts) {
    if (netuid === undefined || amount === 0n) continue;
    const owner = netuid === ROOT_NETUID ? undefined : ledger.subnet(netuid)?.owner;
    if (owner === undefined) return refuse('SUBNET_UNKNOWN', `a fee is of subnet ${netuid}, which there is none of`);
    if (to !== BURNED) return refuse('INVALID_ARGUMENT', `a fee of subnet ${netuid} goes to ${BURNED}, not to ${to}`);
    if (!parts.some((part) => part.to === owner && part.amount > 0n)) {
      return refuse('INVALID_ARGUMENT', `a fee of subnet ${netuid} needs a part for its owner in the same posting`);
    }
    fees.push({ netuid, amount });
  }
  return accept(fees);
}

/** Whether sales burn the network's share: only money that is gone for good may steer emission. */
export function burnsNetworkFee({ emissionPolicy }: Genesis): boolean {
  return emissionPolicy.name === 'Utility';
}

/** Remembers burned fees until blocks follow them; nothing under a policy that does not look at use. */
export function addFees(ledger: Ledger, fees: readonly UseOfBlock[]): void {
  if (!burnsNetworkFee(ledger.network.genesis)) return;
  for (const { netuid, amount } of fees) {
    ledger.use.put(String(netuid), { netuid, waiting: waitingUse(ledger, netuid) + amount });
  }
}

/** Burned fees of a market that blocks have yet to follow, in rao. */
export function waitingUse(ledger: Ledger, netuid: number): bigint {
  return ledger.use.get(String(netuid))?.waiting ?? 0n;
}

/**
 * What the next block takes of what waits: a `smoothingBlocks`-th, rounded down. That is an exponential moving average of
 * burned fees a block, in which every rao is counted once and never twice.
 */
export function nextUse(ledger: Ledger, netuid: number): bigint {
  const { emissionPolicy } = ledger.network.genesis;
  if (emissionPolicy.name !== 'Utility') return 0n;
  const { smoothingBlocks = SMOOTHING_BLOCKS_DEFAULT } = emissionPolicy;
  return waitingUse(ledger, netuid) / BigInt(smoothingBlocks);
}

/**
 * Takes the block's part off what waits, of every market, ascending by netuid. A market that is held, or a block that cannot
 * pay it all, loses its part: what is not emitted when it is due is not emitted later.
 */
export function passUse(ledger: Ledger): readonly UseOfBlock[] {
  const passed: UseOfBlock[] = [];
  for (const { netuid, waiting } of [...ledger.use.values()].toSorted((a, b) => a.netuid - b.netuid)) {
    const amount = nextUse(ledger, netuid);
    if (amount === 0n) continue;
    if (waiting === amount) ledger.use.remove(String(netuid));
    else ledger.use.put(String(netuid), { netuid, waiting: waiting - amount });
    passed.push({ netuid, amount });
  }
  return passed;
}

/**
 * Splits a block's reward by use, in rao: while it suffices each market gets what its use brings and an equal part of the
 * rest; otherwise all of it is divided in proportion. Of equal claims to an odd rao the one that stands first wins.
 *
 * One rao more of one market's use raises what any set of markets gets by one rao at most, whatever the others' is. In
 * proportion that needs d'Hondt's rounding: under largest remainders a market could gain two.
 */
export function splitByUse(reward: bigint, use: readonly bigint[]): readonly bigint[] {
  const total = use.reduce((sum, amount) => sum + amount, 0n);
  if (total > reward) return inProportion(reward, use, total);
  const count = BigInt(use.length);
  const rest = reward - total;
  return use.map((amount, at) => amount + rest / count + (BigInt(at) < rest % count ? 1n : 0n));
}

/** D'Hondt: each rao in turn to the highest use for every rao got, that one included. */
function inProportion(reward: bigint, use: readonly bigint[], total: bigint): readonly bigint[] {
  // Nobody gets less than its quota rounded down, so that only the last few have to be given out one by one.
  const parts = use.map((amount) => (reward * amount) / total);
  let left = reward - parts.reduce((sum, part) => sum + part, 0n);
  for (; left > 0n; left -= 1n) {
    let best = 0;
    for (let at = 1; at < use.length; at += 1) {
      if ((use[at] ?? 0n) * ((parts[best] ?? 0n) + 1n) > (use[best] ?? 0n) * ((parts[at] ?? 0n) + 1n)) best = at;
    }
    parts[best] = (parts[best] ?? 0n) + 1n;
  }
  return parts;
}
