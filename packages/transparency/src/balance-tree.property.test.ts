import fc from 'fast-check';
import { expect, test } from 'vitest';
import { valueOf } from '../test/signed-log.ts';
import { balanceText, parseBalance, parseHeader } from './balance-leaf.ts';
import { type BalanceProof, balanceTree, balanceTreeSteps, verifyBalance } from './balance-tree.ts';

const account = fc.stringMatching(/^[a-z][a-z:0-9]{0,6}$/).filter((name) => name !== 'mint');
const accounts = fc.uniqueArray(fc.tuple(account, fc.bigInt({ min: 0n, max: 10n ** 20n })), {
  selector: ([name]) => name,
  maxLength: 40,
});

function balancesOf(rows: readonly (readonly [string, bigint])[]) {
  const issued = rows.reduce((sum, [, balance]) => sum + balance, 0n);
  return [
    { asset: 'TAO', account: 'mint', balance: -issued },
    ...rows.map(([name, balance]) => ({ asset: 'TAO', account: name, balance })),
  ];
}

test('every balance is shown, and that an account has none', async () => {
  await fc.assert(
    fc.asyncProperty(accounts, account, async (rows, stranger) => {
      const balances = balancesOf(rows);
      const tree = balanceTree(9, balances);
      for (const { asset, account: name, balance } of balances) {
        const proof = await tree.prove(asset, name);
        expect(verifyBalance(proof, { root: tree.root, asset, account: name })).toEqual({
          ok: true,
          value: { sequence: 9, balance },
        });
      }
      const expected = rows.find(([name]) => name === stranger)?.[1] ?? 0n;
      const proof = await tree.prove('TAO', stranger);
      expect(valueOf(verifyBalance(proof, { root: tree.root, asset: 'TAO', account: stranger })).balance).toBe(
        expected,
      );
      const other = await tree.prove('ZZZ', stranger);
      expect(valueOf(verifyBalance(other, { root: tree.root, asset: 'ZZZ', account: stranger })).balance).toBe(0n);
    }),
    { numRuns: 60 },
  );
});

test('the order of the accounts does not matter', () => {
  const balances = balancesOf([
    ['a', 1n],
    ['b', 2n],
  ]);
  expect(balanceTree(9, balances.toReversed()).root).toEqual(balanceTree(9, balances).root);
  expect(balanceTree(8, balances).root).not.toEqual(balanceTree(9, balances).root);
});

const balances = balancesOf([
  ['a', 1n],
  ['c', 2n],
  ['e', 3n],
]);
const tree = balanceTree(9, balances);
const expectedOf = (name: string) => ({ root: tree.root, asset: 'TAO', account: name });

test('in steps it is the same tree', () => {
  const many = balancesOf(Array.from({ length: 3500 }, (_, at) => [`a${at}`, BigInt(at)] as const));
  const steps = balanceTreeSteps(9, many);
  let pauses = 0;
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) pauses += 1;
  expect(pauses).toBe(3);
  expect(step.value.root).toEqual(balanceTree(9, many).root);
});

test('no proof hides an account or changes what it has', async () => {
  const shown = await tree.prove('TAO', 'c');
  const [leaf] = shown.leaves;
  const [left, right] = [(await tree.prove('TAO', 'a')).leaves[0]!, (await tree.prove('TAO', 'e')).leaves[0]!];
  const wrong: BalanceProof[] = [
    { ...shown, leaves: [{ ...leaf!, text: leaf!.text.replace('2', '9') }] },
    { ...shown, leaves: [left, right] },
    { ...shown, leaves: [left, leaf!] },
    { ...shown, leaves: [leaf!, right] },
    { ...shown, leaves: [left] },
    { ...shown, leaves: [] },
    { ...shown, leaves: [left, right, leaf!] },
    { ...shown, header: { ...shown.header, text: shown.header.text.replace('\n4\n', '\n3\n') } },
    { ...shown, header: left },
  ];
  for (const proof of wrong) expect(verifyBalance(proof, expectedOf('c')).ok).toBe(false);
  expect(verifyBalance(shown, { ...expectedOf('c'), root: new Uint8Array(32) }).ok).toBe(false);
  expect(verifyBalance(shown, expectedOf('c')).ok).toBe(true);
});

test('a proof for one account is none for another', async () => {
  const absent = await tree.prove('TAO', 'b');
  expect(valueOf(verifyBalance(absent, expectedOf('b'))).balance).toBe(0n);
  for (const name of ['a', 'c', 'd', 'mint', 'zz']) expect(verifyBalance(absent, expectedOf(name)).ok).toBe(false);
});

test('what is no tree of balances is not made', () => {
  expect(() => balanceTree(9, [...balances, balances[0]!])).toThrow(RangeError);
  expect(() => balanceTree(9, balances.slice(1))).toThrow(RangeError);
  expect(() => balanceText({ asset: 'TAO', account: 'a\nb', balance: 1n })).toThrow(RangeError);
  expect(() => balanceText({ asset: '', account: 'a', balance: 1n })).toThrow(RangeError);
});

test.for([
  'subnetes/balance/v1\nTAO\na\n01\n',
  'subnetes/balance/v1\nTAO\na\n-0\n',
  'subnetes/balance/v1\nTAO\na\n1',
  'subnetes/balance/v1\nTAO\na b\n1\n',
  'subnetes/balances/v1\n9\n4\nTAO 6 -6\n',
])('%j is no leaf', (text) => {
  expect(parseBalance(text)).toBeUndefined();
});

test('a header whose asset does not cancel out is none', () => {
  expect(parseHeader('subnetes/balances/v1\n9\n4\nTAO 6 -6\n')).toBeDefined();
  for (const text of [
    'subnetes/balances/v1\n9\n4\nTAO 6 -5\n',
    'subnetes/balances/v1\n9\n4\nTAO -6 6\n',
    'x\n9\n4\n',
  ]) {
    expect(parseHeader(text)).toBeUndefined();
  }
});
