import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { PolicySchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { expect, test } from 'vitest';
import { resolvePolicy } from '#domain/economy/resolve-policy.ts';
import { done, newLedger, put, testPolicy } from '#test/ledger-state.ts';
import { subnetView } from '#domain/economy/views.ts';
import { policyFromWire, policyToWire, subnetToWire } from './wire.ts';

/** A policy over the wire, as an owner's message comes and as everybody is told what holds. */
function told(
  burn: NonNullable<NonNullable<Parameters<typeof create<typeof PolicySchema>>[1]>['hyperparameters']>['burn'],
) {
  const sent = create(PolicySchema, { hyperparameters: { burn } });
  const draft = policyFromWire(fromBinary(PolicySchema, toBinary(PolicySchema, sent)));
  const policy = done(resolvePolicy({ ...testPolicy, hyperparameters: { ...draft.hyperparameters } }));
  return { terms: policy.hyperparameters.burn, wire: policyToWire(policy).hyperparameters?.burn };
}

test('terms of a price by interval cross the wire, u64 and all, and absent ones are the chain’s', () => {
  const alphaU64 = 17_893_341_751_498_265_066n;
  const given = told({ type: 'Interval', interval: { blocks: 360, alphaU64 } });
  const interval = { blocks: 360, targetRegistrations: 2, alphaU64: alphaU64.toString() };
  expect(given.terms).toEqual({ type: 'Interval', minRao: '500000', maxRao: '100000000000', interval });
  expect(given.wire).toMatchObject({ type: 'Interval', interval: { ...interval, alphaU64 } });
  expect(told({ type: 'Interval', interval: {} }).terms).toMatchObject({ interval: { blocks: 100, alphaU64: '0' } });
});

test('continuous terms are told as they were before there was another kind', () => {
  const { terms, wire } = told({});
  expect(terms).toEqual({ minRao: '500000', maxRao: '100000000000', halfLifeBlocks: 360, increasePpm: 1_260_000 });
  expect([wire?.type, wire?.interval]).toEqual([undefined, undefined]);
});

test('how far an interval is goes to whoever asks for the subnet', () => {
  const ledger = newLedger();
  const burn = { type: 'Interval', interval: { blocks: 5 } } as const;
  const policy = { ...testPolicy, hyperparameters: { ...testPolicy.hyperparameters, burn } };
  const { subnet } = done(put(ledger, 'sp500', { policy }));
  const { registrationInterval } = subnetToWire(subnetView(ledger, subnet));
  const endsAtBlock = BigInt(subnet.startBlock + 5);
  expect(registrationInterval).toEqual({ endsAtBlock, registrations: 0, targetRegistrations: 2 });
});
