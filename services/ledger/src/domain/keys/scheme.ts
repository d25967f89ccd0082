import { type Refusal, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';

/** How a wallet signs. */
export type Scheme = 'sr25519' | 'ed25519';

/**
 * Holds a wallet to the scheme of its first signature: 32 bytes are a key of either, and no other scheme than the one that their owner
 * chose may ever speak for them. Wallets that have ordered before there was a choice are sr25519.
 */
export function pinScheme(ledger: Ledger, wallet: string, scheme: Scheme = 'sr25519'): Refusal | undefined {
  const pinned = ledger.schemes.get(wallet) ?? (hasOrdered(ledger, wallet) ? 'sr25519' : undefined);
  if (pinned === undefined) ledger.schemes.put(wallet, scheme);
  if (pinned === undefined || pinned === scheme) return undefined;
  return refuse('WRONG_SCHEME', `${wallet} signs with ${pinned} since its first signature, this one is ${scheme}`);
}

function hasOrdered(ledger: Ledger, wallet: string): boolean {
  return ledger.sequences.get(`wallet-order/${wallet}`) !== undefined;
}
