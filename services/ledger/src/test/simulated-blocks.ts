import { produceBlock } from '#domain/economy/emission.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { payEpoch } from '#domain/economy/payout.ts';
import { done } from './ledger-state.ts';
import type { SimulatedScoring } from './simulated-scoring.ts';

/** A ledger, and who scores its epochs. */
export interface SimulatedMarket {
  readonly ledger: Ledger;
  readonly scoring: SimulatedScoring;
}

/** Produces blocks and pays what they seal by the real consensus. */
export function pass({ ledger, scoring }: SimulatedMarket, blocks: number): void {
  for (let at = 0; at < blocks; at += 1) {
    for (const sealed of done(ledger.decide((state) => produceBlock(state, 0))).sealed) {
      const scored = scoring.score(ledger, sealed);
      done(ledger.decide((state) => payEpoch(state, scored)));
    }
  }
}

/** How far a projection was off, in millionths. */
export function offPpm(projected: bigint, happened: bigint): bigint {
  const difference = projected > happened ? projected - happened : happened - projected;
  return (difference * 1_000_000n) / happened;
}
