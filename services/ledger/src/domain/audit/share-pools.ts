import { accountKey, delegatedOf, delegatingOf } from '../book/account.ts';
import type { Findings } from './finding.ts';

/** Pools of delegations as they are stored, by `netuid/hotkey`; positions and rounds name their pool. */
export interface StoredPools {
  readonly pools: readonly {
    readonly netuid: number;
    readonly hotkey: string;
    readonly denominator: bigint;
    readonly waiting: bigint;
    readonly round: number;
  }[];
  readonly positions: readonly {
    readonly netuid: number;
    readonly hotkey: string;
    readonly shares: bigint;
    readonly waiting: bigint;
    readonly waitsFor: number;
  }[];
  /** Of rounds that are over: rao that waited, and shares that are still to be given to those who brought it. */
  readonly rounds: readonly {
    readonly netuid: number;
    readonly hotkey: string;
    readonly round: number;
    readonly waited: bigint;
    readonly shares: bigint;
  }[];
}

/**
 * Holds pools against the accounts that they share, and against those who share them: all shares are somebody's, what waits is in
 * the pool's account for it, and what a round still has to give is asked for by as much.
 */
export function comparePools(
  asset: string,
  balances: ReadonlyMap<string, bigint>,
  { pools, positions, rounds }: StoredPools,
  findings: Findings,
): void {
  const add = (sums: Map<string, bigint>, name: string, amount: bigint) =>
    sums.set(name, (sums.get(name) ?? 0n) + amount);
  const [shares, waits] = [new Map<string, bigint>(), new Map<string, bigint>()];
  for (const position of positions) {
    add(shares, placeOf(position), position.shares);
    if (position.waiting > 0n) add(waits, roundOf(position, position.waitsFor), position.waiting);
  }
  for (const round of rounds) {
    add(shares, placeOf(round), round.shares);
    const name = roundOf(round, round.round);
    const asked = waits.get(name) ?? 0n;
    if (asked !== round.waited) {
      findings.add('pools', 0, `round ${name} has ${round.waited} rao to give shares for, ${asked} ask for them`);
    }
    waits.delete(name);
  }
  const posted = (account: string): bigint => balances.get(accountKey(asset, account)) ?? 0n;
  for (const pool of pools) {
    const { netuid, hotkey, denominator, waiting, round } = pool;
    const [name, next] = [placeOf(pool), roundOf(pool, round + 1)];
    const [held, waitsThere] = [posted(delegatedOf(netuid, hotkey)), posted(delegatingOf(netuid, hotkey))];
    const all = shares.get(name) ?? 0n;
    if (all !== denominator) findings.add('pools', 0, `pool ${name} has ${denominator} shares, ${all} are somebody's`);
    if ((held === 0n) !== (denominator === 0n)) {
      findings.add('pools', 0, `pool ${name} has ${denominator} shares of ${held} rao`);
    }
    const asked = waits.get(next) ?? 0n;
    if (waiting !== waitsThere || waiting !== asked) {
      const text = `pool ${name} has ${waiting} rao that wait, its account ${waitsThere}, those who delegated ${asked}`;
      findings.add('pools', 0, text);
    }
    waits.delete(next);
    shares.delete(name);
  }
  const stray = [...waits.keys(), ...[...shares].filter(([, sum]) => sum !== 0n).map(([name]) => name)];
  for (const name of stray) findings.add('pools', 0, `${name} is delegated to, and there is no pool for it`);
}

type Place = { readonly netuid: number; readonly hotkey: string };

function placeOf({ netuid, hotkey }: Place): string {
  return `${netuid}/${hotkey}`;
}

function roundOf(place: Place, round: number): string {
  return `${placeOf(place)}/${round}`;
}
