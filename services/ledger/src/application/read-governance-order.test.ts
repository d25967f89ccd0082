import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type EmissionPolicySchema, ProposeOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import { expect, test } from 'vitest';
import { emissionToWire } from '#adapters/wire-governance.ts';
import type { EmissionPolicy } from '#domain/economy/genesis.ts';
import { readGovernanceOrder } from './read-governance-order.ts';

const read = (policy: MessageInitShape<typeof EmissionPolicySchema>) =>
  readGovernanceOrder({
    case: 'propose',
    value: create(ProposeOrderSchema, {
      title: 'x',
      action: { action: { case: 'emission', value: { policy, fromBlock: 7n } } },
    }),
  });

test.for<EmissionPolicy>([
  { name: 'Equal', version: 1 },
  { name: 'Utility', version: 1, smoothingBlocks: 9 },
  { name: 'RootWeights', version: 1, tempo: 20, commitReveal: 'Off' },
  { name: 'MovingPrice', version: 1 },
  { name: 'Flow', version: 1 },
  { name: 'Flow', version: 1, exponentPpm: 1_200_000, net: false },
])('an emission policy is proposed as it is told: $name', (policy) => {
  expect(read(emissionToWire(policy))).toMatchObject({ ok: true, value: { action: { policy, fromBlock: 7 } } });
});

test('a policy that there is none of is refused with the names that there are', () => {
  expect(read({ name: 'Lottery' })).toMatchObject({
    code: 'PROPOSAL_INVALID',
    message: expect.stringContaining('MovingPrice or Flow') as string,
  });
});

test('the dispute of no address is refused', () => {
  const order = create(ProposeOrderSchema, { action: { action: { case: 'settleDispute', value: { coldkey: 'me' } } } });
  expect(readGovernanceOrder({ case: 'propose', value: order })).toMatchObject({ code: 'PROPOSAL_INVALID' });
});
