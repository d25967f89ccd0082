import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  add,
  amountText,
  fromWire,
  raoFromTokenText,
  subtract,
  tokenTextFromRao,
  toWire,
  unitsFromText,
} from './amount.ts';

test.for([
  ['0', 0n],
  ['0.1', 100_000_000n],
  ['0.000000001', 1n],
  ['4500', 4_500_000_000_000n],
  ['999999999.999999999', 999_999_999_999_999_999n],
  ['1.50', 1_500_000_000n],
] as const)('%s tokens are %d rao', ([text, rao]) => {
  expect(raoFromTokenText(text)).toEqual({ ok: true, value: rao });
});

test.for(['', ' 1', '01', '-1', '+1', '1.', '.5', '1e9', '1,5', '0x10', '1.0000000000', '1000000000', '1\n', '１'])(
  'refuses %j as an amount in tokens',
  (text) => {
    expect(raoFromTokenText(text)).toMatchObject({ ok: false, code: 'MoneyMalformed' });
  },
);

test('a message quotes only the beginning of hostile text', () => {
  const refusal = raoFromTokenText('9'.repeat(10_000));
  expect(refusal.ok ? '' : refusal.message.length).toBeLessThan(200);
});

test('every amount that a spec can hold survives being written and read', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }), (rao) => {
      expect(raoFromTokenText(tokenTextFromRao(rao))).toEqual({ ok: true, value: rao });
    }),
  );
});

test('columns group thousands and drop empty decimals', () => {
  expect(amountText({ asset: 'TAO', units: 86_400_000_000_000n })).toBe('86 400 TAO');
  expect(amountText({ asset: 'TAO', units: 1_234_567_000_000_001n })).toBe('1 234 567.000000001 TAO');
  expect(amountText({ asset: 'TAO', units: -1_500_000_000n })).toBe('-1.5 TAO');
  expect(amountText({ asset: 'TAO', units: -123_000_000_000n })).toBe('-123 TAO');
});

test('wire text is a whole number of smallest units', () => {
  expect(unitsFromText('20000000000')).toEqual({ ok: true, value: 20_000_000_000n });
  expect(unitsFromText('-5')).toEqual({ ok: true, value: -5n });
  expect(unitsFromText('9'.repeat(39))).toEqual({ ok: true, value: 10n ** 39n - 1n });
  for (const text of ['9'.repeat(40), '-0', '007', '1.0', '1n', '']) expect(unitsFromText(text).ok).toBe(false);
});

test('an amount comes back from its wire form', () => {
  const amount = { asset: 'TAO', units: 7n };
  expect(fromWire(toWire(amount))).toEqual({ ok: true, value: amount });
  expect(fromWire({ asset: 'TAO', amount: 'x' }).ok).toBe(false);
});

test('amounts of different assets never mix', () => {
  const tao = { asset: 'TAO', units: 5n };
  expect(add(tao, { asset: 'TAO', units: 2n })).toEqual({ asset: 'TAO', units: 7n });
  expect(subtract(tao, { asset: 'TAO', units: 7n })).toEqual({ asset: 'TAO', units: -2n });
  expect(() => add(tao, { asset: 'alpha-1', units: 2n })).toThrow(TypeError);
});
