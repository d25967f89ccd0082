import { expect, test } from 'vitest';
import type { Ledger } from '#domain/economy/ledger.ts';
import { registrationKey } from '#domain/economy/neuron.ts';
import { admissionsOf, type Invitation } from '#domain/mandates/admission.ts';
import {
  done,
  enroll,
  enrollOrWait,
  expectConserved,
  newLedger,
  orderBy,
  produce,
  put,
  skipTo,
  TAO,
  testPolicy,
} from '#test/ledger-state.ts';
import { challengesOf } from './challenge.ts';

const NOTICE = 5;
const invitation: Invitation = {
  sha256: 'a'.repeat(64),
  signer: 'owner',
  netuid: 1,
  hotkey: '',
  maxUses: 1,
  expiresAtBlock: 10_000,
};
const key = registrationKey(1, invitation.sha256);

/** A full subnet in which the owner says who comes in. */
function market(): Ledger {
  const ledger = newLedger();
  const hyperparameters = { ...testPolicy.hyperparameters, evictionNoticeBlocks: NOTICE };
  const held = { emission: 'Held', policy: { ...testPolicy, hyperparameters } } as const;
  done(put(ledger, 'sp500', held));
  for (const hotkey of ['h1', 'h2', 'h3', 'h4']) done(enroll(ledger, hotkey));
  done(put(ledger, 'sp500', { ...held, registration: 'Approval', netuid: 1 }));
  skipTo(ledger, 100);
  return ledger;
}

const come = (ledger: Ledger, hotkey: string, change: object = { invitation }) =>
  enrollOrWait(ledger, hotkey, { coldkey: 'ann', payer: 'desk', mandate: null, cause: null, ...change });

/** Whoever is told pays to stay, until nobody is left who may go. */
function matchAll(ledger: Ledger): void {
  for (let at = 0; at < 4; at += 1) {
    const told = ledger.neuronsOf(1).find(({ notice }) => notice !== undefined);
    if (told === undefined) break;
    const match = { type: 'MatchEviction', netuid: 1, hotkey: told.hotkey, maxCost: 10n * TAO } as const;
    done(orderBy(ledger, 'desk', match));
  }
  produce(ledger, 1);
  expect(challengesOf(ledger, 1)).toEqual([]);
}

test('an invitation is used once by who waits for its place, and not again when it is there', () => {
  const ledger = market();
  done(come(ledger, 'late'));
  expect(ledger.invitations.get(key)).toEqual({ used: 1, revoked: false });
  expect(come(ledger, 'later')).toMatchObject({ ok: false, code: 'INVITATION_INVALID' });
  produce(ledger, NOTICE + 1);
  expect(ledger.neuronByHotkey(1, 'late')?.coldkey).toBe('ann');
  expect(ledger.invitations.get(key)).toEqual({ used: 1, revoked: false });
});

test('who gets no place has used nothing up: the invitation is good for another one', () => {
  const ledger = market();
  done(come(ledger, 'late'));
  matchAll(ledger);
  expect(ledger.invitations.get(key)).toEqual({ used: 0, revoked: false });
  skipTo(ledger, 1000);
  done(come(ledger, 'later'));
  expectConserved(ledger);
});

test('one that its owner has revoked meanwhile stays revoked', () => {
  const ledger = market();
  done(come(ledger, 'late'));
  done(orderBy(ledger, 'owner', { type: 'RevokeInvitation', netuid: 1, invitationSha256: invitation.sha256 }));
  matchAll(ledger);
  skipTo(ledger, 1000);
  expect(come(ledger, 'later')).toMatchObject({ code: 'INVITATION_INVALID' });
});

test('an approval holds anew for who got no place, and nobody gets one who needed none', () => {
  const ledger = market();
  expect(come(ledger, 'late', {})).toMatchObject({ code: 'APPROVAL_NEEDED' });
  done(orderBy(ledger, 'owner', { type: 'ApproveRegistration', netuid: 1, hotkey: 'late' }));
  done(come(ledger, 'late', {}));
  expect(admissionsOf(ledger, 1).approvals).toEqual([]);
  matchAll(ledger);
  expect(admissionsOf(ledger, 1).approvals).toMatchObject([{ hotkey: 'late' }]);
  skipTo(ledger, 1000);
  done(come(ledger, 'late', {}));
  skipTo(ledger, 2000);
  const own = market();
  done(come(own, 'mine', { coldkey: 'owner', payer: 'owner' }));
  matchAll(own);
  expect(admissionsOf(own, 1).approvals).toEqual([]);
});
