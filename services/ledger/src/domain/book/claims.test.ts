import { expect, test } from 'vitest';
import { Claims, CLAIMS_REMEMBERED } from './claims.ts';
import { UndoLog } from './table.ts';

const claim = (sequence: number) => ({ sequence, contentSha256: '' });

function claimsUpTo(count: number): Claims {
  const claims = new Claims(new UndoLog());
  for (let sequence = 1; sequence <= count; sequence += 1) claims.take(`k${sequence}`, claim(sequence));
  return claims;
}

test('the oldest keys beyond the limit are forgotten', () => {
  const claims = claimsUpTo(CLAIMS_REMEMBERED + 3);
  claims.forget(CLAIMS_REMEMBERED + 3);
  expect([claims.find('k3'), claims.find('k4')]).toEqual([undefined, claim(4)]);
});

test('a key whose entry is not stored yet is never forgotten: a look-up would not find it', () => {
  const claims = claimsUpTo(CLAIMS_REMEMBERED + 3);
  claims.forget(1);
  expect([claims.find('k1'), claims.find('k2')]).toEqual([undefined, claim(2)]);
});

test('a key of a command that was refused half way is free again', () => {
  const undo = new UndoLog();
  const claims = new Claims(undo);
  claims.take('k', claim(1));
  undo.rollBack();
  expect(claims.find('k')).toBeUndefined();
});
