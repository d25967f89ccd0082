import { BURNED, delegatedOf, delegatingOf, MINT } from '#domain/book/account.ts';
import { delegationOf } from '#domain/economy/delegation.ts';
import type { AgentWorld } from './agent-world.ts';

/** Throws unless money is conserved, nothing is negative and the supply is the shadow's and within its cap. */
export function checkMoney({ ledger, shadow }: AgentWorld): void {
  let sum = 0n;
  for (const { id, posted, held } of ledger.book.accounts.values()) {
    sum += posted;
    if (id !== MINT && posted - held < 0n) throw new Error(`${id} has ${posted} rao, ${held} held`);
  }
  if (sum !== 0n) throw new Error(`all accounts come to ${sum} rao`);
  const { genesisIssued, rewards, genesis } = ledger.network;
  if (ledger.issued !== genesisIssued + rewards) throw new Error(`${ledger.issued} rao issued, not what blocks minted`);
  if (ledger.issued !== shadow.issued) throw new Error(`${ledger.issued} rao issued, not ${shadow.issued}`);
  if (ledger.issued > genesis.cap) throw new Error(`${ledger.issued} rao are above the cap`);
  const burned = ledger.book.posted(ledger.asset, BURNED);
  if (burned !== shadow.burned) throw new Error(`${burned} rao burned, not ${shadow.burned}`);
}

/** Throws unless a pool holds what it owes, and owes each what the shadow says. */
export function checkPool({ ledger, shadow }: AgentWorld, place: string): void {
  const slash = place.indexOf('/');
  const [netuid, hotkey] = [Number(place.slice(0, slash)), place.slice(slash + 1)];
  const posted = (account: string): bigint => ledger.book.posted(ledger.asset, account);
  let [owed, waits] = [0n, 0n];
  const holders = shadow.pools.holders(place);
  for (const wallet of holders) {
    const has = delegationOf(ledger, wallet, { netuid, hotkey });
    const should = shadow.pools.of(place, wallet);
    const { below, above } = shadow.pools.tolerance(place, wallet);
    owed += has.worth;
    waits += has.waiting;
    if (has.waiting !== should.waiting || has.worth > should.worth + above || has.worth + below < should.worth) {
      throw new Error(
        `${wallet} has ${has.worth} and ${has.waiting} waiting at ${place}, not ${should.worth} and ${should.waiting}`,
      );
    }
  }
  const total = posted(delegatedOf(netuid, hotkey));
  if (owed > total) throw new Error(`${place} owes ${owed} rao and has ${total}`);
  if (total - owed > BigInt(holders.length)) throw new Error(`${total - owed} rao of ${place} are nobody's`);
  if (waits !== posted(delegatingOf(netuid, hotkey))) throw new Error(`${place} has other rao waiting than ${waits}`);
}

/** Throws unless every share of a pool is somebody's, down to the last. */
export function checkShares({ ledger, shadow }: AgentWorld, place: string): void {
  let shares = 0n;
  const rounds = new Set<number>();
  for (const wallet of shadow.pools.holders(place)) {
    const position = ledger.delegations.get(`${place}/${wallet}`);
    shares += position?.shares ?? 0n;
    if (position !== undefined && position.waiting > 0n) rounds.add(position.waitsFor);
  }
  for (const round of rounds) shares += ledger.shareRounds.get(`${place}/${round}`)?.shares ?? 0n;
  const { denominator = 0n } = ledger.sharePools.get(place) ?? {};
  if (shares !== denominator) throw new Error(`${place} has ${denominator} shares, of which ${shares} are somebody's`);
}

/** Watches what shares are worth: nothing that anybody orders may make those of others worth less, however little. */
export class SharePrices {
  readonly #last = new Map<string, { readonly total: bigint; readonly denominator: bigint }>();

  check({ ledger }: AgentWorld, place: string): void {
    const slash = place.indexOf('/');
    const total = ledger.book.posted(ledger.asset, delegatedOf(Number(place.slice(0, slash)), place.slice(slash + 1)));
    const { denominator = 0n } = ledger.sharePools.get(place) ?? {};
    const before = this.#last.get(place);
    if (before !== undefined && before.denominator > 0n && total * before.denominator < before.total * denominator) {
      throw new Error(
        `a share of ${place} was worth ${before.total}/${before.denominator}, now ${total}/${denominator}`,
      );
    }
    this.#last.set(place, { total, denominator });
  }
}

/** Throws unless a wallet has what it was given, to the rao. */
export function checkWallet({ ledger, shadow }: AgentWorld, wallet: string): void {
  const free = ledger.book.posted(ledger.asset, wallet);
  const should = shadow.free.get(wallet) ?? 0n;
  if (free !== should) throw new Error(`${wallet} has ${free} rao, and the rules give it ${should}`);
}
