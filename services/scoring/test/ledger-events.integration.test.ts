import { create, toBinary } from '@bufbuild/protobuf';
import { EpochDueSchema } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import { expect, test } from 'vitest';
import { LedgerMessageMalformed, readEpochDue } from '#adapters/ledger-events.ts';
import { dueMessage } from './ledger-messages.ts';

const beacon = { chainHash: 'ab'.repeat(32), publicKey: 'cd'.repeat(96), genesisTime: 1_700_000_000, periodSeconds: 3 };
const draw = { round: 77n, beacon, rules: { judges: 6, coverageU16: 0 }, kappaU16: 32_767 };
const read = (change: object) => {
  const event = readEpochDue(toBinary(EpochDueSchema, create(EpochDueSchema, { ...dueMessage(1, []), ...change })));
  return event.kind === 'epoch-due' ? event.due : undefined;
};

test('a seal says how judges are drawn, or nothing of it', () => {
  expect(read({})).not.toHaveProperty('draw');
  expect(read({ draw })?.draw).toEqual({
    round: 77,
    beacon: {
      chainHash: beacon.chainHash,
      publicKey: beacon.publicKey,
      genesisTimeS: 1_700_000_000,
      periodS: 3,
    },
    rules: { judges: 6, coverageU16: 0 },
    kappaU16: 32_767,
  });
});

test.for([
  ['beacon', { ...draw, beacon: undefined }],
  ['rules', { ...draw, rules: undefined }],
  ['rule', { ...draw, rules: { judges: 6 } }],
])('a draw without a %s is a bug of its producer', ([, broken]) => {
  expect(() => read({ draw: broken })).toThrow(LedgerMessageMalformed);
});
