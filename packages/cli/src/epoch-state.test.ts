import { create } from '@bufbuild/protobuf';
import { NetworkSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { expect, test } from 'vitest';
import { epochText, witnessFacts } from './epoch-state.ts';

const network = create(NetworkSchema, {
  block: 130n,
  witnessesRequired: 2,
  witnessKeys: [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte)),
  unwitnessed: [{ netuid: 7, index: 5n, sinceBlock: 118n, signed: 1 }],
});

test.for([
  { netuid: 7, epochIndex: 0n, lastPaidIndex: 0n, text: 'no epoch yet' },
  { netuid: 7, epochIndex: 4n, lastPaidIndex: 4n, text: 'epoch 4 paid' },
  { netuid: 7, epochIndex: 5n, lastPaidIndex: 4n, text: 'epoch 5 sealed, 4 paid, 1 of 2 witnesses for 12 blocks' },
  { netuid: 7, epochIndex: 6n, lastPaidIndex: 5n, text: 'epoch 6 sealed, 5 paid' },
  { netuid: 8, epochIndex: 5n, lastPaidIndex: 4n, text: 'epoch 5 sealed, 4 paid' },
])('$text', ({ text, ...state }) => {
  expect(epochText(state, network)).toBe(text);
});

test('who has to sign is told where anybody has to', () => {
  expect(witnessFacts(network)).toEqual([['witnesses', '2 of 3 keys have to sign an epoch before it is paid']]);
  expect(witnessFacts(create(NetworkSchema, {}))).toEqual([]);
});
