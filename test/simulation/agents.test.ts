import { simulateAgents } from '@subnetes/ledger/test/agents/agent-simulation';
import { simulateFugitives } from '@subnetes/ledger/test/agents/fugitives';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const OUTCOMES = ['Executed', 'Rejected', 'Expired', 'Vetoed'] as const;

test('two hundred actors for ten thousand blocks: nobody gets what the rules do not give', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), (seed) => {
      const { classes, halvings, proposals } = simulateAgents({ actors: 200, blocks: 10_000, seed });
      expect([...classes.keys()]).toEqual(['honest', 'greedy', 'arbitrageur', 'griefer', 'sybil']);
      for (const [kind, { has, due, actors }] of classes) {
        const off = has > due ? has - due : due - has;
        expect({ kind, isDue: off <= BigInt(50 * actors) }).toEqual({ kind, isDue: true });
      }
      expect(halvings).toBe(2);
      // In a fifth of these blocks 20 seeds had each outcome four times at least, about ten times on average.
      expect(OUTCOMES.filter((name) => !proposals.has(name))).toEqual([]);
    }),
    { numRuns: 1, endOnFailure: true },
  );
});

test('two hundred actors who run from slashes for ten thousand blocks: nobody keeps what a slash takes', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), (seed) => {
      const counts = simulateFugitives({ actors: 200, blocks: 10_000, seed });
      expect(counts.get('Executed') ?? 0).toBeGreaterThan(500);
      expect(counts.get('CHILD_CYCLE') ?? 0).toBeGreaterThan(50);
    }),
    { numRuns: 1, endOnFailure: true },
  );
});
