import type { CountermeasuresDraft } from '@subnetes/policy/live-countermeasures';
import { RECOMMENDED } from '@subnetes/policy/recommended';
import { describe, expect, test } from 'vitest';
import { done, newLedger, produce, put, testPolicy } from '#test/ledger-state.ts';
import { produceBlock } from './emission.ts';
import type { PolicyDraft } from './policy.ts';
import { QUICKNET } from './weights-terms.ts';

const around = (countermeasures: CountermeasuresDraft): PolicyDraft => ({ ...testPolicy, countermeasures });

test.for<[string, PolicyDraft]>([
  ['says nothing', testPolicy],
  ['has none on', around({})],
])('a policy that %s of countermeasures has the hash that it had before there were any', ([, policy]) => {
  const { active } = done(put(newLedger(), 'sp500', { policy })).subnet;
  expect(active.policy).not.toHaveProperty('countermeasures');
  expect(active.sha256).toBe('26f7c495459f52d18caa0e8c2d27550a4fa0ad52a0360a26f9a308d6854fb88e');
});

test('countermeasures are part of the version: another value is another one, what says the same is not', () => {
  const ledger = newLedger();
  done(put(ledger, 'sp500'));
  expect(done(put(ledger, 'sp500', { policy: around({ firewall: {} }) })).policyVersion).toBe(2);
  expect(done(put(ledger, 'sp500', { policy: around({ firewall: RECOMMENDED.firewall }) })).policyVersion).toBe(2);
  const stricter = done(put(ledger, 'sp500', { policy: around({ firewall: { minersMin: 9 } }) }));
  expect(stricter.policyVersion).toBe(3);
  expect(stricter.subnet.pending?.policy.countermeasures).toEqual({
    firewall: { ...RECOMMENDED.firewall, minersMin: 9 },
  });
});

test('an epoch is sealed by the countermeasures under which its weights were committed', () => {
  const ledger = newLedger();
  done(put(ledger, 'sp500'));
  const changed = done(put(ledger, 'sp500', { policy: around({ deviation: {} }) }));
  produce(ledger, 10);
  const [due] = ledger.journal
    .takeEntries()
    .filter(({ kind }) => kind === 'EpochDue')
    .map(({ payloadText }): unknown => JSON.parse(payloadText));
  expect(due).not.toHaveProperty('policy.countermeasures');
  expect(due).toHaveProperty('next.policy.countermeasures.deviation', RECOMMENDED.deviation);
  expect(due).toHaveProperty('next.sha256', changed.subnet.pending?.sha256);
});

test('an incentive function is part of the version by digest, fuel and whether it sees weights', () => {
  const ledger = newLedger();
  const sha256 = 'ab'.repeat(32);
  const versionOf = (incentiveFunction: object): number =>
    done(put(ledger, 'sp500', { policy: around({ incentiveFunction }) })).policyVersion;
  expect(versionOf({ sha256 })).toBe(1);
  expect(versionOf({ sha256, fuel: 20_000_000, passWeights: false })).toBe(1);
  expect(versionOf({ sha256, passWeights: true })).toBe(2);
  expect(versionOf({ sha256: 'cd'.repeat(32) })).toBe(3);
  expect(ledger.subnet(1)?.active.policy.countermeasures).toEqual({ incentiveFunction: { sha256, fuel: 20_000_000 } });
});

test('all mechanisms together have the fuel of one run with the most', () => {
  const [first] = testPolicy.mechanisms ?? [];
  const of = (count: number, fuel: number) =>
    put(newLedger(), 'sp500', {
      policy: {
        ...around({ incentiveFunction: { sha256: 'ab'.repeat(32), fuel } }),
        hyperparameters: { ...testPolicy.hyperparameters, maxUids: 64, maxValidators: 64 },
        mechanisms: Array.from({ length: count }, (_, id) => ({ ...first!, id, name: `m${id}` })),
      },
    });
  expect(of(2, 50_000_000).ok).toBe(true);
  expect(of(2, 50_000_001)).toMatchObject({ ok: false, code: 'POLICY_INVALID' });
});

