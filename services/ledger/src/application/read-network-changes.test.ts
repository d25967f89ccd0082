import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { NetworkChangesSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import { pairOfSeed } from '@subnetes/keys/sr25519-pair';
import { expect, test } from 'vitest';
import { readNetworkChanges } from './read-network-changes.ts';

const { address } = pairOfSeed(new Uint8Array(32).fill(4), 'arbiter');
const read = (wire: MessageInitShape<typeof NetworkChangesSchema>) =>
  readNetworkChanges(create(NetworkChangesSchema, wire));
const slashing = {
  conditions: [{ type: 'Deviation', ppm: 5, maxRao: '7', epochs: 3, atLeast: 9 }],
  disputeBlocks: 1,
  decisionBlocks: 2,
  windowBlocks: 3,
  windowPpm: 4,
  reportDepositRao: '5',
  burnPpm: 1_000_000,
};

test('what is unset stays, and what is set is read, nothing being something', () => {
  expect(read({})).toEqual({ ok: true, value: {} });
  const all = {
    blockRewardRao: '0',
    blockTimeMs: 0,
    halving: 'None',
    symbol: '',
    unbondingBlocks: 0,
    rootStakeWeightPpm: 0,
  };
  expect(read(all)).toEqual({
    ok: true,
    value: { blockReward: 0n, blockTimeMs: 0, halving: 'None', symbol: '', unbondingBlocks: 0, rootStakeWeightPpm: 0 },
  });
});

test('terms of slashing are those of genesis, decided by stake where no arbiter is named', () => {
  const terms = {
    conditions: [{ type: 'Deviation', ppm: 5, max: 7n, epochs: 3, atLeast: 9 }],
    disputeBlocks: 1,
    decisionBlocks: 2,
    windowBlocks: 3,
    windowPpm: 4,
    reportDeposit: 5n,
    deciders: { type: 'StakeVote' },
    distribution: { burnPpm: 1_000_000, reporterPpm: 0, insurancePpm: 0 },
  };
  expect(read({ slashing })).toEqual({ ok: true, value: { slashing: terms } });
  expect(read({ slashing: { ...slashing, arbiters: [address], arbitersRequired: 1 } })).toEqual({
    ok: true,
    value: { slashing: { ...terms, deciders: { type: 'Arbiters', keys: [address], required: 1 } } },
  });
});

test.for<[string, MessageInitShape<typeof NetworkChangesSchema>, string]>([
  ['a reward that is no number', { blockRewardRao: 'one' }, 'block_reward_rao'],
  ['a reward with a fraction of a rao', { blockRewardRao: '1.5' }, 'block_reward_rao'],
  ['a reward below nothing', { blockRewardRao: '-1' }, 'block_reward_rao must not be negative'],
  ['another halving', { halving: 'Never' }, 'halving'],
  ['an arbiter who is nobody', { slashing: { ...slashing, arbiters: ['5F'] } }, 'slashing.arbiters'],
  ['a deposit of nothing written', { slashing: { ...slashing, reportDepositRao: '' } }, 'report_deposit_rao'],
  ['another offence', { slashing: { ...slashing, conditions: [{ type: 'Rudeness', ppm: 1 }] } }, 'Rudeness'],
  [
    'a bound that is no number',
    { slashing: { ...slashing, conditions: [{ type: 'Deviation', ppm: 1, maxRao: 'x' }] } },
    'max_rao',
  ],
])('%s is refused', ([, wire, message]) => {
  const refused = read(wire);
  expect(refused).toMatchObject({ ok: false, code: 'PROPOSAL_INVALID' });
  expect((refused as { message: string }).message).toContain(message);
});
