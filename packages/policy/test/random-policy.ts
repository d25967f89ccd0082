import type { EpochInput } from '@subnetes/consensus/epoch-types';
import fc from 'fast-check';
import type { ConsensusPolicy, Countermeasures } from '#consensus-policy.ts';
import { drawAssignment } from '#assignment.ts';
import type { PolicyInput } from '#policy-epoch.ts';
import { MACHINERY, policyInput, SOME_HASH } from './network.ts';

export { epochInputs } from '../../consensus/test/random-epoch.ts';

const ppm = fc.integer({ min: 1, max: 1_000_000 });
const sorted = fc.tuple(ppm, ppm).map(([a, b]) => (a < b ? [a, b] : [b, a]) as readonly [number, number]);

const firewall = sorted.chain(([within, moved]) =>
  fc.record({
    minersMin: fc.integer({ min: 4, max: 8 }),
    flatWithinPpm: fc.integer({ min: 0, max: 500_000 }),
    flatDistancePpm: ppm,
    staleWithinPpm: fc.constant(Math.min(within, 500_000) - 1),
    othersMovedPpm: fc.constant(moved),
    staleAfterEpochs: fc.integer({ min: 1, max: 3 }),
    reversalPpm: ppm,
    quorumPpm: ppm,
  }),
);

/** Any countermeasures, each on or off. */
export const countermeasures: fc.Arbitrary<Countermeasures> = fc.record(
  {
    firewall,
    assignment: fc.record({ judges: fc.integer({ min: 1, max: 5 }), coverageU16: fc.nat(65_535) }),
    boundedScores: fc.record({ factorPpm: fc.integer({ min: 1_000_000, max: 5_000_000 }) }),
    qualityFloor: fc.record({
      heldPpm: ppm,
      fractionPpm: fc.integer({ min: 1, max: 500_000 }),
      hysteresisPpm: fc.integer({ min: 0, max: 500_000 }),
    }),
    incentiveCurve: fc.record({
      weightsByPlace: fc
        .array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 12 })
        .map((list) => list.toSorted((left, right) => right - left)),
    }),
    reputation: sorted.chain(([upPpm, downPpm]) =>
      fc.record({ startPpm: ppm, upPpm: fc.constant(upPpm), downPpm: fc.constant(downPpm) }),
    ),
    deviation: fc.integer({ min: 1, max: 3 }).chain((reduceAfterEpochs) =>
      fc.record({
        limitPpm: ppm,
        timesMedianPpm: fc.integer({ min: 0, max: 3_000_000 }),
        reduceAfterEpochs: fc.constant(reduceAfterEpochs),
        reductionPpm: ppm,
        evidenceAfterEpochs: fc.integer({ min: reduceAfterEpochs, max: 4 }),
      }),
    ),
  },
  { requiredKeys: [] },
);

export const policies: fc.Arbitrary<ConsensusPolicy> = countermeasures.map((rules) => ({
  format: 1,
  countermeasures: rules,
}));

/** An input with the draw that the policy asks for, among everybody who has a permit. */
export function drawnInput(
  epoch: EpochInput,
  policy: ConsensusPolicy,
  changes: Partial<PolicyInput> = {},
): PolicyInput {
  const input = policyInput(epoch, changes);
  const rules = policy.countermeasures?.assignment;
  if (rules === undefined) return input;
  const named = epoch.neurons.map(({ stake, permit }, uid) => ({ registrationId: `r${uid}`, stake, permit }));
  const candidates = {
    validators: named.filter(({ permit }) => permit),
    miners: named.map(({ registrationId }) => registrationId),
  };
  const { kappaU16 } = epoch.parameters;
  return { ...input, assignment: drawAssignment({ seed: SOME_HASH, kappaU16, candidates }, rules, MACHINERY.sha256) };
}