test.for<[string, object]>([
  ['countermeasures.incentiveFunction.sha256', { incentiveFunction: { fuel: 7 } }],
  ['countermeasures.firewall.minersMin: 3', { firewall: { minersMin: 3 } }],
  ['countermeasures.firewall.othersMovedPpm: must exceed staleWithinPpm', { firewall: { othersMovedPpm: 1 } }],
  ['countermeasures.boundedScores.factorPpm: 0', { boundedScores: { factorPpm: 0 } }],
  ['countermeasures.qualityFloor.heldPpm: 0.5', { qualityFloor: { heldPpm: 0.5 } }],
  ['countermeasures.incentiveCurve.weightsByPlace[2]', { incentiveCurve: { weightsByPlace: [9, 5, 6] } }],
  ['countermeasures.reputation.downPpm', { reputation: { downPpm: 1 } }],
  ['countermeasures.deviation.evidenceAfterEpochs', { deviation: { evidenceAfterEpochs: 2 } }],
  ['countermeasures.assignment needs hyperparameters.commitReveal Timelock', { assignment: {} }],
])('a policy is refused by the field: %s', ([words, countermeasures]) => {
  const refused = put(newLedger(), 'sp500', { policy: around(countermeasures) });
  expect(refused).toMatchObject({ ok: false, code: 'POLICY_INVALID' });
  expect(refused.ok ? '' : refused.message).toContain(words);
});

describe('judges that are drawn', () => {
  const drawn = (change: PolicyDraft['hyperparameters'] = {}): PolicyDraft => ({
    ...testPolicy,
    hyperparameters: { ...testPolicy.hyperparameters, commitReveal: 'Timelock', ...change },
    countermeasures: { assignment: { judges: 3 } },
  });
  const sealAt = (policy: PolicyDraft, timeMs: number) => {
    const ledger = newLedger();
    done(put(ledger, 'sp500', { policy }));
    for (let block = 1; block <= 10; block += 1) done(ledger.decide((state) => produceBlock(state, timeMs)));
    const [due] = ledger.journal.takeEntries().filter(({ kind }) => kind === 'EpochDue');
    return JSON.parse(due?.payloadText ?? '{}') as { readonly draw?: { readonly round: number } };
  };
  const outAtMs = (round: number): number => (QUICKNET.genesisTime + (round - 1) * QUICKNET.periodSeconds) * 1000;

  test.for([0, 1, 999, 1000, 1001, 2999, 3000])(
    'are drawn by the first round that comes out ten seconds after the seal, at %i ms past one',
    (pastMs) => {
      const timeMs = outAtMs(5_000_000) + pastMs;
      const { draw } = sealAt(drawn(), timeMs);
      const aheadMs = outAtMs(draw?.round ?? 0) - timeMs;
      expect(aheadMs).toBeGreaterThanOrEqual(10_000);
      expect(aheadMs).toBeLessThan(10_000 + 1000 + QUICKNET.periodSeconds * 1000);
      expect(draw).toMatchObject({
        beacon: { ...QUICKNET },
        rules: { judges: 3, coverageU16: 43_690 },
        kappaU16: 32_767,
      });
    },
  );

  test('are drawn by the policy that begins with the seal, and before a beacon’s time by its first round', () => {
    expect(sealAt({ ...drawn(), countermeasures: {} }, 0)).not.toHaveProperty('draw');
    expect(sealAt(drawn(), 0)).toHaveProperty('draw.round', 1);
    const ledger = newLedger();
    done(put(ledger, 'sp500'));
    done(put(ledger, 'sp500', { policy: drawn() }));
    produce(ledger, 10);
    const [due] = ledger.journal.takeEntries().filter(({ kind }) => kind === 'EpochDue');
    expect(JSON.parse(due?.payloadText ?? '{}')).toMatchObject({ draw: { round: 1 }, next: { version: 2 } });
  });

  test('need a draw that is still known when their rows count', () => {
    const late = drawn({ revealPeriodEpochs: 4, immunityPeriodBlocks: 100 });
    const refused = put(newLedger(), 'sp500', { policy: late });
    expect(refused).toMatchObject({ ok: false, code: 'POLICY_INVALID' });
    expect(refused.ok ? '' : refused.message).toContain('revealPeriodEpochs of at most 3');
  });
});
