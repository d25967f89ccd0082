import { expect, test } from 'vitest';
import {
  causeOf,
  done,
  enroll,
  forecast,
  mandateOf,
  newLedger,
  payNothing,
  produce,
  put,
  testPolicy,
} from '#test/ledger-state.ts';
import type { Hyperparameters, PolicyDraft } from './policy.ts';

const withHyperparameters = (change: Partial<Hyperparameters>): PolicyDraft => ({
  ...testPolicy,
  hyperparameters: { ...testPolicy.hyperparameters, ...change },
});

test('a subnet is created once, with defaults decided', () => {
  const ledger = newLedger();
  const first = done(put(ledger, 'sp500'));
  expect(first).toMatchObject({ policyVersion: 1, subnet: { netuid: 1, owner: 'owner', startBlock: 0 } });
  expect(first.subnet.active.policy.hyperparameters).toMatchObject({ tempo: 10, kappaU16: 32_767, yumaVersion: 3 });
  const head = ledger.journal.head;
  expect(done(put(ledger, 'sp500')).subnet.netuid).toBe(1);
  expect(ledger.journal.head).toEqual(head);
  expect(done(put(ledger, 'gold')).subnet.netuid).toBe(2);
});

test('a changed policy is in force after the next seal, and what is put back drops it', () => {
  const ledger = newLedger();
  done(put(ledger, 'sp500'));
  const changed = withHyperparameters({ tempo: 12 });
  const pending = done(put(ledger, 'sp500', { policy: changed }));
  expect(pending).toMatchObject({ policyVersion: 2, subnet: { pending: { version: 2, effectiveEpoch: 2 } } });
  expect(done(put(ledger, 'sp500')).subnet.pending).toBeNull();
  expect(done(put(ledger, 'sp500', { policy: changed })).policyVersion).toBe(3);
  const [sealed] = produce(ledger, 10);
  expect(sealed).toMatchObject({ index: 1, block: 10, policyVersion: 1 });
  expect(ledger.subnet(1)).toMatchObject({ active: { version: 3 }, pending: null });
  payNothing(ledger);
  expect(produce(ledger, 12).map(({ index, block, policyVersion }) => [index, block, policyVersion])).toEqual([
    [2, 22, 3],
  ]);
});

test('what begins with a seal is told with it, and only there', () => {
  const ledger = newLedger();
  done(put(ledger, 'sp500'));
  const off = done(put(ledger, 'sp500', { policy: withHyperparameters({ commitReveal: 'Off' }) }));
  produce(ledger, 10);
  payNothing(ledger);
  produce(ledger, 10);
  const [first, second] = ledger.journal
    .takeEntries()
    .filter(({ kind }) => kind === 'EpochDue')
    .map(({ payloadText }): unknown => JSON.parse(payloadText));
  expect(first).toMatchObject({ policy: { hyperparameters: { commitReveal: 'Salted' } }, next: off.subnet.pending });
  expect(second).toMatchObject({ policy: { hyperparameters: { commitReveal: 'Off' } } });
  expect(second).not.toHaveProperty('next');
});

const BEACON = { chainHash: 'ab'.repeat(32), publicKey: 'cd'.repeat(96), genesisTime: 1_700_000_000, periodSeconds: 3 };

test('time-locked weights open by quicknet unless the owner names a beacon; others have none', () => {
  const effective = (change: Partial<Hyperparameters>) =>
    done(put(newLedger(), 'sp500', { policy: withHyperparameters(change) })).subnet.active.policy.hyperparameters;
  expect(effective({})).toMatchObject({ commitReveal: 'Salted', missedReveal: 'Keep', weightsRateLimitBlocks: 100 });
  expect(effective({})).not.toHaveProperty('timelockBeacon');
  expect(effective({ commitReveal: 'Timelock' }).timelockBeacon).toMatchObject({ periodSeconds: 3 });
  expect(effective({ commitReveal: 'Timelock', timelockBeacon: BEACON }).timelockBeacon).toEqual(BEACON);
});

test('without commits a miner is immune long enough after one tempo', () => {
  const values = { tempo: 20, immunityPeriodBlocks: 30 };
  expect(put(newLedger(), 'sp500', { policy: withHyperparameters({ ...values, commitReveal: 'Off' }) }).ok).toBe(true);
  expect(put(newLedger(), 'sp500', { policy: withHyperparameters(values) })).toMatchObject({ code: 'POLICY_INVALID' });
});

test('an older client may go on saying that commits are revealed', () => {
  const older = { ...testPolicy, hyperparameters: { ...testPolicy.hyperparameters, commitRevealEnabled: true } };
  const { hyperparameters } = done(put(newLedger(), 'sp500', { policy: older })).subnet.active.policy;
  expect(hyperparameters).not.toHaveProperty('commitRevealEnabled');
});

