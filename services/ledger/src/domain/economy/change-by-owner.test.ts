import { expect, test } from 'vitest';
import { stakeOf } from '#domain/book/account.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import type { WalletOrder } from '#domain/economy/wallet-order.ts';
import {
  done,
  enroll,
  expectConserved,
  newLedger,
  orderBy,
  payNothing,
  produce,
  put,
  stateText,
  TAO,
  testGenesis,
  testPolicy,
} from '#test/ledger-state.ts';

/** What owners of subnets and neurons do by their own signature, without any object of a cluster. */

const create = { type: 'CreateSubnet', handle: 'news', policy: testPolicy, emission: 'Held', registration: 'Approval', maxCost: 0n } as const; // prettier-ignore
const slower = { ...testPolicy, hyperparameters: { ...testPolicy.hyperparameters, tempo: 12 } };

function owned(): Ledger {
  const ledger = newLedger();
  done(orderBy(ledger, 'owner', create));
  return ledger;
}

test('an owner changes what it names, rules from the epoch after the next seal on, and nothing else', () => {
  const ledger = owned();
  expect(ledger.subnet(1)).toMatchObject({ emission: 'Held', registration: 'Approval', lastVersion: 1 });
  done(orderBy(ledger, 'owner', { type: 'ChangeSubnet', netuid: 1, policy: slower }));
  expect(ledger.subnet(1)).toMatchObject({ emission: 'Held', registration: 'Approval', pending: { version: 2 } });
  done(orderBy(ledger, 'owner', { type: 'ChangeSubnet', netuid: 1, emission: 'Started' }));
  done(orderBy(ledger, 'owner', { type: 'ChangeSubnet', netuid: 1, registration: 'Closed' }));
  expect(ledger.subnet(1)).toMatchObject({ emission: 'Started', registration: 'Closed', pending: { version: 2 } });
  done(orderBy(ledger, 'owner', { type: 'ChangeSubnet', netuid: 1, policy: testPolicy }));
  expect(ledger.subnet(1)).toMatchObject({ active: { version: 1 }, pending: null, managedBy: { kind: 'Wallet' } });
  expectConserved(ledger);
});

const managed = (ledger: Ledger) => done(put(ledger, 'sp500'));

test.each<[string, string, Partial<Extract<WalletOrder, { type: 'ChangeSubnet' }>>, string]>([
  ['a stranger', 'desk', {}, 'NOT_OWNER'],
  ['of one that is not there', 'owner', { netuid: 9 }, 'SUBNET_UNKNOWN'],
  ['of the root network', 'owner', { netuid: 0 }, 'SUBNET_UNKNOWN'],
  ['of one that an object manages', 'owner', { netuid: 2 }, 'ALREADY_MANAGED'],
  ['rules that are none', 'owner', { policy: { mechanisms: [] } }, 'POLICY_INVALID'],
])('a change of %s is refused and changes nothing', (_name, signer, change, code) => {
  const ledger = owned();
  managed(ledger);
  const before = stateText(ledger);
  expect(orderBy(ledger, signer, { type: 'ChangeSubnet', netuid: 1, emission: 'Started', ...change })).toMatchObject({
    code,
  });
  expect(stateText(ledger)).toBe(before);
});

test('a subnet that has ended changes no more', () => {
  const ledger = newLedger({ ...testGenesis, subnetRemoval: { noticeBlocks: 2 } });
  done(orderBy(ledger, 'owner', create));
  done(orderBy(ledger, 'owner', { type: 'DissolveSubnet', netuid: 1, atBlock: 0 }));
  produce(ledger, 5);
  const late = orderBy(ledger, 'owner', { type: 'ChangeSubnet', netuid: 1, emission: 'Started' });
  expect(late).toMatchObject({ code: 'SUBNET_DISSOLVING' });
});

test('bounds that the network puts on prices hold for a subnet that its owner creates by order', () => {
  const ledger = newLedger({ ...testGenesis, burnBounds: { minBelow: 10n * TAO, maxAbove: 1n } });
  const burn = { minRao: '20000000000', maxRao: '30000000000', halfLifeBlocks: 360, increasePpm: 1_260_000 };
  const policy = { ...testPolicy, hyperparameters: { ...testPolicy.hyperparameters, burn } };
  expect(put(ledger, 'sp500', { policy })).toMatchObject({ code: 'POLICY_INVALID' });
  expect(orderBy(ledger, 'owner', { ...create, policy })).toMatchObject({ code: 'POLICY_INVALID' });
});

test('an owner ends the registration of its neuron by its own order, and the stake comes back', () => {
  const ledger = newLedger();
  managed(ledger);
  done(enroll(ledger, 'h1', { initialStake: 7n * TAO }));
  const before = ledger.book.posted('TAO', 'desk');
  const leave = { type: 'Deregister', netuid: 1, hotkey: 'h1' } as const;
  expect(orderBy(ledger, 'owner', leave)).toMatchObject({ code: 'NOT_OWNER' });
  done(orderBy(ledger, 'desk', leave));
  expect(ledger.neuronByHotkey(1, 'h1')).toBeUndefined();
  expect(ledger.book.posted('TAO', 'desk')).toBe(before + 7n * TAO);
  expect(ledger.book.posted('TAO', stakeOf(1, 'h1', 'desk'))).toBe(0n);
  expect(orderBy(ledger, 'desk', leave)).toMatchObject({ code: 'NOT_REGISTERED' });
  while (ledger.sealed.get('1') === undefined) produce(ledger, 1);
  payNothing(ledger);
  expectConserved(ledger);
});
