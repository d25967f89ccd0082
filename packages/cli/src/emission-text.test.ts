import { create } from '@bufbuild/protobuf';
import { NetworkSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { expect, test } from 'vitest';
import { emissionText } from './emission-text.ts';

test.for<[string, string, bigint, string]>([
  ['Equal', 'Equal', 0n, 'in equal parts'],
  ['', '', 0n, 'in equal parts'],
  ['RootWeights', 'RootWeights', 7n, 'by the weights of epoch 7 of the root network'],
  ['RootWeights', 'EqualUntilRootWeights', 0n, 'in equal parts, since the members'],
  ['Utility', 'Utility', 0n, 'by the network fees that use of each subnet burned, the rest in equal parts'],
  ['Utility', 'EqualUntilUtility', 0n, 'in equal parts, since no use of a subnet has burned fees'],
  ['Later', 'Later', 0n, 'by Later'],
])('policy %s on the basis %s of epoch %d', ([emissionPolicy, emissionBasis, emissionEpoch, words]) => {
  expect(emissionText(create(NetworkSchema, { emissionPolicy, emissionBasis, emissionEpoch }))).toContain(words);
});
