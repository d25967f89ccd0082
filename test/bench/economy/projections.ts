import { stakeOf } from '@subnetes/ledger/domain/book/account';
import type { Entry } from '@subnetes/ledger/domain/book/journal';
import { projectStakeOn, projectSubnet } from '@subnetes/ledger/domain/calculators/calculators';
import { delegationOf } from '@subnetes/ledger/domain/economy/delegation';
import type { Ledger } from '@subnetes/ledger/domain/economy/ledger';
import { coldkey, hotkey, nominator } from './simulated-network.ts';

/** What calculators said of some stakes and subnets, kept until it can be compared. */
export interface Promised {
  readonly what: string;
  readonly rao: bigint;
  /** What came of it, once the blocks are over. */
  readonly happened: () => bigint;
}

/** What was paid, as far as projections are compared with it; rao. */
export class PaidSums {
  readonly pots = new Map<number, bigint>();
  /** By hotkey, without what went on to delegators. */
  readonly owners = new Map<string, bigint>();

  /** What blocks put into pots, from the journal. */
  addEntries(entries: readonly Entry[]): void {
    for (const { kind, postings } of entries) {
      if (kind !== 'Block') continue;
      for (const { account, delta } of postings) {
        if (account.startsWith('pot:')) this.add(this.pots, Number(account.slice('pot:'.length)), delta);
      }
    }
  }

  add<Key>(sums: Map<Key, bigint>, key: Key, rao: bigint): void {
    sums.set(key, (sums.get(key) ?? 0n) + rao);
  }
}

/** Asks the calculators about a subnet: its emission, each validator's own stake, and what is delegated to it. */
export function promisesOf(
  ledger: Ledger,
  { netuid, blocks, validators, delegators }: Asked,
  paid: PaidSums,
): readonly Promised[] {
  const promised: Promised[] = [];
  const emission = valueOf(projectSubnet(ledger, { netuid, blocks, points: 1 }));
  const potBefore = paid.pots.get(netuid) ?? 0n;
  promised.push({
    what: `emission of subnet ${netuid}`,
    rao: emission.points[0]?.mean ?? 0n,
    happened: () => (paid.pots.get(netuid) ?? 0n) - potBefore,
  });
  for (const uid of validators) {
    const key = hotkey(netuid, uid);
    const asked = { netuid, hotkey: key, add: 0n, blocks, restake: false };
    const before = paid.owners.get(key) ?? 0n;
    const own = valueOf(projectStakeOn(ledger, { ...asked, wallet: coldkey(netuid, uid) })).outcome.mean;
    if (ledger.book.posted(ledger.asset, stakeOf(netuid, key, coldkey(netuid, uid))) === 0n)
      throw new Error('no stake');
    promised.push({
      what: `own stake on ${key}`,
      rao: own.reward + own.take,
      happened: () => (paid.owners.get(key) ?? 0n) - before,
    });
    const wallet = delegators(uid);
    if (wallet === undefined) continue;
    const worth = (): bigint => delegationOf(ledger, nominator(wallet), { netuid, hotkey: key }).worth;
    const worthBefore = worth();
    promised.push({
      what: `what ${nominator(wallet)} delegated to ${key}`,
      rao: valueOf(projectStakeOn(ledger, { ...asked, wallet: nominator(wallet) })).outcome.mean.reward,
      happened: () => worth() - worthBefore,
    });
  }
  return promised;
}

interface Asked {
  readonly netuid: number;
  readonly blocks: number;
  readonly validators: readonly number[];
  /** A wallet that delegates to a validator. */
  readonly delegators: (uid: number) => number | undefined;
}

/** The projection that was furthest off, in percent of what happened. */
export function worstOf(promised: readonly Promised[]): { readonly what: string; readonly errorPct: number } {
  const errors = promised.map(({ what, rao, happened }) => {
    const actual = happened();
    if (actual <= 0n) throw new Error(`${what}: nothing happened`);
    const difference = rao > actual ? rao - actual : actual - rao;
    return { what, errorPct: Number((difference * 100_000_000n) / actual) / 1_000_000 };
  });
  const [worst] = errors.toSorted((a, b) => b.errorPct - a.errorPct);
  if (worst === undefined) throw new Error('nothing was projected');
  return worst;
}

function valueOf<T>(
  decision: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string },
): T {
  if (decision.ok) return decision.value;
  throw new Error(decision.message);
}
