import { expect, test } from 'vitest';
import { Claims, CLAIMS_REMEMBERED } from './claims.ts';
import { UndoLog } from './table.ts';

const claim = (sequence: number) => ({ sequence, contentSha256: '' });

function claimsUpTo(count: number): Claims {
  const claims = new Claims(new UndoLog());
  for (let sequence = 1; sequence <= count; sequence += 1) claims.take(`k${sequence}`, claim(sequence));
  return claims;
}

test('the older generation is forgotten once the younger one is large enough', () => {
  const claims = claimsUpTo(CLAIMS_REMEMBERED);
  claims.forget(CLAIMS_REMEMBERED);
  expect(claims.find('k1')).toEqual(claim(1));
  for (let sequence = 1; sequence <= CLAIMS_REMEMBERED; sequence += 1) claims.take(`later${sequence}`, claim(sequence));
  expect(claims.find('k1')).toEqual(claim(1));
  claims.forget(2 * CLAIMS_REMEMBERED);
  expect([claims.find('k1'), claims.find('later1')]).toEqual([undefined, claim(1)]);
});

test('a key whose entry is not stored yet is never forgotten: a look-up would not find it', () => {
  const claims = claimsUpTo(CLAIMS_REMEMBERED);
  claims.forget(0);
  for (let sequence = 1; sequence <= CLAIMS_REMEMBERED; sequence += 1) {
    claims.take(`later${sequence}`, claim(CLAIMS_REMEMBERED + sequence));
  }
  claims.forget(CLAIMS_REMEMBERED - 1);
  expect(claims.find('k1')).toEqual(claim(1));
  claims.forget(CLAIMS_REMEMBERED);
  expect([claims.find('k1'), claims.find('later1')]).toEqual([undefined, claim(CLAIMS_REMEMBERED + 1)]);
});

test('a key of a command that was refused half way is free again', () => {
  const undo = new UndoLog();
  const claims = new Claims(undo);
  claims.take('k', claim(1));
  undo.rollBack();
  expect(claims.find('k')).toBeUndefined();
});
