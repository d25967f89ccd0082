import { expect, test } from 'vitest';
import { carryOut } from '#domain/economy/wallet-order.ts';
import { raiseStake } from '#domain/economy/stake.ts';
import { causeOf, done, enroll, mandateOf, newLedger, orderBy, put, stateText } from '#test/ledger-state.ts';
import type { Scheme } from './scheme.ts';

const transfer = { type: 'Transfer', to: 'owner', amount: 1n } as const;

function order(ledger: ReturnType<typeof newLedger>, sequence: number, scheme: Scheme) {
  return ledger.decide((state) =>
    carryOut(state, { signer: 'desk', sequence, expiresAtBlock: 9, scheme, order: transfer }),
  );
}

test.each([
  ['ed25519', 'sr25519'],
  ['sr25519', 'ed25519'],
] as const)('a wallet that signed with %s first never speaks through %s', (first, other) => {
  const ledger = newLedger();
  done(order(ledger, 1, first));
  const before = stateText(ledger);
  expect(order(ledger, 2, other)).toMatchObject({ ok: false, code: 'WRONG_SCHEME' });
  expect(stateText(ledger)).toBe(before);
  done(order(ledger, 2, first));
});

test('an order that is refused pins nothing', () => {
  const ledger = newLedger();
  expect(order(ledger, 1, 'ed25519').ok).toBe(true);
  const other = newLedger();
  const tooMuch = { ...transfer, amount: 10n ** 20n };
  const asked = other.decide((state) =>
    carryOut(state, { signer: 'desk', sequence: 1, expiresAtBlock: 9, scheme: 'ed25519', order: tooMuch }),
  );
  expect(asked.ok).toBe(false);
  done(order(other, 1, 'sr25519'));
});

test('a wallet of before there was a choice is sr25519, and mandates are held to the scheme as orders are', () => {
  const ledger = newLedger();
  ledger.decide((state) => {
    state.sequences.put('wallet-order/desk', 1);
    return { ok: true, value: undefined };
  });
  expect(order(ledger, 2, 'ed25519')).toMatchObject({ code: 'WRONG_SCHEME' });
  done(put(ledger, 'sp500'));
  expect(enroll(ledger, 'h1', { mandate: mandateOf('desk', { scheme: 'ed25519' }) })).toMatchObject({
    code: 'WRONG_SCHEME',
  });
  done(enroll(ledger, 'h1'));
  done(orderBy(ledger, 'desk', transfer));
  const mandate = mandateOf('desk', { scheme: 'ed25519' });
  const raise = { netuid: 1, hotkey: 'h1', target: 5n, mandate, cause: causeOf('h1') };
  expect(ledger.decide((state) => raiseStake(state, raise))).toMatchObject({ code: 'WRONG_SCHEME' });
});

test('a call by mandate pins its payer when it writes an entry, and changes nothing when it writes none', () => {
  const ledger = newLedger();
  done(put(ledger, 'sp500', { mandate: mandateOf('owner', { scheme: 'ed25519' }) }));
  expect(ledger.schemes.get('owner')).toBe('ed25519');
  expect(put(ledger, 'sp500')).toMatchObject({ code: 'WRONG_SCHEME' });
  done(enroll(ledger, 'h1'));
  expect(ledger.schemes.get('desk')).toBe('sr25519');
  const before = stateText(ledger);
  const raise = {
    netuid: 1,
    hotkey: 'h1',
    target: 0n,
    mandate: mandateOf('desk', { sha256: 'n' }),
    cause: causeOf('h1'),
  };
  done(ledger.decide((state) => raiseStake(state, raise)));
  expect(stateText(ledger)).toBe(before);
});
