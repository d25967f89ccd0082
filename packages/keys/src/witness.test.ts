import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sessionKeyOf } from './session-key.ts';
import { ss58Of } from './ss58.ts';
import {
  countWitnesses,
  type EpochStatement,
  isWitnessedBy,
  signStatement,
  type WitnessSignature,
  WITNESSES_MAX,
  witnessKeys,
} from './witness.ts';

const WITNESSES = Array.from({ length: 5 }, (_, at) => sessionKeyOf(new Uint8Array(32).fill(at + 1)));
const KEYS = WITNESSES.map(({ publicKey }) => Buffer.from(publicKey).toString('hex'));

const statement: EpochStatement = {
  networkId: new Uint8Array(32).fill(1),
  netuid: 1,
  index: 7,
  dueSequence: 1000,
  inputsSha256: '11'.repeat(32),
  outputsSha256: '22'.repeat(32),
  neurons: [
    { uid: 0, registrationId: 'aa', incentive: 5n, dividend: 0n },
    { uid: 1, registrationId: 'bb', incentive: 0n, dividend: 6n },
  ],
};

const by = (at: number, signed: EpochStatement = statement): WitnessSignature => signStatement(signed, WITNESSES[at]!);
const [miner, validator] = statement.neurons;

/** Everything that a signature must not be carried over to. */
const CHANGES: readonly (readonly [string, Partial<EpochStatement>])[] = [
  ['network', { networkId: new Uint8Array(32).fill(2) }],
  ['subnet', { netuid: 2 }],
  ['epoch', { index: 8 }],
  ['seal', { dueSequence: 1001 }],
  ['inputs', { inputsSha256: '12'.repeat(32) }],
  ['outputs', { outputsSha256: '23'.repeat(32) }],
  ['incentive, by a rao', { neurons: [{ ...miner!, incentive: 4n }, validator!] }],
  ['dividend, by a rao', { neurons: [miner!, { ...validator!, dividend: 7n }] }],
  ['receiver', { neurons: [{ ...miner!, registrationId: 'ab' }, validator!] }],
  ['uid', { neurons: [{ ...miner!, uid: 2 }, validator!] }],
  ['a neuron less', { neurons: [miner!] }],
];

test.for(CHANGES)('a signature does not hold for another %s', ([, change]) => {
  expect(isWitnessedBy(statement, by(0))).toBe(true);
  expect(isWitnessedBy({ ...statement, ...change }, by(0))).toBe(false);
  expect(countWitnesses({ ...statement, ...change }, [by(0)], KEYS)).toEqual([]);
});

test('the signature of a key that does not count does not count, nor one under the name of another', () => {
  expect(countWitnesses(statement, [by(4)], KEYS.slice(0, 3))).toEqual([]);
  expect(countWitnesses(statement, [{ ...by(4), publicKey: by(0).publicKey }], KEYS)).toEqual([]);
});

test.for([
  ['no bytes', new Uint8Array(0)],
  ['a byte short', new Uint8Array(63)],
  ['zeros', new Uint8Array(64)],
])('%s are no signature', ([, signature]) => {
  expect(countWitnesses(statement, [{ publicKey: by(0).publicKey, signature: signature as Uint8Array }], KEYS)).toEqual(
    [],
  );
});

test('more than a ledger can count are not looked at', () => {
  const forged = { publicKey: by(0).publicKey, signature: new Uint8Array(64) };
  const flood = Array.from({ length: WITNESSES_MAX }, () => forged);
  expect(countWitnesses(statement, [...flood, by(0)], KEYS)).toEqual([]);
  expect(countWitnesses(statement, [...flood.slice(1), by(0)], KEYS)).toHaveLength(1);
});

/** A signature of one of five witnesses: right, for something else, forged, or somebody else's. */
const signatures = fc.record({
  witness: fc.nat(4),
  kind: fc.constantFrom('right', 'other epoch', 'forged', 'stolen' as const),
});

test('whatever comes in whatever order, k of n counts exactly the keys with a right signature, once each', () => {
  fc.assert(
    fc.property(fc.array(signatures, { maxLength: WITNESSES_MAX }), fc.subarray([0, 1, 2, 3, 4]), (came, counted) => {
      const told = came.map(({ witness, kind }): WitnessSignature => {
        if (kind === 'right') return by(witness);
        if (kind === 'other epoch') return by(witness, { ...statement, index: 8 });
        if (kind === 'forged') return { ...by(witness), signature: by(witness).signature.map((byte) => byte ^ 1) };
        return { ...by(witness), publicKey: by((witness + 1) % 5).publicKey };
      });
      const expected = counted.filter((at) => came.some(({ witness, kind }) => witness === at && kind === 'right'));
      const found = countWitnesses(
        statement,
        told,
        counted.map((at) => KEYS[at]!),
      );
      expect(found.map(({ key }) => key)).toEqual(expected.map((at) => KEYS[at]));
    }),
    { numRuns: 60 },
  );
});

test('keys are read as hex or SS58, and come out as one form', () => {
  const [first, second] = WITNESSES;
  expect(witnessKeys([KEYS[0]!.toUpperCase(), ss58Of(second!.publicKey)])).toEqual([KEYS[0], KEYS[1]]);
  expect(witnessKeys([])).toEqual([]);
  expect(() => witnessKeys([KEYS[0]!, 'x'])).toThrow('key 2');
  expect(() => witnessKeys([KEYS[0]!, ss58Of(first!.publicKey)])).toThrow('key 2 stands there twice');
  expect(() => witnessKeys(Array.from({ length: WITNESSES_MAX + 1 }, () => KEYS[0]!))).toThrow('at most 16');
});
