import { expect, test } from 'vitest';
import {
  BURNED,
  delegatedOf,
  delegatingOf,
  MINT,
  NETWORK,
  poolOf,
  potOf,
  protocolOf,
  sealedOf,
  stakeOf,
  unattributedOf,
} from './account.ts';
import { kindOf, ownerOf } from './account-terms.ts';

test.for<[string, string, string | null]>([
  [MINT, 'Mint', null],
  [BURNED, 'Burned', null],
  [NETWORK, 'Network', null],
  ['billing:acme', 'Billing', null],
  [potOf(1), 'Pot', null],
  [sealedOf(1), 'Sealed', null],
  [unattributedOf(1), 'Unattributed', null],
  [stakeOf(1, '5Hotkey', '5Coldkey'), 'Stake', '5Coldkey'],
  [delegatedOf(1, '5Hotkey'), 'Delegated', null],
  [delegatingOf(1, '5Hotkey'), 'Delegated', null],
  [poolOf(1), 'Pool', null],
  [protocolOf(1), 'Pool', null],
  ['5Coldkey', 'Wallet', '5Coldkey'],
])('%s is of the kind %s', ([id, kind, owner]) => {
  expect([kindOf(id), ownerOf(id, undefined)]).toEqual([kind, owner]);
});
