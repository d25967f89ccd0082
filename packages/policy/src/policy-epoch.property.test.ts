import { payPots } from '@subnetes/consensus/emission';
import { canonicalJson, toStored } from '@subnetes/consensus/epoch-json';
import { runEpoch } from '@subnetes/consensus/epoch';
import { ONE, toU16Share, ZERO } from '@subnetes/consensus/fixed';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MACHINERY, policyInput } from '../test/network.ts';
import { countermeasures, drawnInput, epochInputs, policies } from '../test/random-policy.ts';
import { changesOf } from './adjustments.ts';
import { PLAIN_POLICY } from './consensus-policy.ts';
import { runPolicyEpoch } from './policy-epoch.ts';
import { EMPTY_STATE, type PolicyState } from './policy-state.ts';
import { totalOf } from './reapportion.ts';

const text = (value: unknown): string => canonicalJson(toStored(value));

test('without countermeasures the output is that of the consensus, to the bit', () => {
  fc.assert(
    fc.property(epochInputs, fc.boolean(), (epoch, named) => {
      const policy = named ? { ...PLAIN_POLICY, yuma: {}, countermeasures: {} } : PLAIN_POLICY;
      const { output, counted, state, ...rest } = runPolicyEpoch(policyInput(epoch), policy, EMPTY_STATE, MACHINERY);
      expect(text(output)).toBe(text(runEpoch(epoch)));
      expect(text(counted)).toBe(text(epoch));
      expect(state).toEqual(EMPTY_STATE);
      expect(rest).toMatchObject({ abstentions: [], evidence: [], adjustments: [{ step: 'consensus' }] });
    }),
  );
});

test('a policy that chooses its consensus is the epoch with those parameters', () => {
  fc.assert(
    fc.property(epochInputs, epochInputs, (epoch, other) => {
      const { formula, kappaU16, bondsPenaltyU16, bondsMovingAveragePpm, liquidAlpha } = other.parameters;
      const yuma = { formula, kappaU16, bondsPenaltyU16, bondsMovingAveragePpm, ...(liquidAlpha && { liquidAlpha }) };
      const { output } = runPolicyEpoch(policyInput(epoch), { format: 1, yuma }, EMPTY_STATE, MACHINERY);
      expect(text(output)).toBe(text(runEpoch({ ...epoch, parameters: { ...epoch.parameters, ...yuma } })));
    }),
  );
});

test('whatever is on, shares stay shares, incentives keep their sum and dividends only shrink', () => {
  fc.assert(
    fc.property(epochInputs, policies, (epoch, policy) => {
      const { output, counted } = runPolicyEpoch(drawnInput(epoch, policy), policy, EMPTY_STATE, MACHINERY);
      const plain = runEpoch(counted);
      expect(totalOf(output.incentive)).toBe(totalOf(plain.incentive));
      for (const [uid, share] of output.dividends.entries()) expect(share).toBeLessThanOrEqual(plain.dividends[uid]!);
      for (const share of [...output.incentive, ...output.dividends]) {
        expect(share >= ZERO && share <= ONE).toBe(true);
      }
      expect(output.u16.incentive).toEqual(output.incentive.map(toU16Share));
      expect(output.u16.dividends).toEqual(output.dividends.map(toU16Share));
      const pots = { miners: 1_000_003n, validators: 999_979n };
      expect(payPots(output, pots).unattributed).toBeGreaterThanOrEqual(0n);
    }),
  );
});

test('what each step changed adds up to what everybody got', () => {
  fc.assert(
    fc.property(epochInputs, policies, (epoch, policy) => {
      const { output, adjustments } = runPolicyEpoch(drawnInput(epoch, policy), policy, EMPTY_STATE, MACHINERY);
      const rules = policy.countermeasures ?? {};
      expect(adjustments).toHaveLength(1 + Object.keys(rules).length);
      expect(text(adjustments[0]!.incentive)).toBe(text(runEpoch(epoch).incentive));
      for (const uid of output.incentive.keys()) {
        const changes = changesOf(uid, adjustments);
        expect(totalOf(changes.map(({ incentive }) => incentive))).toBe(output.incentive[uid]);
        expect(totalOf(changes.map(({ dividends }) => dividends))).toBe(output.dividends[uid]);
      }
    }),
  );
});

test('outcome and state are plain JSON, and a state that was stored gives the same next epoch', () => {
  fc.assert(
    fc.property(epochInputs, fc.array(countermeasures, { minLength: 2, maxLength: 4 }), (epoch, ruleLists) => {
      let state: PolicyState = EMPTY_STATE;
      for (const [index, rules] of ruleLists.entries()) {
        const policy = { format: 1, countermeasures: rules } as const;
        const input = drawnInput(epoch, policy, { index });
        const outcome = runPolicyEpoch(input, policy, state, MACHINERY);
        const again = runPolicyEpoch(input, policy, JSON.parse(canonicalJson(state)) as PolicyState, MACHINERY);
        expect(text(again)).toBe(text(outcome));
        expect(JSON.parse(canonicalJson(outcome.state))).toEqual(outcome.state);
        ({ state } = outcome);
      }
    }),
    { numRuns: 50 },
  );
});
