import { type Refusal, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';

/** How a wallet signs. */
export type Scheme = 'sr25519' | 'ed25519';

/**
 * Holds a wallet to the scheme of its first signature: 32 bytes are a key of either, and no other scheme than the one that their owner
 * chose may ever speak for them. Wallets that have ordered before there was a choice are sr25519. For commands that write an entry: what
 * a command without one changes is not stored.
 */
export function pinScheme(ledger: Ledger, wallet: string, scheme: Scheme = 'sr25519'): Refusal | undefined {
  const bar = schemeBar(ledger, wallet, scheme);
  if (bar === undefined && pinnedOf(ledger, wallet) === undefined) ledger.schemes.put(wallet, scheme);
  return bar;
}

/** Why a signature of this scheme does not speak for a wallet; undefined where it does, or where there is no scheme yet. */
export function schemeBar(ledger: Ledger, wallet: string, scheme: Scheme = 'sr25519'): Refusal | undefined {
  const pinned = pinnedOf(ledger, wallet);
  if (pinned === undefined || pinned === scheme) return undefined;
  return refuse('WRONG_SCHEME', `${wallet} signs with ${pinned} since its first signature, this one is ${scheme}`);
}

function pinnedOf(ledger: Ledger, wallet: string): Scheme | undefined {
  const hasOrdered = ledger.sequences.get(`wallet-order/${wallet}`) !== undefined;
  return ledger.schemes.get(wallet) ?? (hasOrdered ? 'sr25519' : undefined);
}
