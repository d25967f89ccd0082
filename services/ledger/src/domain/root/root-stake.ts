import { U96F32 } from '@subnetes/consensus/number-form';
import { delegatedOf, stakeOf } from '../book/account.ts';
import type { Place } from '../economy/delegation-rows.ts';
import type { Ledger } from '../economy/ledger.ts';
import { ROOT_NETUID } from '../economy/root-netuid.ts';
import { poolNameOf } from '../keys/pool-name.ts';

/** Stake on root that stands behind a hotkey, in rao. */
export interface RootStake {
  /** All of it. */
  readonly stake: bigint;
  /** What lies in its pool on root; the rest is the owner's, of a member of the root network. */
  readonly delegated: bigint;
  /** By how much it raises the stake by which the hotkey counts in a subnet, floored. */
  readonly counts: bigint;
  /** Under whose name the pool lies, where it is another's than the hotkey's: of one that was swapped. */
  readonly pool?: string;
}

const PPM = 1_000_000n;

/** On root a rao never counts for more than in a subnet. */
export const ROOT_WEIGHT_MAX_PPM = 1_000_000;

/** A weight in parts per million as the chain has it (U96F32). */
export function rootWeightOf(ppm: number): bigint {
  return U96F32.divide(U96F32.fromInteger(BigInt(ppm)), U96F32.fromInteger(PPM));
}

/** In parts per million; zero where the network takes no stake on root. */
export function rootWeightPpm(ledger: Ledger): number {
  return ledger.network.genesis.rootStakeWeightPpm ?? 0;
}

/** Rao of a subnet that so many rao on root count for, floored. Source: opentensor/subtensor staking/stake_utils.rs. */
export function weighed(rao: bigint, weight: bigint): bigint {
  return U96F32.toUnits(U96F32.multiply(U96F32.fromInteger(rao), weight));
}

/** Undefined where there is none, where the network takes none, and in the root network itself. */
export function rootStakeBehind(ledger: Ledger, { netuid, hotkey }: Place): RootStake | undefined {
  if (rootWeightPpm(ledger) === 0 || netuid === ROOT_NETUID) return undefined;
  const behind = rootStakeOn(ledger, hotkey);
  return behind.stake === 0n ? undefined : behind;
}

/** Whatever it counts for. */
export function rootStakeOn(ledger: Ledger, hotkey: string): RootStake {
  const { book, asset } = ledger;
  const pool = poolNameOf(ledger, ROOT_NETUID, hotkey);
  const delegated = book.posted(asset, delegatedOf(ROOT_NETUID, pool));
  const member = ledger.neuronByHotkey(ROOT_NETUID, hotkey);
  const own = member === undefined ? 0n : book.posted(asset, stakeOf(ROOT_NETUID, hotkey, member.coldkey));
  const stake = own + delegated;
  const counts = weighed(stake, rootWeightOf(rootWeightPpm(ledger)));
  return { stake, delegated, counts, ...(pool === hotkey ? {} : { pool }) };
}
