import type { EmissionInputs } from '@subnetes/consensus/emission';
import { payPots } from '@subnetes/consensus/emission';
import { HALF, ONE, ZERO } from '@subnetes/consensus/fixed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MACHINERY, network, policyInput } from '../test/network.ts';
import type { ConsensusPolicy } from './consensus-policy.ts';
import { runPolicyEpoch } from './policy-epoch.ts';
import { EMPTY_STATE } from './policy-state.ts';
import { RECOMMENDED } from './recommended.ts';
import { paidChanges, payShaped } from './shaped-payout.ts';

const POTS = { miners: 1001n, validators: 2003n };
const stakes = { activeStake: [HALF, HALF], stake: [HALF, HALF] };
const shares = (incentive: bigint[], dividends: bigint[]): EmissionInputs => ({ ...stakes, incentive, dividends });
const NOBODY = [ZERO, ZERO];

test.for<[string, EmissionInputs, EmissionInputs, bigint[]]>([
  ['what is taken of all validators', shares([ONE, ZERO], [ZERO, ONE]), shares([ONE, ZERO], NOBODY), [1001n, 0n]],
  ['what is taken of all miners', shares([ONE, ZERO], [ZERO, ONE]), shares(NOBODY, [ZERO, ONE]), [0n, 2003n]],
  ['what is left when everybody abstains', shares([ONE, ZERO], [ZERO, ONE]), shares(NOBODY, NOBODY), [0n, 0n]],
  ['a pot without owner, as the chain gives it', shares([ONE, ZERO], NOBODY), shares([ONE, ZERO], NOBODY), [3004n, 0n]],
  ['both pots by stake', shares(NOBODY, NOBODY), shares([...NOBODY], [...NOBODY]), [1502n, 1502n]],
])('%s goes where it belongs', ([, consensus, shaped, expected]) => {
  const { incentive, dividends, unattributed } = payShaped(consensus, shaped, POTS);
  expect(incentive.map((own, uid) => own + dividends[uid]!)).toEqual(expected);
  expect(unattributed).toBe(3004n - expected[0]! - expected[1]!);
});

const votesOf = fc.array(
  fc.record({
    stake: fc.bigInt({ min: 1n, max: 1_000_000n }),
    scores: fc.array(fc.integer({ min: 0, max: 65_535 }), { minLength: 8, maxLength: 8 }),
  }),
  { minLength: 1, maxLength: 6 },
);
const POLICIES: readonly ConsensusPolicy[] = [
  { format: 1 },
  { format: 1, countermeasures: RECOMMENDED },
  { format: 1, countermeasures: { firewall: RECOMMENDED.firewall, deviation: RECOMMENDED.deviation } },
  { format: 1, countermeasures: { boundedScores: RECOMMENDED.boundedScores } },
];

test("the consensus's pay and what each step changed are what is paid, to the unit, and never more than the pots", () => {
  fc.assert(
    fc.property(votesOf, fc.constantFrom(...POLICIES), (votes, policy) => {
      const { consensus, output, adjustments } = runPolicyEpoch(
        policyInput(network(votes)),
        policy,
        EMPTY_STATE,
        MACHINERY,
      );
      const alone = payPots(consensus, POTS);
      const paid = payShaped(consensus, output, POTS);
      expect(paid.unattributed).toBeGreaterThanOrEqual(0n);
      const isPlain = policy.countermeasures === undefined;
      expect(isPlain ? paid : alone).toEqual(alone);
      for (const uid of output.incentive.keys()) {
        const changes = paidChanges(uid, { consensus, adjustments, pots: POTS });
        const sum = (field: 'incentivePaid' | 'dividendsPaid'): bigint =>
          changes.reduce((left, change) => left + change[field], 0n);
        expect(alone.incentive[uid]! + sum('incentivePaid')).toBe(paid.incentive[uid]);
        expect(alone.dividends[uid]! + sum('dividendsPaid')).toBe(paid.dividends[uid]);
      }
    }),
  );
});
