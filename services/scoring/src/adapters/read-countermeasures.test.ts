import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { RECOMMENDED } from '@subnetes/policy/recommended';
import { CountermeasuresSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { expect, test } from 'vitest';
import { countermeasuresOf } from './read-countermeasures.ts';

const read = (message: MessageInitShape<typeof CountermeasuresSchema>) =>
  countermeasuresOf(create(CountermeasuresSchema, message));

test('what the ledger resolved is read as it is, and nothing where it tells of none', () => {
  const { incentiveCurve, ...rest } = RECOMMENDED;
  const message = { ...rest, incentiveCurve: { weightsByPlace: [...incentiveCurve.weightsByPlace] } };
  expect(read(message)).toEqual({ countermeasures: RECOMMENDED });
  expect(read({ reputation: RECOMMENDED.reputation })).toEqual({
    countermeasures: { reputation: RECOMMENDED.reputation },
  });
  const incentiveFunction = { sha256: 'ab'.repeat(32), fuel: 7, passWeights: true };
  expect(read({ incentiveFunction })).toEqual({ countermeasures: { incentiveFunction } });
  expect(read({})).toEqual({});
  expect(countermeasuresOf(undefined)).toEqual({});
});

test.for<[string, MessageInitShape<typeof CountermeasuresSchema>]>([
  ['countermeasures.firewall.flatWithinPpm', { firewall: { minersMin: 8 } }],
  ['countermeasures.boundedScores.factorPpm', { boundedScores: { factorPpm: 1 } }],
  ['countermeasures.incentiveCurve.weightsByPlace', { incentiveCurve: {} }],
  ['countermeasures.incentiveFunction.fuel', { incentiveFunction: { sha256: 'ab'.repeat(32) } }],
])('what would stop every epoch is named before any is run: %s', ([fault, message]) => {
  expect(read(message)).toEqual({ fault: expect.stringContaining(fault) as string });
});
