import { expect, test } from 'vitest';
import type { Ledger } from '#domain/economy/ledger.ts';
import type { RegistrationMode } from '#domain/economy/subnet.ts';
import { deregister } from '#domain/economy/stake.ts';
import {
  causeOf,
  done,
  enroll,
  expectConserved,
  mandateOf,
  newLedger,
  orderBy,
  produce,
  put,
  skipTo,
  stateText,
} from '#test/ledger-state.ts';
import { ADMISSION_BLOCKS, admissionsOf, type Invitation, REQUESTS_OF_COLDKEY_MAX } from './admission.ts';

function market(registration: RegistrationMode): Ledger {
  const ledger = newLedger();
  done(put(ledger, 'sp500', { registration }));
  return ledger;
}

const invitation = (change: Partial<Invitation> = {}): Invitation => ({
  sha256: 'i1',
  signer: 'owner',
  netuid: 1,
  hotkey: 'h1',
  maxUses: 1,
  expiresAtBlock: 100,
  ...change,
});
const admission = (
  ledger: Ledger,
  signer: string,
  type: 'RequestRegistration' | 'ApproveRegistration' | 'DenyRegistration',
  hotkey = 'h1',
) => orderBy(ledger, signer, { type, netuid: 1, hotkey });

test('where the owner approves, a hotkey registers once it is approved, and the approval is used up', () => {
  const ledger = market('Approval');
  expect(enroll(ledger, 'h1')).toMatchObject({ code: 'APPROVAL_NEEDED' });
  done(admission(ledger, 'desk', 'RequestRegistration'));
  expect(admissionsOf(ledger, 1).requests).toEqual([{ hotkey: 'h1', coldkey: 'desk', block: 0 }]);
  expect(enroll(ledger, 'h1')).toMatchObject({ code: 'APPROVAL_NEEDED' });
  expect(admission(ledger, 'desk', 'ApproveRegistration')).toMatchObject({ code: 'NOT_OWNER' });
  done(admission(ledger, 'owner', 'ApproveRegistration'));
  expect(enroll(ledger, 'h2')).toMatchObject({ code: 'APPROVAL_NEEDED' });
  done(enroll(ledger, 'h1'));
  expect(admissionsOf(ledger, 1)).toEqual({ requests: [], approvals: [] });
  expect(admission(ledger, 'desk', 'RequestRegistration')).toMatchObject({ code: 'ALREADY_REGISTERED' });
  expectConserved(ledger);
});

test('a registration that is refused for another reason keeps its approval', () => {
  const ledger = market('Approval');
  done(admission(ledger, 'owner', 'ApproveRegistration'));
  const before = stateText(ledger);
  expect(enroll(ledger, 'h1', { maxCost: 1n })).toMatchObject({ code: 'COST_ABOVE_MAX' });
  expect(enroll(ledger, 'h1', { payer: 'nobody' })).toMatchObject({ ok: false });
  expect(stateText(ledger)).toBe(before);
  done(enroll(ledger, 'h1'));
});

test('requests and approvals end by themselves, and the owner can deny', () => {
  const ledger = market('Approval');
  done(admission(ledger, 'desk', 'RequestRegistration'));
  done(admission(ledger, 'owner', 'DenyRegistration'));
  expect(admissionsOf(ledger, 1).requests).toEqual([]);
  done(admission(ledger, 'desk', 'RequestRegistration'));
  done(admission(ledger, 'owner', 'ApproveRegistration', 'h2'));
  skipTo(ledger, ADMISSION_BLOCKS + 1);
  expect(admissionsOf(ledger, 1)).toEqual({ requests: [], approvals: [] });
  expect(enroll(ledger, 'h2')).toMatchObject({ code: 'APPROVAL_NEEDED' });
});

test('one coldkey has so many requests, who has nothing has none, and an open subnet takes none', () => {
  const ledger = market('Approval');
  for (let at = 0; at < REQUESTS_OF_COLDKEY_MAX; at += 1)
    done(admission(ledger, 'desk', 'RequestRegistration', `h${at}`));
  done(admission(ledger, 'desk', 'RequestRegistration', 'h0')); // the same one again
  expect(admission(ledger, 'desk', 'RequestRegistration', 'hx')).toMatchObject({ code: 'REQUEST_COUNT' });
  expect(admission(ledger, 'ann', 'RequestRegistration', 'hx')).toMatchObject({ code: 'INSUFFICIENT_FUNDS' });
  expect(admission(market('Open'), 'desk', 'RequestRegistration')).toMatchObject({ code: 'INVALID_ARGUMENT' });
});

test('an invitation lets its hotkey in as often as it says', () => {
  const ledger = market('Approval');
  done(enroll(ledger, 'h1', { invitation: invitation() }));
  expect(enroll(ledger, 'h2', { invitation: invitation() })).toMatchObject({ code: 'INVITATION_INVALID' });
  const bearer = invitation({ sha256: 'i2', hotkey: '', maxUses: 2 });
  done(enroll(ledger, 'h2', { invitation: bearer }));
  done(enroll(ledger, 'h3', { invitation: bearer }));
  expect(enroll(ledger, 'h4', { invitation: bearer })).toMatchObject({ code: 'INVITATION_INVALID' });
});

test.each<[string, Partial<Invitation>]>([
  ['of somebody else', { signer: 'desk' }],
  ['for another subnet', { netuid: 2 }],
  ['for another hotkey', { hotkey: 'h9' }],
  ['that is over', { expiresAtBlock: 0 }],
  ['without uses', { maxUses: 0 }],
])('an invitation %s is refused', (_name, change) => {
  const ledger = market('Approval');
  produce(ledger, 1);
  const before = stateText(ledger);
  expect(enroll(ledger, 'h1', { invitation: invitation(change) })).toMatchObject({ code: 'INVITATION_INVALID' });
  expect(stateText(ledger)).toBe(before);
});

test('an invitation is revoked before it is used, and opens no closed subnet', () => {
  const ledger = market('Approval');
  const revoke = { type: 'RevokeInvitation', netuid: 1, invitationSha256: 'i1' } as const;
  expect(orderBy(ledger, 'desk', revoke)).toMatchObject({ code: 'NOT_OWNER' });
  done(orderBy(ledger, 'owner', revoke));
  expect(enroll(ledger, 'h1', { invitation: invitation() })).toMatchObject({ code: 'INVITATION_INVALID' });
  expect(enroll(market('Closed'), 'h1', { invitation: invitation() })).toMatchObject({ code: 'REGISTRATION_CLOSED' });
});

test('where the owner pays, nobody else’s money registers, and the neuron is its own owner’s', () => {
  const ledger = market('Sponsored');
  expect(enroll(ledger, 'h1')).toMatchObject({ code: 'SPONSOR_NEEDED' });
  const sponsor = mandateOf('owner', { sha256: 's', owner: 'ann', operations: ['Register', 'Stake'] });
  const { neuron } = done(enroll(ledger, 'h1', { coldkey: 'ann', payer: 'owner', mandate: sponsor, initialStake: 5n }));
  expect(neuron).toMatchObject({ coldkey: 'ann', payer: 'owner' });
  const end = (mandate: ReturnType<typeof mandateOf>) =>
    ledger.decide((state) => deregister(state, { netuid: 1, hotkey: 'h1', mandate, cause: causeOf('h1') }));
  expect(end(mandateOf('owner')), 'who paid has no say in what it paid').toMatchObject({ code: 'NOT_OWNER' });
  done(end(mandateOf('ann')));
  expect(ledger.book.posted('TAO', 'ann')).toBe(5n);
  expectConserved(ledger);
});