test('only the owner changes a subnet, and only its object', () => {
  const ledger = newLedger();
  done(put(ledger, 'sp500'));
  expect(put(ledger, 'sp500', { mandate: mandateOf('desk') })).toMatchObject({ ok: false, code: 'HANDLE_TAKEN' });
  expect(put(ledger, 'sp500', { netuid: 1, mandate: mandateOf('desk') })).toMatchObject({
    ok: false,
    code: 'NOT_OWNER',
  });
  const other = causeOf('copy', { kind: 'Subnet' });
  expect(put(ledger, 'sp500', { cause: other })).toMatchObject({ ok: false, code: 'ALREADY_MANAGED' });
  expect(done(put(ledger, 'sp500', { netuid: 1, cause: other })).subnet.managedBy).toEqual(other);
  expect(put(ledger, 'other', { netuid: 1 })).toMatchObject({ ok: false, code: 'HANDLE_FIXED' });
  expect(put(ledger, 'sp500', { netuid: 7 })).toMatchObject({ ok: false, code: 'SUBNET_UNKNOWN' });
});

test.for<readonly [string, PolicyDraft]>([
  ['hyperparameters.evictionNoticeBlocks', withHyperparameters({ evictionNoticeBlocks: 0 })],
  ['hyperparameters.evictionNoticeBlocks', withHyperparameters({ evictionNoticeBlocks: 50_401 })],
  ['hyperparameters.tempo', withHyperparameters({ tempo: 9 })],
  ['hyperparameters.tempo', withHyperparameters({ tempo: 50_401 })],
  ['hyperparameters.tempo', withHyperparameters({ tempo: 10.5 })],
  ['hyperparameters.kappaU16', withHyperparameters({ kappaU16: 65_536 })],
  ['hyperparameters.yumaVersion', withHyperparameters({ yumaVersion: 1 })],
  ['hyperparameters.maxValidators (5)', withHyperparameters({ maxValidators: 5 })],
  ['hyperparameters.immunityPeriodBlocks (20)', withHyperparameters({ immunityPeriodBlocks: 20 })],
  ['hyperparameters.immunityPeriodBlocks (5000)', { mechanisms: [forecast], hyperparameters: { tempo: 2500 } }],
  ['hyperparameters.maxUids × mechanisms', { mechanisms: [forecast, { ...forecast, id: 1 }] }],
  ['hyperparameters.stakeThresholdRao', withHyperparameters({ stakeThresholdRao: '-1' })],
  ['hyperparameters.commitReveal must be', withHyperparameters({ commitReveal: 'Sealed' as 'Off' })],
  ['hyperparameters.missedReveal must be', withHyperparameters({ missedReveal: 'Forget' as 'Keep' })],
  ['hyperparameters.weightsRateLimitBlocks', withHyperparameters({ weightsRateLimitBlocks: -1 })],
  ['hyperparameters.timelockBeacon goes with', withHyperparameters({ timelockBeacon: BEACON })],
  ...(['chainHash', 'publicKey', 'genesisTime', 'periodSeconds'] as const).map((field): [string, PolicyDraft] => [
    `hyperparameters.timelockBeacon.${field}`,
    withHyperparameters({ commitReveal: 'Timelock', timelockBeacon: { ...BEACON, [field]: 0 } }),
  ]),
  [
    'hyperparameters.commitRevealEnabled',
    { ...testPolicy, hyperparameters: { ...testPolicy.hyperparameters, commitRevealEnabled: false } },
  ],
  ['mechanisms must be 1 to 16', { ...testPolicy, mechanisms: [] }],
  ['mechanisms[].id', { ...testPolicy, mechanisms: [forecast, forecast] }],
  ['mechanisms[].emissionWeight', { ...testPolicy, mechanisms: [{ ...forecast, emissionWeight: 0 }] }],
  ['mechanisms[0].id', { ...testPolicy, mechanisms: [{ ...forecast, id: 16 }] }],
  ['pricing[0].model', { ...testPolicy, pricing: [{ name: 'p', model: 'm', unit: 'Request', per: 1, priceRao: '1' }] }],
  ['terms[0].metric', { ...testPolicy, terms: [{ name: 't', metric: 'x', verifier: 'Gateway', remedy: 'Refund' }] }],
  [
    'serving.firstByteTimeoutMs',
    { ...testPolicy, serving: { models: [], routingPreset: 'Balanced', firstByteTimeoutMs: 2, totalTimeoutMs: 1 } },
  ],
])('a policy is refused with the field: %s', ([field, policy]) => {
  const refused = put(newLedger(), 'sp500', { policy });
  expect(refused).toMatchObject({ ok: false, code: 'POLICY_INVALID' });
  expect(refused.ok ? '' : refused.message).toContain(field);
});

test('a mechanism that was dropped never comes back, and room is not taken from those who are there', () => {
  const ledger = newLedger();
  done(put(ledger, 'sp500'));
  done(put(ledger, 'sp500', { policy: { ...testPolicy, mechanisms: [{ ...forecast, id: 1 }] } }));
  produce(ledger, 10);
  expect(put(ledger, 'sp500')).toMatchObject({ ok: false, code: 'POLICY_INVALID' });
  for (const hotkey of ['h1', 'h2', 'h3']) done(enroll(ledger, hotkey));
  const narrow = {
    mechanisms: [{ ...forecast, id: 1 }],
    hyperparameters: { ...testPolicy.hyperparameters, maxUids: 2, maxValidators: 2 },
  };
  expect(put(ledger, 'sp500', { policy: narrow })).toMatchObject({ ok: false, code: 'POLICY_INVALID' });
});
