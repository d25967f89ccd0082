import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EpochPayment, paymentText } from './payment-text.ts';

const payment: EpochPayment = {
  dueSequence: 12,
  inputsSha256: '1a',
  outputsSha256: '2b',
  neurons: [{ uid: 3, registrationId: 'ff', incentive: 9_007_199_254_740_993n, dividend: 0n }],
};

test('the text is what ledgers have hashed so far', () => {
  expect(paymentText(payment)).toBe('[12,"1a","2b",[[3,"ff","9007199254740993","0"]]]');
});

const hex = fc.stringMatching(/^[0-9a-f]{0,8}$/);
const payments = fc.record({
  dueSequence: fc.nat(),
  inputsSha256: hex,
  outputsSha256: hex,
  neurons: fc.array(
    fc.record({ uid: fc.nat(255), registrationId: hex, incentive: fc.bigInt(0n, 99n), dividend: fc.bigInt(0n, 99n) }),
    { maxLength: 4 },
  ),
});

test('two payments have one text only if they are the same', () => {
  fc.assert(
    fc.property(payments, payments, (one, other) => {
      expect(paymentText(one) === paymentText(other)).toBe(isSame(one, other));
      expect(paymentText(structuredClone(one))).toBe(paymentText(one));
    }),
  );
});

function isSame(one: EpochPayment, other: EpochPayment): boolean {
  const flat = ({ dueSequence, inputsSha256, outputsSha256, neurons }: EpochPayment) => [
    dueSequence,
    inputsSha256,
    outputsSha256,
    neurons.length,
    ...neurons.flatMap((each) => [each.uid, each.registrationId, each.incentive, each.dividend]),
  ];
  const [left, right] = [flat(one), flat(other)];
  return left.length === right.length && left.every((value, at) => value === right[at]);
}
