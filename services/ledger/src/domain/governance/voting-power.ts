import { delegatedOf, stakeOf } from '../book/account.ts';
import { delegationsOf } from '../economy/delegation.ts';
import { type Place, positionKey, roundKey } from '../economy/delegation-rows.ts';
import type { Ledger } from '../economy/ledger.ts';
import { registrationKey } from '../economy/neuron.ts';
import { ROOT_NETUID } from '../economy/root-netuid.ts';
import { claim, EMPTY_POOL, NO_POSITION, worthOf } from '../economy/share-pool.ts';

/** What a wallet had when a snapshot was taken. Rao. */
export interface VotingPower {
  /** On its own neurons. */
  readonly own: bigint;
  /** What it had delegated and counted, each with whoever owned the hotkey then. */
  readonly delegated: readonly { readonly pool: string; readonly owner: string; readonly worth: bigint }[];
  /** What others had delegated to its hotkeys, by pool. */
  readonly entrusted: readonly { readonly pool: string; readonly total: bigint }[];
}

/** All stake that counts now, in rao. */
export function stakedNow(ledger: Ledger): bigint {
  return ledger.governance.staked(() => ledger.book.accounts.values());
}

/** What a wallet may vote with by itself now: its own stake, and what it has delegated and counts. */
export function stakeOfWallet(ledger: Ledger, wallet: string): bigint {
  let sum = delegationsOf(ledger, wallet).reduce((total, { worth }) => total + worth, 0n);
  for (const { netuid, hotkey } of placesOf(ledger, wallet)) {
    sum += ledger.book.posted(ledger.asset, stakeOf(netuid, hotkey, wallet));
  }
  return sum;
}

/** What a wallet had at a snapshot, whatever it did since. */
export function powerAt(ledger: Ledger, snapshot: number, wallet: string): VotingPower {
  let own = 0n;
  const entrusted: { pool: string; total: bigint }[] = [];
  for (const place of placesOf(ledger, wallet)) {
    own += postedAt(ledger, snapshot, stakeOf(place.netuid, place.hotkey, wallet));
    if (ownerAt(ledger, snapshot, place.hotkey) !== wallet) continue;
    const total = poolTotalAt(ledger, snapshot, place);
    if (total > 0n) entrusted.push({ pool: registrationKey(place.netuid, place.hotkey), total });
  }
  const delegated = placesAt(ledger, snapshot, wallet).flatMap((place) => {
    const worth = worthAt(ledger, snapshot, { wallet, place });
    const owner = ownerAt(ledger, snapshot, place.hotkey) ?? '';
    return worth === 0n ? [] : [{ pool: registrationKey(place.netuid, place.hotkey), owner, worth }];
  });
  return { own, delegated, entrusted };
}

/** Whom a wallet had named to vote with its stake. */
export function delegateAt(ledger: Ledger, snapshot: number, wallet: string): string | undefined {
  const now = ledger.governance.voteDelegates.get(wallet);
  return ledger.governance.history.at(snapshot, { table: 'vote-delegates', key: wallet, now });
}

/** Who had named a wallet to vote with their stake. */
export function representedAt(ledger: Ledger, snapshot: number, wallet: string): readonly string[] {
  const now = ledger.governance.represented.get(wallet);
  return ledger.governance.history.at(snapshot, { table: 'represented', key: wallet, now }) ?? [];
}

function* placesOf(ledger: Ledger, wallet: string): Generator<Place, void> {
  const { places, history } = ledger.governance;
  places.build({
    hotkeys: ledger.hotkeys.entries(),
    former: history.keptOf('hotkeys'),
    registrations: ledger.registrations.entries(),
  });
  for (const hotkey of places.hotkeysOf(wallet)) {
    const netuids = new Set(places.netuidsOf(hotkey));
    for (const netuid of netuids) yield { netuid, hotkey };
    // On root there is stake on hotkeys without a seat.
    if (!netuids.has(ROOT_NETUID)) yield { netuid: ROOT_NETUID, hotkey };
  }
}

function postedAt(ledger: Ledger, snapshot: number, account: string): bigint {
  const now = ledger.book.posted(ledger.asset, account);
  return ledger.governance.history.at(snapshot, { table: 'posted', key: account, now }) ?? 0n;
}

function ownerAt(ledger: Ledger, snapshot: number, hotkey: string): string | undefined {
  return ledger.governance.history.at(snapshot, { table: 'hotkeys', key: hotkey, now: ledger.hotkeys.get(hotkey) });
}

function placesAt(ledger: Ledger, snapshot: number, wallet: string): readonly Place[] {
  const now = ledger.delegationLists.get(wallet);
  return ledger.governance.history.at(snapshot, { table: 'delegation-lists', key: wallet, now }) ?? [];
}

function poolTotalAt(ledger: Ledger, snapshot: number, { netuid, hotkey }: Place): bigint {
  return postedAt(ledger, snapshot, delegatedOf(netuid, hotkey));
}

/** What waited for a seal did not count; what a seal before the snapshot had counted did, though nobody had claimed it yet. */
function worthAt(
  ledger: Ledger,
  snapshot: number,
  { wallet, place }: { readonly wallet: string; readonly place: Place },
): bigint {
  const { history } = ledger.governance;
  const [key, poolKey] = [positionKey(wallet, place), registrationKey(place.netuid, place.hotkey)];
  const pool = history.at(snapshot, { table: 'share-pools', key: poolKey, now: ledger.sharePools.get(poolKey) });
  const stored = history.at(snapshot, { table: 'delegations', key, now: ledger.delegations.get(key) }) ?? NO_POSITION;
  const of = roundKey(place, stored.waitsFor);
  const round =
    stored.waiting === 0n
      ? undefined
      : history.at(snapshot, { table: 'share-rounds', key: of, now: ledger.shareRounds.get(of) });
  const { shares } = round === undefined ? stored : claim(stored, round).position;
  return worthOf(shares, pool ?? EMPTY_POOL, poolTotalAt(ledger, snapshot, place));
}
